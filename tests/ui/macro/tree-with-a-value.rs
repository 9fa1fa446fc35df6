use sage_supervisor::{Supervisor, supervisor};

supervisor! {
    fn storage() -> Supervisor {
        #[child]
        pool = |_| async {},
    }
}

fn main() {
    drop(supervisor! {
        #[child(tree = true)]
        storage = storage(),

        #[child(tree(storage))]
        other = storage(),
    });
}
