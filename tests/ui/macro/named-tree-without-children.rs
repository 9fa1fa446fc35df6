use sage_supervisor::{Supervisor, supervisor};

supervisor! {
    fn storage() -> Supervisor {
        strategy = "rest_for_one",
    }
}

fn main() {
    drop(storage());
}
