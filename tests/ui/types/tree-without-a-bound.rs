use sage_supervisor::{Supervisor, supervisor};

async fn worker(_: sage_supervisor::ChildContext) {}

supervisor! {
    fn storage() -> Supervisor {
        #[child(shutdown = "infinity")]
        pool = |_| async {},
    }

    fn cache() -> Supervisor {
        #[child]
        worker = worker,
    }
}

fn main() {
    drop(supervisor! {
        shutdown_budget = "20s",

        #[child(tree)]
        storage = storage(),
    });
    drop(supervisor! {
        shutdown_budget = "20s",

        #[child(tree)]
        cache = cache(),
    });
}
