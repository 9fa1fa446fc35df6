//! The report on the end of a tree, whose shutdown is requested by one of its children.
//!
//! A service holds a lease, and must not go on without it. The child that loses the lease requests the
//! shutdown of the whole tree. The report names the requester and the reason, and says how long each
//! child took to stop.
//!
//! `cargo run --example watch_the_end`

use std::time::Duration;

use sage_supervisor::{BoxError, OnceChild, prelude::*};
use tokio::time::sleep;

const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A child that takes some time to stop.
async fn part(ctx: ChildContext, finish: Duration) {
    ctx.cancelled().await;
    sleep(finish).await;
}

/// A child that ignores the request to stop.
async fn vacuum(_: ChildContext) {
    std::future::pending::<()>().await;
}

/// A temporary child, whose failure stops nothing.
async fn warm_up(_: ChildContext) -> Result<(), BoxError> {
    Err("the cache is empty".into())
}

/// A permanent child, which fails once and is restarted.
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
        tolerate_unclean_stop = true, // nothing is lost if the vacuum is aborted

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
    // A requested shutdown is not an error. A child that is late would make it one, if that were not
    // tolerated.
    report.into_result()
}
