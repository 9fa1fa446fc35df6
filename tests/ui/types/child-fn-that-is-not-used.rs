#![deny(dead_code)]

use std::time::Duration;

use sage_supervisor::prelude::*;

#[child]
async fn forgotten(ctx: ChildContext) {
    ctx.cancelled().await;
}

#[child(restart = "transient")]
async fn forgotten_with_arguments(_: ChildContext, time: Duration) -> std::io::Result<()> {
    tokio::time::sleep(time).await;
    Ok(())
}

#[child]
async fn listed(ctx: ChildContext) {
    ctx.cancelled().await;
}

#[child]
async fn listed_in_a_function(ctx: ChildContext) {
    ctx.cancelled().await;
}

supervisor! {
    fn tree() -> Supervisor {
        #[child]
        listed_in_a_function = listed_in_a_function(),
    }
}

fn main() {
    let _ = supervisor! {
        #[child]
        listed = listed(),

        #[child(tree)]
        tree = tree(),
    };
}
