//! A child that is a program. Its output goes to the log, it is run again when it fails, and at the end
//! it is asked to stop, together with all processes that it has started. (The example needs `sh`.)
//!
//! `cargo run --example process`

use std::sync::atomic::{AtomicU32, Ordering};

use sage_supervisor::{EventKind, Exit, ProcessExit, prelude::*};
use tokio::process::Command;

/// A script that fails twice because its port is in use. Then it serves until it is asked to stop.
const PROXY: &str = r#"
    echo "attempt $1"
    [ "$1" -gt 2 ] || { echo "the port is in use" >&2; exit 1; }
    trap 'echo "says goodbye"; exit 0' TERM
    sleep 600 &
    echo "listens"
    wait
"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().without_time().with_ansi(false).init();

    // The closure is called at every start.
    let attempts = AtomicU32::new(0);
    let proxy = ChildSpec::command("proxy", move || {
        let attempt = attempts.fetch_add(1, Ordering::Relaxed) + 1;
        let mut command = Command::new("sh");
        command.args(["-c", PROXY, "proxy", &attempt.to_string()]);
        command
    });
    let app = supervisor! {
        name = "edge",

        #[child(shutdown = "2s")]
        proxy = proxy,
    };
    let app = app.start();
    let mut events = app.handle().tree_events();
    let mut failures = 0;
    while failures < 2 {
        let Some(Ok(event)) = events.recv().await else { break };
        if let EventKind::Exited { exit: exit @ Exit::Error(_), .. } = event.kind {
            let code = exit.process().and_then(ProcessExit::code);
            println!("{} ended with the code {code:?}", event.path);
            failures += 1;
        }
    }
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    println!("\n{}\n", app.handle().tree().await?);
    app.shutdown().await?;
    Ok(())
}
