//! The restart limit: the error of a supervisor whose child fails too often, and how to act on it.
//!
//! `cargo run --example giving_up`

use std::error::Error;

use sage_supervisor::{BoxError, ChildContext, SageError, supervisor};

/// A listener with an invalid setting, which no restart can repair.
async fn listener(ctx: ChildContext) -> Result<(), BoxError> {
    println!("listener: start {}", ctx.restarts() + 1);
    let port = "80 80".parse::<u16>().map_err(|cause| BadSetting { name: "PORT", cause })?;
    println!("listener: port {port}");
    Ok(())
}

#[derive(Debug)]
struct BadSetting {
    name: &'static str,
    cause: std::num::ParseIntError,
}

impl std::fmt::Display for BadSetting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the setting {} is no number", self.name)
    }
}

impl Error for BadSetting {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.cause)
    }
}

#[tokio::main]
async fn main() {
    let mut server = supervisor! {
        name = "server",
        max_restarts = 2,
        within = "1m",

        #[child]
        listener = listener,
    };
    match server.run().await {
        Err(SageError::Supervisor(reached)) => {
            println!("\n{} reached its restart limit because of {}", reached.path, reached.child);
            // The error that the child returned is still there, with its source chain.
            let mut cause = reached.source();
            while let Some(error) = cause {
                println!("  because: {error}");
                cause = error.source();
            }
        }
        other => println!("ended with {other:?}"),
    }
}
