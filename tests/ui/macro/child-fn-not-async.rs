use sage_supervisor::{ChildContext, child};

#[child]
fn worker(ctx: ChildContext) {
    let _ = ctx;
}

fn main() {}
