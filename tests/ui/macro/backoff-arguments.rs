use sage_supervisor::{ChildContext, child, supervisor};

#[child(backoff(initial_interval = "1s"))]
async fn worker(ctx: ChildContext) {
    ctx.cancelled().await;
}

fn main() {
    let _ = supervisor! {
        backoff(initial = "1s", facter = 2, colour = "red", max = "5s", max = "6s"),

        #[child(backoff(initial = "1s", multiplier = 2))]
        job = |_| async {},

        #[child(backoff("1s"))]
        other = |_| async {},
    };
}
