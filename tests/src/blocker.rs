//! A child that cannot be aborted.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use sage_supervisor::{ChildContext, ChildSpec, Shutdown};
use tokio::sync::watch;

use crate::{Log, Puppet};

/// A child whose first instance blocks its thread until the gate is opened.
#[derive(Debug)]
pub struct Blocker {
    /// The puppet that acts before and after the block.
    pub puppet: Puppet,
    gate: Arc<Mutex<Receiver<()>>>,
    blocked: watch::Sender<bool>,
}

impl Blocker {
    /// A child with the name `blocker`, and its gate. Dropping the sender opens the gate.
    #[must_use]
    pub fn new(log: &Log) -> (Self, Sender<()>) {
        let (open, gate) = channel();
        let puppet = Puppet::new("blocker", log);
        let blocked = watch::Sender::new(false);
        (Self { puppet, gate: Arc::new(Mutex::new(gate)), blocked }, open)
    }

    /// The spec of the child, with a brutal kill as its shutdown.
    pub fn spec(&self) -> ChildSpec {
        let (puppet, gate, blocked) =
            (self.puppet.clone(), Arc::clone(&self.gate), self.blocked.clone());
        ChildSpec::new("blocker", move |ctx: ChildContext| {
            let (puppet, gate, blocked) = (puppet.clone(), Arc::clone(&gate), blocked.clone());
            async move {
                if ctx.restarts() == 0 && !*blocked.borrow() {
                    let _alive = puppet.alive();
                    blocked.send_replace(true);
                    // The receive blocks this thread. An error means that the test has ended, and
                    // opens the gate too.
                    let _ = gate.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    tokio::task::yield_now().await;
                }
                puppet.act_with(ctx).await
            }
        })
        .shutdown(Shutdown::BrutalKill)
    }

    /// Waits until the child blocks its thread.
    pub async fn blocks(&self) {
        // The sender belongs to `self`, so the channel cannot be closed.
        let _ = self.blocked.subscribe().wait_for(|blocked| *blocked).await;
    }
}
