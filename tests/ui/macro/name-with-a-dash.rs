use sage_supervisor::{ChildContext, supervisor};

async fn worker(_: ChildContext) {}

fn main() {
    let _ = supervisor! {
        max-restarts = 3,

        #[child]
        worker-1 = worker,

        #[child]
        "worker 2" = worker,

        #[child]
        4 = worker,

        #[child]
        "3rd" = |_| async {},
    };
}
