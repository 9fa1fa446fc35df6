use sage_supervisor::{ChildContext, child, supervisor};

#[child(shutdown = "10s")]
async fn worker(_: ChildContext, size: usize) {
    drop(size);
}

async fn listener(_: ChildContext) {}

fn main() {
    let _ = supervisor! {
        shutdown_budget = "30s",

        #[child(restart = "transient")]
        worker_1 = worker(1),

        #[child]
        listener = listener,

        #[child]
        closure = |_| async {},
    };
}
