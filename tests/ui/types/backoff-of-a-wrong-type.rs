use std::time::Duration;

use sage_supervisor::{ChildContext, child, supervisor};

#[child(heartbeat = 5 * 2, max_restarts = Some(3), within = Duration::from_secs(1).as_secs())]
async fn worker(ctx: ChildContext) {
    ctx.cancelled().await;
}

fn main() {
    let time = Duration::from_secs(1);
    let _ = supervisor! {
        backoff(initial = Some(time), factor = time, jitter = 1u8 + 1),

        #[child(backoff = time)]
        job = |_| async {},
    };
}
