use sage_supervisor::{ChildContext, supervisor};

async fn work(_: ChildContext) {}

fn main() {
    let _ = supervisor! {
        #[child]
        worker = async |ctx| work(ctx),
    };
}
