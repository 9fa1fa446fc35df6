use sage_supervisor::{ChildContext, child};

#[child(restart = "trasient", shutdown = "5", clone(db), crate)]
async fn worker(ctx: ChildContext) {
    ctx.cancelled().await;
}

#[child(shutdown = "0s")]
async fn other(ctx: ChildContext) {
    ctx.cancelled().await;
}

fn main() {}
