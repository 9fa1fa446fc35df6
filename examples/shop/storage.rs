//! The storage subtree: a writer, and a ledger that keeps the totals of the writer's sales.

use std::ops::AddAssign;
use std::panic::resume_unwind;

use sage_supervisor::{BoxError, ChildContext};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::spawn_blocking;

use crate::faults::Fuse;
use crate::mailbox::Mailbox;
use crate::order::Sale;
use crate::store::{Store, Stored};

/// A sale to be stored. The reply is sent once the sale is on disk. Without a reply, the sale may be
/// stored or not.
pub(crate) struct Write {
    pub(crate) sale: Sale,
    pub(crate) reply: oneshot::Sender<Stored>,
}

/// The totals of the ledger: the number of orders and the sum of their prices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) orders: u64,
    pub(crate) cents: u64,
}

/// A sale as the ledger counts it.
pub(crate) struct Entry {
    number: u64,
    cents: u64,
}

/// Stores the sales from the mailbox, all that are waiting in one transaction.
///
/// If the writer panics, its open transaction is lost and the customers get no answer. The sales that
/// still wait in the mailbox are stored by the next instance.
pub(crate) async fn writer(
    ctx: ChildContext,
    store: Store,
    inbox: Mailbox<Write>,
    ledger: mpsc::Sender<Entry>,
    fault: Fuse,
) -> Result<(), BoxError> {
    loop {
        let batch = tokio::select! {
            // Waiting sales are stored before the request to stop is followed.
            biased;
            batch = inbox.recv_all(64) => batch,
            () = ctx.cancelled() => return Ok(()),
        };
        if batch.is_empty() {
            return Ok(()); // there is no sender left
        }
        let (sales, replies): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|write| (write.sale, write.reply)).unzip();
        let (store, fault) = (store.clone(), fault.clone());
        let append = move || {
            store.append(&sales, || {
                assert!(!fault.goes_off(), "power cut before the commit (on purpose)");
            })
        };
        let stored = match spawn_blocking(append).await {
            Ok(stored) => stored?,
            // The panic of the blocking thread becomes this child's own.
            Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
            Err(error) => return Err(error.into()),
        };
        for (stored, reply) in stored.into_iter().zip(replies) {
            if !stored.again {
                let entry = Entry { number: stored.number, cents: stored.sale.cents };
                ledger.send(entry).await?;
            }
            // A customer who has hung up repeats the order, and gets the answer then.
            let _ = reply.send(stored);
        }
    }
}

/// Keeps the totals. The ledger reads the file once, and then adds each sale that the writer sends. That
/// is why the two are restarted together.
pub(crate) async fn ledger(
    ctx: ChildContext,
    store: Store,
    entries: Mailbox<Entry>,
    totals: watch::Sender<Totals>,
) -> Result<(), BoxError> {
    let mut now = Totals::default();
    for stored in spawn_blocking(move || store.since(1)).await?? {
        now += Entry { number: stored.number, cents: stored.sale.cents };
    }
    loop {
        totals.send_replace(now);
        tokio::select! {
            biased;
            Some(entry) = entries.recv() => now += entry,
            () = ctx.cancelled() => return Ok(()),
        }
    }
}

impl AddAssign<Entry> for Totals {
    fn add_assign(&mut self, entry: Entry) {
        // A sale that was in the file already when the ledger read it must not be added twice.
        if entry.number > self.orders {
            self.orders = entry.number;
            self.cents += entry.cents;
        }
    }
}
