use sage_supervisor::{Supervisor, supervisor};

supervisor! {
    fn storage() -> Supervisor;

    fn app() -> Supervisor {
        #[child(restart = "sometimes")]
        worker = |_| async {},
    }
}

fn main() {
    drop(app());
}
