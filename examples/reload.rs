//! A service that reads its configuration again at SIGHUP, and restarts only what has changed.
//!
//! The file has one port in each line. A listener whose port stays runs on with its connections, and so
//! does everything else.
//!
//! `cargo run --example reload -- FILE`, then `kill -HUP` with the process id that is printed

use std::path::PathBuf;

use sage_supervisor::{BoxError, prelude::*};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

fn ports(file: &PathBuf) -> Result<Vec<u16>, BoxError> {
    let text = std::fs::read_to_string(file)?;
    text.lines().map(|line| line.trim().parse().map_err(BoxError::from)).collect()
}

async fn greet(ctx: ChildContext, port: u16) -> Result<(), BoxError> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("{} listens", ctx.name());
    loop {
        tokio::select! {
            () = ctx.cancelled() => return Ok(()),
            accepted = listener.accept() => accepted?.0.write_all(b"hello\n").await?,
        }
    }
}

async fn clock(ctx: ChildContext) {
    ctx.cancelled().await;
}

fn shop(ports: &[u16]) -> Supervisor {
    // The version tells a reload that a listener is the same: it depends on the port alone.
    let listeners = ports.iter().map(|&port| {
        let start = move |ctx| greet(ctx, port);
        ChildSpec::new(format!("listener-{port}"), start).version(port)
    });
    Supervisor::new(Strategy::OneForOne, RestartConfig::default())
        .name("shop")
        .child("clock", clock)
        .children(listeners)
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let file = PathBuf::from(std::env::args().nth(1).ok_or("give the file with the ports")?);
    let tree = shop(&ports(&file)?);
    println!("process {}", std::process::id());
    let reload = move |running: SupervisorHandle| {
        let file = file.clone();
        async move {
            match ports(&file) {
                Ok(ports) => println!("{:#?}", running.reload(shop(&ports)).await),
                Err(error) => println!("the configuration stays: {error}"),
            }
        }
    };
    tree.until_signal().on_hangup(reload).run().await?;
    Ok(())
}
