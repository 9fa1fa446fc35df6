use sage_supervisor::{ChildContext, child, supervisor};

#[child(max_restarts = "unlimited", within = "0s")]
async fn worker(ctx: ChildContext) {
    ctx.cancelled().await;
}

fn main() {
    let _ = supervisor! {
        #[child(max_restarts = unlimited)]
        a = |_| async {},

        #[child(max_restarts = "three", within = "0m")]
        b = |_| async {},

        #[child(max_restarts = -1, within = 5)]
        c = |_| async {},
    };
}
