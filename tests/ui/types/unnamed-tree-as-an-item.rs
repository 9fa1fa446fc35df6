use sage_supervisor::{ChildContext, supervisor};

async fn worker(_: ChildContext) {}

supervisor! {
    #[child]
    worker = worker,
}

fn main() {}
