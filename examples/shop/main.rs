//! A small shop that survives the failure of each of its parts: an HTTP listener, order workers, an
//! embedded store and a client of a flaky third party, under supervisors with three strategies.
//!
//! `cargo run --example shop` runs for about ten seconds: customers order over HTTP while one part
//! of the shop after the other is broken, and at the end every acknowledged order must be on disk.
//!
//! `cargo run --example shop -- --serve` serves until Ctrl-C or SIGTERM. `SHOP_ADDRESS` and
//! `SHOP_FILE` set the address and the file; the defaults are `127.0.0.1:8080` and a temporary file.
//!
//! Start reading in `tree.rs`.

mod courier;
mod customers;
mod faults;
mod fetch;
mod http;
mod mailbox;
mod narrate;
mod order;
mod page;
mod report;
mod storage;
mod store;
mod tally;
mod tour;
mod tree;
mod workers;

use std::env;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use redb::DatabaseError;
use sage_supervisor::{BoxError, Supervisor};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::customers::Customers;
use crate::faults::Faults;
use crate::narrate::{print, say};
use crate::report::Report;
use crate::storage::Totals;
use crate::store::Store;
use crate::tally::Tally;
use crate::tour::Tour;
use crate::tree::Premises;

#[tokio::main]
async fn main() -> ExitCode {
    let result = match env::args().nth(1).as_deref() {
        None => tour().await,
        Some("--serve") => serve().await,
        Some(other) => Err(format!("there is only `--serve`, not `{other}`").into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("shop: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// A declared shop, and the channels that observe it.
struct Opening {
    shop: Supervisor,
    /// A handle to the store that outlives the tree, so that closing the file, which takes a
    /// moment, is not left to the last child.
    store: Store,
    address: SocketAddr,
    totals: watch::Receiver<Totals>,
    tally: watch::Receiver<Tally>,
}

impl Opening {
    async fn prepare(address: &str, file: &Path) -> Result<Self, BoxError> {
        let socket = TcpListener::bind(address)?;
        socket.set_nonblocking(true)?;
        let address = socket.local_addr()?;
        let faults = Faults::default();
        let courier = courier::somebody_elses_server(faults.courier.clone()).await?;
        let (totals, totals_now) = watch::channel(Totals::default());
        let tally = narrate::listen();
        let store = Store::open(file)?;
        let shop = tree::shop(Premises {
            socket: Arc::new(socket),
            store: store.clone(),
            courier,
            faults,
            totals,
            tally: tally.clone(),
        });
        Ok(Self { shop, store, address, totals: totals_now, tally })
    }
}

async fn serve() -> Result<(), BoxError> {
    let address = env::var("SHOP_ADDRESS").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let file = env::var_os("SHOP_FILE")
        .map_or_else(|| env::temp_dir().join("sage-shop.redb"), PathBuf::from);
    let opening = Opening::prepare(&address, &file).await?;
    print(tree::DRAWING);
    print(format_args!("http://{} keeps its orders in {}\n", opening.address, file.display()));
    print(page::ENDPOINTS);
    opening.shop.run_until_signal().await?;
    say("closed");
    Ok(())
}

async fn tour() -> Result<(), BoxError> {
    let file = env::temp_dir().join(format!("sage-shop-tour-{}.redb", std::process::id()));
    let Opening { shop, store, address, totals, tally } =
        Opening::prepare("127.0.0.1:0", &file).await?;
    print(tree::DRAWING);
    say(format_args!("the shop opens at http://{address}"));
    let shop = shop.start();

    let customers = Customers::come(address, &["ann", "bob", "cem", "dee"]);
    let tour = Tour::new(address, tally.clone(), customers.service.clone());
    let handle = shop.handle();
    let toured = tokio::select! {
        toured = tour.run() => toured,
        Err(error) = handle.wait() => Err(format!("the shop has ended by itself: {error:#}").into()),
    };

    customers.last_orders();
    let began = Instant::now();
    let stopped = shop.shutdown().await;
    let stop = began.elapsed();
    say(format_args!("the shop is closed, {stop:.2?} after the last orders"));

    drop(store);
    let (service, acknowledged) = customers.leave().await?;
    let stored = reopen(&file).await?.since(1)?;
    let (totals, tally) = (*totals.borrow(), tally.borrow().clone());
    let report = Report { service, acknowledged, stored, totals, tally, stop };
    report.print();

    toured?;
    stopped?;
    if !report.faults().is_empty() {
        return Err(format!("not all was well; the orders are in {}", file.display()).into());
    }
    std::fs::remove_file(&file)?;
    Ok(())
}

/// Opens the file again, so that the report reads the disk and no cache. The task of the last connection
/// may hold the file for a moment longer, so the open is repeated.
async fn reopen(file: &Path) -> Result<Store, BoxError> {
    for _ in 0..1000 {
        match Store::open(file) {
            Err(error) if error.is::<DatabaseError>() => sleep(Duration::from_millis(10)).await,
            opened => return opened,
        }
    }
    Store::open(file)
}
