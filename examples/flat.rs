//! A flat tree: three children side by side, each with its own restart policy.
//!
//! `cargo run --example flat`

use std::time::Duration;

use sage_supervisor::{BoxError, ChildContext, supervisor};
use tokio::time::sleep;

/// A permanent child: it runs for ever, and is started again whenever it fails.
async fn thermometer(ctx: ChildContext) -> Result<(), BoxError> {
    if let Some(exit) = ctx.previous_exit() {
        println!("thermometer: back, restart {} after {exit}", ctx.restarts());
    }
    for degrees in 20.. {
        sleep(Duration::from_millis(200)).await;
        if degrees == 23 && ctx.restarts() < 2 {
            return Err("the sensor does not answer".into());
        }
        println!("thermometer: {degrees} degrees");
    }
    Ok(())
}

/// A transient child: it is started again only if it fails, and ends for good when its work is done.
async fn import(ctx: ChildContext) {
    println!("import:      attempt {}", ctx.restarts() + 1);
    sleep(Duration::from_millis(300)).await;
    assert!(ctx.restarts() > 0, "line 17 is no number");
    println!("import:      done, once and for all");
}

/// A temporary child: it is not started again, even if it fails.
async fn greeting() -> Result<(), BoxError> {
    println!("greeting:    looks for a printer");
    Err("no printer".into())
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let chores = supervisor! {
        // The thermometer has nothing to clean up, so it is aborted without being asked to stop.
        #[child(shutdown = "brutal_kill")]
        thermometer = thermometer,

        #[child(restart = "transient")]
        import = import,

        #[child(restart = "temporary")]
        greeting = |_| greeting(),
    };
    let running = chores.start();
    sleep(Duration::from_secs(3)).await;
    running.shutdown().await?;
    println!("all stopped");
    Ok(())
}
