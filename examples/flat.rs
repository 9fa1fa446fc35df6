//! A flat tree: three chores side by side, each restarted as fits it.
//!
//! `cargo run --example flat`

use std::time::Duration;

use sage_supervisor::{BoxError, ChildContext, supervisor};
use tokio::time::sleep;

/// Runs for ever; when it fails it is simply started again.
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

/// Has an end; only if it fails it is started again.
async fn import(ctx: ChildContext) {
    println!("import:      attempt {}", ctx.restarts() + 1);
    sleep(Duration::from_millis(300)).await;
    assert!(ctx.restarts() > 0, "line 17 is no number");
    println!("import:      done, once and for all");
}

/// Nice to have; if it fails, so be it.
async fn greeting() -> Result<(), BoxError> {
    println!("greeting:    looks for a printer");
    Err("no printer".into())
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let chores = supervisor! {
        // It has nothing to put in order, so it is not asked to stop.
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
