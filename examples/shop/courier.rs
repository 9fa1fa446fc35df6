//! The third party: a courier that quotes delivery fees over HTTP, and the shop's client for it.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::http::{Method, StatusCode};
use axum::routing::get;
use sage_supervisor::{BoxError, ChildContext, child};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::faults::Fuse;
use crate::fetch::fetch;
use crate::mailbox::Mailbox;

/// A request for a quote of the delivery fee. If the sender is dropped without a reply, there is no
/// quote at the moment.
pub(crate) struct Ask {
    pub(crate) reply: oneshot::Sender<u64>,
}

/// Requests quotes from the courier. There is no code for retries: the client ends with any error, and
/// its supervisor restarts it, after a longer pause each time. Meanwhile the workers charge a flat fee.
#[child]
pub(crate) async fn client(
    ctx: ChildContext,
    courier: SocketAddr,
    inbox: Mailbox<Ask>,
) -> Result<(), BoxError> {
    loop {
        let ask = tokio::select! {
            () = ctx.cancelled() => return Ok(()),
            Some(ask) = inbox.recv() => ask,
        };
        if ask.reply.is_closed() {
            continue; // the worker has charged the flat fee already
        }
        let quote = fetch(Method::GET, courier, "/quote", "");
        let (status, body) = timeout(Duration::from_secs(10), quote).await??;
        if status != StatusCode::OK {
            return Err(format!("the courier answered {status}").into());
        }
        let _ = ask.reply.send(body.trim().parse()?);
    }
}

/// Starts the courier's own server, which stands for a server on the internet. It is not part of
/// the tree.
pub(crate) async fn somebody_elses_server(fault: Fuse) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let quote = move || async move {
        if fault.goes_off() {
            return (StatusCode::INTERNAL_SERVER_ERROR, String::new());
        }
        (StatusCode::OK, "390".to_owned())
    };
    let router = Router::new().route("/quote", get(quote));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}
