use sage_supervisor::{Supervisor, supervisor};

supervisor! {
    strategy = "rest_for_one",

    fn storage() -> Supervisor {
        #[child]
        pool = |_| async {},
    }

    max_restarts = 3,
}

supervisor! {
    fn cache() -> Supervisor {
        #[child]
        pool = |_| async {},
    }

    #[child]
    worker = |_| async {},
}

fn main() {
    drop((storage(), cache()));
}
