//! An HTTP request over one TCP connection.

use std::net::SocketAddr;

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use sage_supervisor::BoxError;
use tokio::net::TcpStream;

/// Sends a request and reads the whole answer.
pub(crate) async fn fetch(
    method: Method,
    server: SocketAddr,
    path: &str,
    body: impl Into<Body>,
) -> Result<(StatusCode, String), BoxError> {
    let stream = TcpStream::connect(server).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, server.to_string())
        .body(body.into())?;
    let exchange = async move {
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body = to_bytes(Body::new(response.into_body()), 1 << 20).await?;
        Ok::<_, BoxError>((status, String::from_utf8_lossy(&body).into_owned()))
    };
    // The connection ends with the exchange, which owns its sender.
    let (answer, _) = tokio::join!(exchange, connection);
    answer
}
