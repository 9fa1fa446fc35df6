//! A JSON-RPC server over stdio, as a language server or an MCP server is one. Its driver sends the
//! requests of others and hands out the answers by their ids. When the server crashes, the requests that
//! wait fail, and it is started again. (The server is this program itself, with an argument.)
//!
//! `cargo run --example json_rpc`

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use sage_supervisor::{ProcessIo, prelude::*};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;
use tokio::sync::{Mutex, mpsc, oneshot};

/// A method, and the place for its answer. The place is dropped if the server has ended meanwhile.
type Call = (&'static str, oneshot::Sender<String>);

/// Talks to one instance of the server. All requests that wait are dropped with this future.
async fn drive(
    mut io: ProcessIo,
    ctx: ChildContext,
    calls: Arc<Mutex<mpsc::Receiver<Call>>>,
) -> io::Result<()> {
    let (mut lines, mut calls) = (BufReader::new(io.stdout).lines(), calls.lock().await);
    let (mut waiting, mut next_id) = (HashMap::new(), 0_u64);
    ctx.ready().await;
    loop {
        tokio::select! {
            () = ctx.cancelled() => return io.stdin.write_all(b"{\"method\":\"exit\"}\n").await,
            Some((method, answer)) = calls.recv() => {
                next_id += 1;
                waiting.insert(next_id, answer);
                let request = format!("{{\"jsonrpc\":\"2.0\",\"id\":{next_id},\"method\":\"{method}\"}}\n");
                io.stdin.write_all(request.as_bytes()).await?;
            }
            line = lines.next_line() => {
                let line = line?.ok_or(io::ErrorKind::UnexpectedEof)?;
                if let Some(answer) = id_of(&line).and_then(|id| waiting.remove(&id)) {
                    let _ = answer.send(line);
                }
            }
        }
    }
}

fn id_of(line: &str) -> Option<u64> {
    line.split_once("\"id\":")?.1.split([',', '}']).next()?.parse().ok()
}

/// The server. A request `crash` is its bad day.
fn serve() -> io::Result<()> {
    for line in io::stdin().lines() {
        let line = line?;
        match id_of(&line) {
            Some(id) if line.contains("ping") => {
                println!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":\"pong\"}}");
            }
            Some(_) => std::process::exit(70),
            None => return Ok(()),
        }
        io::stdout().flush()?;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    if std::env::args().nth(1).as_deref() == Some("serve") {
        return Ok(serve()?);
    }
    let (calls, inbox) = mpsc::channel(16);
    let inbox = Arc::new(Mutex::new(inbox));
    let program = std::env::current_exe()?;
    let server = ChildSpec::command("server", move || {
        let mut command = Command::new(&program);
        command.arg("serve");
        command
    })
    .driver(move |io, ctx| drive(io, ctx, Arc::clone(&inbox)));
    let app = supervisor! {
        name = "editor",

        #[child(ready_within = "10s")]
        server = server,
    };
    let app = app.start();
    for method in ["ping", "crash", "ping"] {
        let (answer, answered) = oneshot::channel();
        calls.send((method, answer)).await?;
        match tokio::time::timeout(Duration::from_secs(30), answered).await? {
            Ok(line) => println!("{method}: {line}"),
            Err(_) => println!("{method}: the server has ended"),
        }
    }
    app.shutdown().await?;
    println!("the server has stopped");
    Ok(())
}
