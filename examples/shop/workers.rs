//! The order workers: a pool that takes orders from one queue.

use std::time::Duration;

use sage_supervisor::{ChildContext, child};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::courier::Ask;
use crate::faults::Fuse;
use crate::mailbox::Mailbox;
use crate::order::{Order, Sale};
use crate::storage::Write;
use crate::store::Stored;

/// The price of a delivery for which the courier gives no quote, in cents.
const FLAT_FEE: u64 = 500;
/// The longest time that an order waits for a quote.
const QUOTE_PATIENCE: Duration = Duration::from_millis(250);

/// An order for a worker. Without a reply, the order may have been stored or not, and the customer
/// has to repeat it.
pub(crate) struct Job {
    pub(crate) order: Order,
    pub(crate) price: u64,
    pub(crate) reply: oneshot::Sender<Stored>,
}

/// The channels that a worker uses.
#[derive(Clone)]
pub(crate) struct Bench {
    pub(crate) jobs: Mailbox<Job>,
    pub(crate) quotes: mpsc::Sender<Ask>,
    pub(crate) writes: mpsc::Sender<Write>,
    pub(crate) fault: Fuse,
}

/// Takes one order after the other, requests the delivery fee, has the sale stored, and replies.
#[child]
pub(crate) async fn worker(ctx: ChildContext, bench: Bench) {
    loop {
        let job = tokio::select! {
            () = ctx.cancelled() => return,
            Some(job) = bench.jobs.recv() => job,
        };
        if job.reply.is_closed() {
            continue; // the customer has hung up
        }
        assert!(!bench.fault.goes_off(), "cannot work on order {} (on purpose)", job.order.id);
        let cents = job.price + bench.delivery_fee().await;
        let (reply, stored) = oneshot::channel();
        let write = Write { sale: Sale { order: job.order, cents }, reply };
        if bench.writes.send(write).await.is_ok() {
            if let Ok(stored) = stored.await {
                let _ = job.reply.send(stored);
            }
        }
    }
}

impl Bench {
    /// Returns the courier's quote, or the flat fee if the quote takes too long.
    async fn delivery_fee(&self) -> u64 {
        let (reply, quote) = oneshot::channel();
        let ask = async {
            self.quotes.send(Ask { reply }).await.ok()?;
            quote.await.ok()
        };
        timeout(QUOTE_PATIENCE, ask).await.ok().flatten().unwrap_or(FLAT_FEE)
    }
}
