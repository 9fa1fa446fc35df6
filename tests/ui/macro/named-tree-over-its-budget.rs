use sage_supervisor::{Supervisor, supervisor};

supervisor! {
    fn storage() -> Supervisor {
        shutdown_budget = "10s",

        #[child(shutdown = "20s")]
        pool = |_| async {},
    }
}

fn main() {
    drop(storage());
}
