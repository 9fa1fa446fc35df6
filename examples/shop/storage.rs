//! The storage subtree: one writer, and a ledger that follows what it writes.

use std::ops::AddAssign;
use std::panic::resume_unwind;

use sage_supervisor::{BoxError, ChildContext};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::spawn_blocking;

use crate::faults::Fuse;
use crate::mailbox::Mailbox;
use crate::order::Sale;
use crate::store::{Store, Stored};

/// A sale to be stored. The reply comes once it is on disk; if none comes, nobody knows.
pub(crate) struct Write {
    pub(crate) sale: Sale,
    pub(crate) reply: oneshot::Sender<Stored>,
}

/// What the ledger says: how many orders there are, and what they came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) orders: u64,
    pub(crate) cents: u64,
}

/// One more sale on the ledger.
pub(crate) struct Entry {
    number: u64,
    cents: u64,
}

/// Stores what comes in, as many sales in one transaction as are waiting.
///
/// When it dies, the transaction in hand is gone and its customers get no answer; what still waits
/// in the mailbox is stored by its successor.
pub(crate) async fn writer(
    ctx: ChildContext,
    store: Store,
    inbox: Mailbox<Write>,
    ledger: mpsc::Sender<Entry>,
    fault: Fuse,
) -> Result<(), BoxError> {
    loop {
        let batch = tokio::select! {
            // First what is waiting, then the request to stop.
            biased;
            batch = inbox.recv_all(64) => batch,
            () = ctx.cancelled() => return Ok(()),
        };
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
            // A customer who has hung up asks again, and is told then.
            let _ = reply.send(stored);
        }
    }
}

/// Keeps the totals. It reads the file once, then adds what the writer tells it: that is why the
/// two are restarted together.
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
        // One that was already in the file when this was read is not added twice.
        if entry.number > self.orders {
            self.orders = entry.number;
            self.cents += entry.cents;
        }
    }
}
