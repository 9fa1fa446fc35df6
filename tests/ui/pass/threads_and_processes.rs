//! Specs of children that are no tasks, under settings of the block.

#![deny(warnings)]

use std::time::Duration;

use sage_supervisor::{BlockingContext, ChildSpec, CommandSpec, SageResult, Shutdown, supervisor};
use tokio::process::Command;

fn crunch(ctx: BlockingContext) -> SageResult<()> {
    ctx.ready();
    assert!(ctx.wait_cancelled(Duration::from_secs(300)));
    Ok(())
}

fn proxy() -> ChildSpec {
    ChildSpec::command("proxy", || {
        let mut command = Command::new("sleep");
        command.arg("600");
        CommandSpec::new(command).keep_output()
    })
}

#[tokio::main]
async fn main() {
    let app = supervisor! {
        name = "app",

        #[child(shutdown = "2s", ready_within = "300s")]
        crunch = ChildSpec::blocking("other", crunch),

        #[child(restart = "transient", shutdown = "brutal_kill")]
        proxy = proxy(),

        #[child(shutdown = "infinity")]
        closure = ChildSpec::blocking("closure", |ctx| {
            while !ctx.wait_cancelled(Duration::MAX) {}
        }),
    };
    let app = app.start();
    let settings = app.handle().children().await.expect("it runs");
    let settings = settings.iter().map(|child| (&*child.name, child.shutdown));
    let expected = [
        ("crunch", Shutdown::Timeout(Duration::from_secs(2))),
        ("proxy", Shutdown::BrutalKill),
        ("closure", Shutdown::Infinity),
    ];
    assert!(settings.eq(expected));
    app.kill().await.expect("all end");
}
