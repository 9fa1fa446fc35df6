//! Backoff: a bot waits longer and longer between its attempts to reach a server that is down.
//!
//! `cargo run --example bot`

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sage_supervisor::{ChildContext, SageError, child, supervisor};
use tokio::time::{Instant, sleep};

/// A chat server, which is up or down.
#[derive(Clone)]
struct Server {
    is_up: Arc<AtomicBool>,
    began: Instant,
}

impl Server {
    fn answer(&self) -> io::Result<()> {
        match self.is_up.load(Ordering::Relaxed) {
            true => Ok(()),
            false => Err(io::ErrorKind::ConnectionRefused.into()),
        }
    }

    fn switch(&self, is_up: bool) {
        self.is_up.store(is_up, Ordering::Relaxed);
        self.say(if is_up { "server: up" } else { "server: down" });
    }

    fn say(&self, what: &str) {
        println!("{:>5} ms  {what}", self.began.elapsed().as_millis());
    }
}

/// The bot contains no code for retries: it fails, and its supervisor starts it again after a delay. The
/// server may be down for any length of time: restarts that were delayed count only for a restart limit
/// that is declared, and none is.
#[child(backoff(initial = "100ms", max = "800ms", reset_after = "500ms"))]
async fn bot(ctx: ChildContext, server: Server) -> io::Result<()> {
    server.say(&format!("bot:    attempt {}", ctx.restarts() + 1));
    server.answer()?;
    server.say("bot:    hello, everybody");
    while !ctx.is_cancelled() {
        sleep(Duration::from_millis(50)).await;
        server.answer()?;
    }
    server.say("bot:    goodbye");
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), SageError> {
    let server = Server { is_up: Arc::default(), began: Instant::now() };
    let chat = supervisor! {
        name = "chat",
        #[child]
        bot = bot(server.clone()),
    };
    server.switch(false);
    let running = chat.start();

    // The delays are 100, 200, 400 ms, and then 800 ms each time, each a little shorter by its jitter.
    sleep(Duration::from_secs(3)).await;
    server.switch(true);
    sleep(Duration::from_millis(1_500)).await;

    // The bot was up for longer than `reset_after`, so the delays begin with 100 ms again.
    server.switch(false);
    sleep(Duration::from_millis(600)).await;
    server.switch(true);
    sleep(Duration::from_secs(1)).await;
    running.shutdown().await
}
