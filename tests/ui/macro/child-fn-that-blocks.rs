use sage_supervisor::{BlockingContext, child, supervisor};

#[child]
fn crunch(ctx: BlockingContext) {
    while !ctx.is_cancelled() {}
}

#[child]
async fn digest(limit: u32, ctx: sage_supervisor::BlockingContext) {
    assert!(!ctx.is_cancelled() || limit > 0);
}

fn main() {
    let _ = supervisor! {
        #[child]
        crunch = crunch(),

        #[child]
        digest = digest(5),
    };
}
