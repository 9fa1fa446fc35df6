//! A supervised child for each connection of an echo server, and three clients.
//!
//! A connection owns its socket, so it is started once and never restarted. At the end all connections
//! are asked to stop at the same time, and have two seconds to say goodbye.
//!
//! With a number as its argument, that many idle clients come first, and leave before the three. With
//! `ulimit -n 30` and 100 idle clients, the listener runs out of file descriptors, and recovers.

use std::time::Duration;

use sage_supervisor::{CommandError, prelude::*};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

#[child]
async fn listener(
    ctx: ChildContext,
    socket: std::sync::Arc<TcpListener>,
    connections: DynamicSupervisor,
) -> Result<(), CommandError> {
    loop {
        // A client is accepted only when there is room for its connection. The others wait meanwhile.
        let accept = async {
            let permit = connections.reserve().await?;
            Ok::<_, CommandError>((permit, socket.accept().await))
        };
        let Some(accepted) = ctx.token().run_until_cancelled(accept).await else { return Ok(()) };
        let (permit, accepted) = accepted?;
        match accepted {
            Ok((stream, _)) => {
                let connection = OnceChild::new("connection", |ctx| echo(ctx, stream));
                permit.start_child(connection.shutdown(GOODBYE)).await?;
            }
            // The process has no file descriptor left, or the client has gone. Neither is a reason to
            // end: the open connections go on, and there is room again when one of them closes.
            Err(error) => {
                println!("cannot accept: {error}");
                ctx.token().run_until_cancelled(sleep(PAUSE)).await;
            }
        }
    }
}

/// The time that a connection has to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);
/// The pause after a connection that could not be accepted.
const PAUSE: Duration = Duration::from_millis(100);

async fn echo(ctx: ChildContext, mut stream: TcpStream) -> std::io::Result<()> {
    let (read, mut write) = stream.split();
    let mut lines = BufReader::new(read).lines();
    while let Some(line) = ctx.token().run_until_cancelled(lines.next_line()).await {
        let Some(line) = line? else { return Ok(()) };
        write.write_all(format!("{line}, says {}\n", ctx.name()).as_bytes()).await?;
    }
    write.write_all(b"goodbye\n").await
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let socket = std::sync::Arc::new(TcpListener::bind("127.0.0.1:0").await?);
    let address = socket.local_addr()?;
    let connections = DynamicSupervisor::new().max_children(100);
    let server = supervisor! {
        name = "server",
        #[child]
        connections = connections.clone(),
        #[child(shutdown = "1s")]
        listener = listener(socket, connections),
    };
    let server = server.start();
    let idle: usize = std::env::args().nth(1).map_or(Ok(0), |number| number.parse())?;
    let mut crowd = Vec::new();
    while crowd.len() < idle {
        // The clients and the server share the file descriptors of this process.
        let Ok(client) = TcpStream::connect(address).await else { break };
        crowd.push(client);
    }
    if idle > 0 {
        sleep(PAUSE * 3).await;
        println!("{} idle clients leave", crowd.len());
        drop(crowd);
    }
    let mut clients = Vec::new();
    for name in ["ada", "bob", "eve"] {
        let mut client = BufReader::new(TcpStream::connect(address).await?);
        client.write_all(format!("{name}\n").as_bytes()).await?;
        let mut line = String::new();
        client.read_line(&mut line).await?;
        print!("{line}");
        clients.push(client);
    }
    server.shutdown().await?;
    for mut client in clients {
        let mut line = String::new();
        client.read_line(&mut line).await?;
        print!("{line}");
    }
    Ok(())
}
