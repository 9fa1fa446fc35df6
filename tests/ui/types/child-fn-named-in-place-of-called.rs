use sage_supervisor::{ChildContext, child, supervisor};

#[child]
async fn pinger(_: ChildContext) {}

#[child]
async fn worker(_: ChildContext, limit: u32) {
    drop(limit);
}

fn main() {
    let _ = supervisor! {
        #[child]
        pinger = pinger,

        #[child]
        worker = worker,
    };
}
