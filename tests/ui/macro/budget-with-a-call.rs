use sage_supervisor::{ChildContext, child, supervisor};

#[child(shutdown = "10s")]
async fn pool(_: ChildContext, size: usize) {
    drop(size);
}

fn main() {
    let _ = supervisor! {
        shutdown_budget = "30s",

        #[child]
        storage = supervisor! {
            #[child]
            pool = pool(8),
        },
    };
}
