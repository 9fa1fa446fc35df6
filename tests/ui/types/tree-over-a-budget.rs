use sage_supervisor::{Supervisor, supervisor};

supervisor! {
    fn storage() -> Supervisor {
        #[child(shutdown = "20s")]
        pool = |_| async {},

        #[child]
        cache = |_| async {},
    }

    fn app() -> Supervisor {
        shutdown_budget = "10s",

        #[child(tree)]
        storage = storage(),
    }
}

fn main() {
    drop(app());
    drop(supervisor! {
        name = "shop",
        shutdown_budget = "20s",

        #[child]
        web = |_| async {},

        #[child]
        db = supervisor! {
            #[child(tree)]
            storage = storage(),
        },
    });
}
