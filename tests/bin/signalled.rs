//! A program that runs until it is told to end by a signal, for the tests of that.
//!
//! Its argument says how its children take it: `obey`, `slow` (stops after an hour), `blocked`
//! (blocks a thread of the runtime for good), `fails` (does that, beside another that trips the
//! breaker), or `rude` (obeys, but the subscriber of events panics). It prints `ready` once they are
//! up, and in the end the result.

use std::time::Duration;

use sage_supervisor::{ChildContext, ChildSpec, RestartConfig, Shutdown, Strategy, Supervisor};
use sage_supervisor_tests::Rude;

const GRACE: Duration = Duration::from_millis(500);

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
        sage_supervisor_tests::quiet_panics();
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
