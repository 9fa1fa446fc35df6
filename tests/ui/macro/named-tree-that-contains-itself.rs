use sage_supervisor::{Supervisor, supervisor};

supervisor! {
    fn storage() -> Supervisor {
        shutdown_budget = "10s",

        #[child(tree)]
        storage = storage(),

        #[child]
        nested = supervisor! {
            #[child(tree)]
            inner = storage().keep_alive(true),
        },
    }
}

fn main() {
    let _ = storage::TREE;
    drop(storage());
}
