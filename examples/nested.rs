//! A nested tree: a supervisor handles the failures of its own children, until its restart limit is
//! reached and its parent takes over.
//!
//! `cargo run --example nested`

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use sage_supervisor::{BoxError, ChildContext, supervisor};
use tokio::time::sleep;

/// A child that runs until it is asked to stop.
async fn part(ctx: ChildContext) {
    println!("+ {}", ctx.path());
    ctx.cancelled().await;
    println!("- {}", ctx.path());
}

/// A connection that breaks as many times as `trouble` says.
async fn connection(ctx: ChildContext, trouble: Arc<AtomicI32>) -> Result<(), BoxError> {
    println!("+ {}", ctx.path());
    sleep(Duration::from_millis(500)).await;
    if trouble.fetch_sub(1, Ordering::SeqCst) > 0 {
        println!("! {} breaks", ctx.path());
        return Err("connection reset".into());
    }
    ctx.cancelled().await;
    println!("- {}", ctx.path());
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxError> {
    // The first break restarts both children of the storage. The second break exceeds the restart
    // limit of the storage, which ends; its parent starts it again, together with the site, which
    // comes after it.
    let trouble = Arc::new(AtomicI32::new(2));
    let app = supervisor! {
        name = "app",
        strategy = "rest_for_one",
        #[child]
        metrics = part,
        #[child]
        storage = supervisor! {
            strategy = "one_for_all",
            max_restarts = 1,
            within = "1m",
            #[child(clone(trouble))]
            connection = async move |ctx| connection(ctx, trouble).await,
            #[child]
            cache = part,
        },
        #[child]
        site = part,
    };
    let running = app.start();
    sleep(Duration::from_secs(2)).await;
    println!("shutdown, last first:");
    Ok(running.shutdown().await?)
}
