use sage_supervisor::{ChildContext, child};

use std::rc::Rc;

#[child]
async fn worker(ctx: ChildContext, start: u32) {
    let rc = Rc::new(start);
    ctx.cancelled().await;
    drop(rc);
}

fn main() {}
