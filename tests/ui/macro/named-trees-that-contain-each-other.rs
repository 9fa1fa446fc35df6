use sage_supervisor::{Supervisor, supervisor};

supervisor! {
    fn storage() -> Supervisor {
        #[child(tree)]
        cache = cache(),
    }

    fn cache() -> Supervisor {
        #[child]
        inner = supervisor! {
            #[child(tree)]
            storage = storage(),
        },
    }
}

fn main() {
    drop((storage(), cache()));
}
