use sage_supervisor::{ChildContext, child, supervisor};

#[child(heartbeat = "0ms")]
async fn worker(ctx: ChildContext) {
    ctx.cancelled().await;
}

fn main() {
    let _ = supervisor! {
        #[child(heartbeat = "0s")]
        job = |_| async {},

        #[child(heartbeat = 10)]
        other = |_| async {},
    };
}
