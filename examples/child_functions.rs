//! Child functions: an `async fn` that carries its own options, and is used for several children.
//!
//! `cargo run --example child_functions`

use std::time::Duration;

use sage_supervisor::{BoxError, ChildContext, child, supervisor};
use tokio::sync::mpsc;
use tokio::time::sleep;

/// Probes one site again and again. `#[child]` makes a constructor of the function: `probe(results,
/// every)` is the spec of a child.
#[child(restart = "permanent", shutdown = "1s")]
async fn probe(
    ctx: ChildContext,
    results: mpsc::Sender<String>,
    every: Duration,
) -> Result<(), BoxError> {
    for round in 1.. {
        if ctx.name() == "shaky.example" && round == 3 {
            return Err("cannot be resolved".into());
        }
        let result = format!("{}: {round}, restart {}", ctx.name(), ctx.restarts());
        let report = async {
            results.send(result).await?; // waits while nobody reads the results
            sleep(every).await;
            Ok::<(), BoxError>(())
        };
        match ctx.token().run_until_cancelled(report).await {
            Some(reported) => reported?,
            None => break,
        }
    }
    Ok(())
}

/// Warms something up once, and ends.
#[child(restart = "transient")]
async fn warm_up(_: ChildContext, what: &'static str) {
    println!("{what} is warm");
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let (results, mut printer) = mpsc::channel(16);
    let every = Duration::from_millis(250);
    let mut probes = supervisor! {
        // A site that cannot be reached is probed again after a while, however often that happens.
        backoff(initial = "50ms", max = "1s"),

        #[child]
        warm_up = warm_up("the resolver"),

        // An option in the block takes precedence over the option of the function.
        #[child(restart = "temporary")]
        once = probe(results.clone(), every),
    };
    // More children come from a list that is known at run time.
    for site in ["solid.example", "shaky.example"] {
        probes = probes.child(site, probe(results.clone(), every));
    }
    let running = probes.start();
    for _ in 0..20 {
        println!("{}", printer.recv().await.ok_or("no probe is left")?);
    }
    Ok(running.shutdown().await?)
}
