use sage_supervisor::{ChildContext, child, supervisor};

#[child(backoff(initial = "5s", max = "1s"))]
async fn worker(ctx: ChildContext) {
    ctx.cancelled().await;
}

fn main() {
    let _ = supervisor! {
        backoff(initial = "1m", max = "30s"),

        #[child(backoff(initial = "5m"))]
        job = |_| async {},
    };
}
