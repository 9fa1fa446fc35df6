//! A supervised child for each connection of an echo server, and three clients.
//!
//! A connection owns its socket, so it is started once and never restarted. At the end all connections
//! are asked to stop at the same time, and have two seconds to say goodbye.

use std::time::Duration;

use sage_supervisor::{OnceChild, prelude::*};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

#[child]
async fn listener(
    ctx: ChildContext,
    socket: std::sync::Arc<TcpListener>,
    connections: DynamicSupervisor,
) -> std::io::Result<()> {
    while let Some(accepted) = ctx.token().run_until_cancelled(socket.accept()).await {
        let (stream, _) = accepted?;
        let connection = OnceChild::new("connection", |ctx| echo(ctx, stream));
        if let Err(refused) = connections.start_child(connection.shutdown(SECONDS_2)).await {
            println!("refused: {refused}");
        }
    }
    Ok(())
}

const SECONDS_2: Duration = Duration::from_secs(2);

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
