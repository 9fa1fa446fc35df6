#![deny(warnings)]

use std::time::Duration;

use sage_supervisor::{ChildContext, Supervisor, child, supervisor};

type Context = ChildContext;

#[child]
async fn alias(ctx: Context, size: usize) {
    drop((ctx, size));
}

fn main() {
    // The time of the nested block is known.
    let app: Supervisor = supervisor! {
        shutdown_budget = "10s",

        #[child]
        pool = supervisor! {
            #[child]
            worker = |_| async {},
        }
        .keep_alive(true)
        .kill_grace(Duration::from_secs(2)),

        #[child]
        other = supervisor! { name = "idle" }.keep_alive(true).unresponsive_timeout(Duration::ZERO),

        #[child(shutdown = "5s")]
        alias = alias(3),
    };
    drop(app);

    // The children that a method adds are not seen: the block is a start like any other.
    drop(supervisor! {
        #[child]
        pool = supervisor! { keep_alive = true }.children((0..3).map(alias)),

        #[child]
        named = supervisor! { #[child] worker = |_| async {} }.name("n"),
    });
}
