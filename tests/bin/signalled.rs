//! A program that runs until it is told to end by a signal, for the tests of that.
//!
//! Its argument says how its children take it: `obey`, `slow` (stops after an hour), or `blocked`
//! (blocks a thread of the runtime for good). It prints `ready` once they are up, and in the end
//! the result.

use std::time::Duration;

use sage_supervisor::{ChildContext, ChildSpec, RestartConfig, Shutdown, Strategy, Supervisor};

async fn child(ctx: ChildContext, mode: String) {
    println!("ready");
    if mode == "blocked" {
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
    let child = ChildSpec::new("child", move |ctx| child(ctx, mode.clone()));
    let result = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
        .kill_grace(Duration::from_millis(100))
        .children([child.shutdown(Shutdown::Infinity)])
        .run_until_signal()
        .await;
    match result {
        Ok(()) => println!("ok"),
        Err(error) => println!("error: {error}"),
    }
}
