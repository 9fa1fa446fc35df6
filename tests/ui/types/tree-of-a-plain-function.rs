use sage_supervisor::{Supervisor, supervisor};

fn storage() -> Supervisor {
    supervisor! {
        #[child]
        pool = |_| async {},
    }
}

supervisor! {
    fn app() -> Supervisor {
        #[child(tree)]
        storage = storage(),
    }
}

fn main() {
    drop(app());
    drop(supervisor! {
        shutdown_budget = "10s",

        #[child(tree, shutdown = "5s")]
        plain = crate::storage(),
    });
}
