//! A mailbox that survives its reader: messages that are unread when a reader panics are there for the
//! next instance.
//!
//! `cargo run --example mailbox`

use std::collections::BTreeMap;

use sage_supervisor::prelude::*;
use tokio::sync::mpsc;

/// An order: the item and the quantity.
type Order = (&'static str, u32);

/// Reads until there are no senders left, or until it is asked to stop, which it hears when it has read
/// what is in the inbox. The inbox and the ledger are lent: one instance at a time holds them, and returns
/// them however it ends.
///
/// The clerk is transient. A permanent child would be restarted for ever once all senders are gone.
#[child(restart = "transient")]
async fn clerk(
    ctx: ChildContext,
    mut inbox: Lent<mpsc::Receiver<Order>>,
    mut ledger: Lent<BTreeMap<&'static str, u32>>,
) {
    if Lent::last_holder_panicked(&ledger) {
        println!(
            "clerk {}: the last one left in a hurry, the ledger has {ledger:?}",
            ctx.restarts()
        );
    }
    loop {
        let order = tokio::select! {
            // The order of the branches counts: orders that have arrived come before the request to stop.
            biased;
            order = inbox.recv() => order,
            () = ctx.cancelled() => break,
        };
        let Some((what, how_many)) = order else { break };
        assert!(how_many > 0, "nobody orders no {what}");
        *ledger.entry(what).or_default() += how_many;
        println!("clerk {}: {how_many} x {what}, {} in the inbox", ctx.restarts(), inbox.len());
    }
    println!("clerk {}: that was all, {ledger:?}", ctx.restarts());
}

#[tokio::main]
async fn main() -> SageResult<()> {
    let (orders, inbox) = mpsc::channel(16);
    for order in [("tea", 2), ("cake", 0), ("tea", 1), ("coffee", 0), ("cake", 4)] {
        // The channel has room for all orders, so this never waits.
        let _ = orders.send(order).await;
    }
    drop(orders);

    let mut office = supervisor! {
        name = "office",

        #[child]
        clerk = clerk(inbox, BTreeMap::new()),
    };
    office.run().await
}
