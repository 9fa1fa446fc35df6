use sage_supervisor::{ChildContext, child};

#[child(tree)]
async fn worker(_: ChildContext) {}

fn main() {
    drop(worker());
}
