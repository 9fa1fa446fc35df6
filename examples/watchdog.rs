//! A heartbeat: a worker that hangs neither ends nor fails, but is detected and restarted all the same.
//!
//! `cargo run --example watchdog`

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sage_supervisor::{ChildContext, SageError, supervisor};
use tokio::time::sleep;

/// Takes one job after another, and gives a heartbeat after each.
async fn worker(ctx: ChildContext, jobs: Arc<AtomicU32>) {
    match ctx.previous_exit() {
        None => println!("worker: starts"),
        Some(exit) => println!("worker: starts again, because of: {exit}"),
    }
    loop {
        let job = jobs.fetch_add(1, Ordering::Relaxed) + 1;
        println!("worker: job {job}");
        if job % 4 == 0 {
            println!("worker: waits for an answer that never comes");
            std::future::pending::<()>().await;
        }
        sleep(Duration::from_millis(150)).await;
        ctx.heartbeat();
    }
}

#[tokio::main]
async fn main() -> Result<(), SageError> {
    let jobs = Arc::new(AtomicU32::new(0));
    let factory = supervisor! {
        name = "factory",

        // A job takes 150 ms, so a worker without a heartbeat for half a second hangs.
        #[child(heartbeat = "500ms", shutdown = "brutal_kill", clone(jobs))]
        worker = async move |ctx| worker(ctx, jobs).await,
    };
    let running = factory.start();
    sleep(Duration::from_millis(2_500)).await;
    running.shutdown().await?;
    println!("took {} jobs", jobs.load(Ordering::Relaxed));
    Ok(())
}
