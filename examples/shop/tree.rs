//! The tree: what the shop consists of, what depends on what, and how each part is treated.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use sage_supervisor::{ChildSpec, RestartConfig, Strategy, Supervisor};
use tokio::sync::watch;

use crate::faults::Faults;
use crate::http::Counter;
use crate::mailbox::Mailbox;
use crate::storage::Totals;
use crate::store::Store;
use crate::tally::Tally;
use crate::workers::Bench;
use crate::{courier, http, storage, workers};

/// How long a stop may take, whatever the children do: 5 + 3 * 3 + 2 + 5 + 2.
pub(crate) const SHUTDOWN_BUDGET: Duration = Duration::from_secs(25);

/// The tree, drawn.
pub(crate) const DRAWING: &str = "\
shop              rest_for_one: what fails takes along what comes after it
├─ storage        one_for_all: both or none
│  ├─ ledger
│  └─ writer
├─ partners       one_for_one, gives up after 2 restarts a minute
│  └─ courier
├─ workers        one_for_one
│  ├─ worker_1
│  ├─ worker_2
│  └─ worker_3
└─ http           starts last, stops first
";

/// What outlives every child: it is there before the tree starts.
pub(crate) struct Premises {
    pub(crate) socket: Arc<TcpListener>,
    pub(crate) store: Store,
    pub(crate) courier: SocketAddr,
    pub(crate) faults: Faults,
    pub(crate) totals: watch::Sender<Totals>,
    pub(crate) tally: watch::Receiver<Tally>,
}

pub(crate) fn shop(premises: Premises) -> Supervisor {
    let Premises { socket, store, courier, faults, totals, tally } = premises;
    let (jobs, job_box) = Mailbox::new(64);
    let (quotes, quote_box) = Mailbox::new(16);
    let (writes, write_box) = Mailbox::new(64);
    let (entries, entry_box) = Mailbox::new(64);

    let bench = Bench { jobs: job_box, quotes, writes, fault: faults.worker.clone() };
    let counter = Counter {
        jobs,
        store: store.clone(),
        totals: totals.subscribe(),
        tally,
        faults: faults.clone(),
    };

    let ledger = {
        let store = store.clone();
        move |ctx| storage::ledger(ctx, store.clone(), entry_box.clone(), totals.clone())
    };
    let fault = faults.writer;
    let writer = move |ctx| {
        storage::writer(ctx, store.clone(), write_box.clone(), entries.clone(), fault.clone())
    };
    let storage = Supervisor::new(Strategy::OneForAll, RestartConfig::default()).children([
        ChildSpec::new("ledger", ledger).shutdown(Duration::from_secs(2)),
        ChildSpec::new("writer", writer).shutdown(Duration::from_secs(5)),
    ]);

    let limit = RestartConfig { max_restarts: 2, within: Duration::from_secs(60) };
    let client = move |ctx| courier::client(ctx, courier, quote_box.clone());
    let partners = Supervisor::new(Strategy::OneForOne, limit)
        .children([ChildSpec::new("courier", client).shutdown(Duration::from_secs(2))]);

    let worker = |name| {
        let bench = bench.clone();
        ChildSpec::new(name, move |ctx| workers::worker(ctx, bench.clone()))
            .shutdown(Duration::from_secs(3))
    };
    let workers = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
        .children(["worker_1", "worker_2", "worker_3"].map(worker));

    let listener = move |ctx| http::listen(ctx, Arc::clone(&socket), counter.clone());
    Supervisor::new(Strategy::RestForOne, RestartConfig::default())
        .name("shop")
        .child("storage", storage)
        .child("partners", partners)
        .child("workers", workers)
        .child("http", ChildSpec::new("http", listener).shutdown(Duration::from_secs(5)))
}
