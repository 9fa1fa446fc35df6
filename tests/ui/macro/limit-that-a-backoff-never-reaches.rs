use sage_supervisor::{ChildContext, child, supervisor};

#[child(max_restarts = 3, within = "10s", backoff(initial = "5s", jitter = 0))]
async fn worker(ctx: ChildContext) {
    ctx.cancelled().await;
}

fn main() {
    let _ = supervisor! {
        max_restarts = 6,
        within = "10s",
        backoff(initial = "1s"),

        #[child]
        one = |_| async {},

        // A row of failures begins anew: 1 s, then 9 s and 1 s again.
        #[child(
            max_restarts = 9,
            backoff(initial = "1s", max = "1h", factor = 10, reset_after = "9s", jitter = 0),
        )]
        other = |_| async {},
    };
    let _ = supervisor! {
        max_restarts = 2,
        within = "1s",
        backoff(initial = "10s"),

        #[child]
        job = |_| async {},
    };
}
