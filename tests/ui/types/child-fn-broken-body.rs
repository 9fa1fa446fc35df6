use sage_supervisor::{ChildContext, child};

#[child]
async fn worker(ctx: ChildContext, limit: u32) {
    let x = ;
    ctx.cancelled().await;
    let limit: String = limit;
}

fn main() {}
