//! The end of a tree: asked for by one of its children, and reported.
//!
//! A service holds a lease, and must not go on without it. Who loses the lease asks for the end of
//! the whole tree; the report tells why it came to that, and who took how long.
//!
//! `cargo run --example watch_the_end`

use std::time::Duration;

use sage_supervisor::{BoxError, OnceChild, prelude::*};
use tokio::time::sleep;

const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Something that takes its time to stop.
async fn part(ctx: ChildContext, finish: Duration) {
    ctx.cancelled().await;
    sleep(finish).await;
}

/// Does not hear that it is to stop.
async fn vacuum(_: ChildContext) {
    std::future::pending::<()>().await;
}

/// Its failure is no reason to stop anything.
async fn warm_up(_: ChildContext) -> Result<(), BoxError> {
    Err("the cache is empty".into())
}

/// Fails once, and is restarted.
async fn mailer(ctx: ChildContext) -> Result<(), BoxError> {
    if ctx.restarts() == 0 {
        return Err("no route to host".into());
    }
    ctx.cancelled().await;
    Ok(())
}

async fn lease(ctx: ChildContext, sessions: DynamicSupervisor) -> Result<(), BoxError> {
    for finish in [millis(50), millis(600), millis(100)] {
        sessions.start_child(OnceChild::new("session", move |ctx| part(ctx, finish))).await?;
    }
    sleep(millis(500)).await;
    ctx.shutdown_tree("the lease was lost to shop-2");
    ctx.cancelled().await;
    Ok(())
}

#[tokio::main]
async fn main() -> SageResult<()> {
    let sessions = DynamicSupervisor::new();
    let mut shop = supervisor! {
        name = "shop",

        #[child]
        storage = supervisor! {
            #[child]
            writer = async |ctx| part(ctx, millis(400)).await,
            #[child(shutdown = "1s")]
            vacuum = vacuum,
        },
        #[child]
        sessions = sessions.clone(),
        #[child(restart = "temporary")]
        warm_up = warm_up,
        #[child]
        mailer = mailer,
        #[child(clone(sessions))]
        lease = async move |ctx| lease(ctx, sessions).await,
    };
    let report = shop.run_with_report().await;
    println!("{report}");
    // Asked for, so it is no error.
    report.into_result()
}
