use sage_supervisor::{Supervisor, supervisor};

supervisor! {
    fn storage() -> Supervisor {
        #[child(shutdown = "20s")]
        pool = |_| async {},
    }

    fn app() -> Supervisor {
        #[child(tree, shutdown = "3s")]
        storage = storage(),
    }
}

fn main() {
    drop(app());
    drop(supervisor! {
        #[child(shutdown = "4s")]
        db = supervisor! {
            #[child(tree)]
            storage = storage(),
        },
    });
}
