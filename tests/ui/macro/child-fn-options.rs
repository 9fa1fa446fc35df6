use sage_supervisor::{ChildContext, child};

#[child(restart = "trasient", shutdown = "5", clone(db), crate)]
async fn worker(ctx: ChildContext) {
    ctx.cancelled().await;
}

fn main() {}
