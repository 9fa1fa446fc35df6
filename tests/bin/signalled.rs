//! A program that runs until it is told to end by a signal, for the tests of that.
//!
//! Its argument says how its children take it: `obey`, `slow` (stops after an hour), `blocked`
//! (blocks a thread of the runtime for good), `fails` (does that, beside another that trips the
//! breaker), or `rude` (obeys, but the subscriber of events panics). It prints `ready` once they are
//! up, and in the end the result.

use std::time::Duration;

use sage_supervisor::{ChildContext, ChildSpec, RestartConfig, Shutdown, Strategy, Supervisor};

const GRACE: Duration = Duration::from_millis(500);

/// Panics at every event.
struct Rude;

impl tracing::Subscriber for Rude {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, _: &tracing::Event<'_>) {
        panic!("a rude subscriber");
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

async fn child(ctx: ChildContext, mode: String) {
    println!("ready");
    if mode == "blocked" || mode == "fails" {
        loop {
            std::thread::park();
        }
    }
    ctx.cancelled().await;
    println!("asked");
    if mode == "slow" {
        tokio::time::sleep(Duration::from_secs(3_600)).await;
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mode = std::env::args().nth(1).unwrap_or_default();
    if mode == "rude" {
        std::panic::set_hook(Box::new(|_| {}));
        tracing::subscriber::set_global_default(Rude).expect("there is no other");
    }
    let limit = RestartConfig { max_restarts: 0, ..RestartConfig::default() };
    let mut tree = Supervisor::new(Strategy::OneForOne, limit).kill_grace(GRACE);
    if mode == "fails" {
        let fails = async |_: ChildContext| tokio::time::sleep(GRACE).await;
        tree = tree.children([ChildSpec::new("fails", fails)]);
    }
    let shutdown = if mode == "fails" { Shutdown::BrutalKill } else { Shutdown::Infinity };
    let child = ChildSpec::new("child", move |ctx| child(ctx, mode.clone()));
    let result = tree.children([child.shutdown(shutdown)]).run_until_signal().await;
    match result {
        Ok(()) => println!("ok"),
        Err(error) => println!("error: {error}"),
    }
}
