use sage_supervisor::{ChildContext, supervisor};

async fn pinger(_: ChildContext) {}

async fn worker() {}

fn main() {
    let _ = supervisor! {
        #[child]
        pinger = pinger(ctx),

        #[child]
        worker = worker(),
    };
}
