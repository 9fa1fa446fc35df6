use sage_supervisor::{ChildContext, child};

#[child]
async unsafe fn worker(ctx: ChildContext) {
    ctx.cancelled().await;
}

fn main() {}
