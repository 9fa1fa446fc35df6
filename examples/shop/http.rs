//! The HTTP listener, which takes orders, shows the state of the shop, and injects faults on request.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use sage_supervisor::{BoxError, ChildContext};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::faults::Faults;
use crate::order::Order;
use crate::page;
use crate::storage::Totals;
use crate::store::Store;
use crate::tally::Tally;
use crate::workers::Job;

/// The time that an order may take before the customer is told to repeat it.
const PATIENCE: Duration = Duration::from_secs(2);

/// The state that the handlers share.
#[derive(Clone)]
pub(crate) struct Counter {
    pub(crate) jobs: mpsc::Sender<Job>,
    pub(crate) store: Store,
    pub(crate) totals: watch::Receiver<Totals>,
    pub(crate) tally: watch::Receiver<Tally>,
    pub(crate) faults: Faults,
}

/// Serves until it is asked to stop. Open requests are answered before it ends.
///
/// The socket belongs to the shop, not to the listener: while this child is restarted, customers
/// wait in the socket's queue and nobody is turned away.
pub(crate) async fn listen(
    ctx: ChildContext,
    socket: Arc<TcpListener>,
    counter: Counter,
) -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(socket.try_clone()?)?;
    let router = Router::new()
        .route("/", get(show))
        .route("/orders", get(list).post(order))
        .route("/break/{what}", post(sabotage))
        .with_state(counter);
    axum::serve(listener, router).with_graceful_shutdown(ctx.cancelled_owned()).await
}

type Answer = (StatusCode, String);

/// `POST /orders`, with a body such as `ann-0007 tea 2`.
///
/// The answer 201 means that the order is on disk, and 200 that it was on disk already. After a 503 the
/// customer repeats the order with the same id.
async fn order(State(counter): State<Counter>, body: String) -> Answer {
    let Some(order) = Order::parse(&body) else {
        return (StatusCode::BAD_REQUEST, "an order is: id item quantity (1 to 1000)\n".to_owned());
    };
    let Some(price) = order.cents() else {
        return (StatusCode::NOT_FOUND, "there is tea, coffee and cocoa\n".to_owned());
    };
    let (reply, stored) = oneshot::channel();
    let work = async {
        counter.jobs.send(Job { order, price, reply }).await.ok()?;
        stored.await.ok()
    };
    let Ok(Some(stored)) = timeout(PATIENCE, work).await else {
        return (StatusCode::SERVICE_UNAVAILABLE, "not now, please ask again\n".to_owned());
    };
    let status = if stored.again { StatusCode::OK } else { StatusCode::CREATED };
    (status, format!("{} {}\n", stored.number, stored.sale))
}

/// `GET /orders`: the latest orders.
async fn list(State(counter): State<Counter>) -> Answer {
    let latest = counter.totals.borrow().orders.saturating_sub(19);
    let read = spawn_blocking(move || counter.store.since(latest)).await;
    match read.map_err(BoxError::from).and_then(|sales| sales) {
        Ok(sales) => {
            let lines = sales.iter().map(|stored| format!("{} {}\n", stored.number, stored.sale));
            (StatusCode::OK, lines.collect())
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
    }
}

/// `GET /`: the tree with the state of each child, and the totals.
async fn show(State(counter): State<Counter>) -> String {
    let totals = *counter.totals.borrow();
    page::render(&counter.tally.borrow(), totals)
}

/// `POST /break/..`: arms a fault, which goes off at the next order.
async fn sabotage(State(counter): State<Counter>, Path(what): Path<String>) -> Answer {
    let faults = &counter.faults;
    let effect = match what.as_str() {
        "worker" => {
            faults.worker.arm(1);
            "the next order makes its worker panic"
        }
        "writer" => {
            faults.writer.arm(1);
            "the next transaction makes the writer panic before its commit"
        }
        "client" => {
            faults.courier.arm(1);
            "the next call to the courier fails"
        }
        "partners" => {
            faults.courier.arm(3);
            "the courier is away for three calls"
        }
        _ => return (StatusCode::NOT_FOUND, "worker, writer, client or partners\n".to_owned()),
    };
    (StatusCode::ACCEPTED, format!("{effect}\n"))
}
