//! The tree of the shop: its children, their order of dependence, and the policies for each.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use sage_supervisor::{Supervisor, supervisor};
use tokio::sync::watch;

use crate::faults::Faults;
use crate::http::Counter;
use crate::mailbox::Mailbox;
use crate::storage::Totals;
use crate::store::Store;
use crate::tally::Tally;
use crate::workers::Bench;
use crate::{courier, http, storage, workers};

/// The time that a shutdown may take whatever the children do, equal to the `shutdown_budget` below.
pub(crate) const SHUTDOWN_BUDGET: Duration = Duration::from_secs(25);

/// The drawing of the tree.
pub(crate) const DRAWING: &str = "\
shop              rest_for_one: a restart includes the children after it
├─ storage        one_for_all: a restart includes both
│  ├─ ledger
│  └─ writer
├─ partners       one_for_one, waits longer before each restart
│  └─ courier
├─ workers        one_for_one
│  ├─ worker_1
│  ├─ worker_2
│  └─ worker_3
└─ http           starts last, stops first
";

/// The values that outlive every child. They exist before the tree starts.
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

    supervisor! {
        name = "shop",
        strategy = "rest_for_one",
        // A restart waits, longer each time. Without a restart limit of its own, a child that has a
        // backoff is never given up: the shop opens again however long a disk or a partner is away.
        backoff(initial = "50ms", max = "10s"),
        shutdown_budget = "25s", // checked by the compiler: 2 + 5, 2, 3 * 3, 5

        // A child comes before the children that depend on it: it starts first and stops last.
        #[child]
        storage = supervisor! {
            strategy = "one_for_all",
            backoff(initial = "50ms", max = "5s"),

            #[child(shutdown = "2s", clone(store, entry_box, totals))]
            ledger = async move |ctx| storage::ledger(ctx, store, entry_box, totals).await,

            #[child(shutdown = "5s", clone(store, write_box, entries, faults))]
            writer = async move |ctx| {
                storage::writer(ctx, store, write_box, entries, faults.writer).await
            },
        },

        #[child]
        partners = supervisor! {
            backoff(initial = "50ms", max = "10s"),

            #[child(shutdown = "2s")]
            courier = courier::client(courier, quote_box),
        },

        #[child]
        workers = supervisor! {
            strategy = "one_for_one",
            backoff(initial = "10ms", max = "1s"),

            #[child(shutdown = "3s")]
            worker_1 = workers::worker(bench.clone()),

            #[child(shutdown = "3s")]
            worker_2 = workers::worker(bench.clone()),

            #[child(shutdown = "3s")]
            worker_3 = workers::worker(bench),
        },

        // The listener is permanent, because a normal exit of it is a failure of the shop as well.
        #[child(restart = "permanent", shutdown = "5s", clone(socket, counter))]
        http = async move |ctx| http::listen(ctx, socket, counter).await,
    }
}
