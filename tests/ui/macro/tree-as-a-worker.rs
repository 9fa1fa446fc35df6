use sage_supervisor::{Supervisor, supervisor};

supervisor! {
    fn storage() -> Supervisor {
        #[child]
        pool = |_| async {},
    }
}

fn main() {
    let size = 3;
    drop(supervisor! {
        #[child(tree, shutdown = "brutal_kill")]
        killed = storage(),

        #[child(tree, ready_within = "1s", heartbeat = "1s")]
        beating = storage(),

        #[child(tree, clone(size))]
        cloning = storage(),
    });
    drop(supervisor! {
        auto_shutdown = "any_significant",

        #[child(tree)]
        storage = storage(),
    });
}
