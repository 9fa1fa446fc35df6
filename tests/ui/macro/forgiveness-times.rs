use sage_supervisor::{ChildContext, child, supervisor};

#[child(forgive_after = "0s")]
async fn worker(ctx: ChildContext) {
    ctx.cancelled().await;
}

fn main() {
    let _ = supervisor! {
        forgive_after = "0s",

        #[child(forgive_after = 10)]
        a = |_| async {},

        #[child(forgive_after("10s"))]
        b = |_| async {},

        #[child(min_uptime = "10s")]
        c = |_| async {},
    };
}
