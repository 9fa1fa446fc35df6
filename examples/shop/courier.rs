//! The third party: a courier that quotes delivery fees over HTTP, and our client for it.

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

/// A delivery fee to be asked for. No reply: there is no quote to be had now.
pub(crate) struct Ask {
    pub(crate) reply: oneshot::Sender<u64>,
}

/// Asks the courier. It knows nothing of retries: any trouble is its end, and its supervisor's
/// business.
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
            continue; // who asked has taken the flat fee
        }
        let quote = fetch(Method::GET, courier, "/quote", "");
        let (status, body) = timeout(Duration::from_secs(10), quote).await??;
        if status != StatusCode::OK {
            return Err(format!("the courier answered {status}").into());
        }
        let _ = ask.reply.send(body.trim().parse()?);
    }
}

/// Somebody else's server, somewhere on the internet. It is not part of the tree.
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
