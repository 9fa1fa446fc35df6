//! A child that cannot be aborted.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use sage_supervisor::{ChildContext, ChildSpec, Shutdown};
use tokio::sync::watch;

use crate::{Log, Puppet};

/// A child that blocks its thread, in its first instance, until the gate is opened.
#[derive(Debug)]
pub struct Blocker {
    /// What acts before and after.
    pub puppet: Puppet,
    gate: Arc<Mutex<Receiver<()>>>,
    blocked: watch::Sender<bool>,
}

impl Blocker {
    /// One that is called `blocker`, and its gate, which is opened when this is dropped.
    #[must_use]
    pub fn new(log: &Log) -> (Self, Sender<()>) {
        let (open, gate) = channel();
        let puppet = Puppet::new("blocker", log);
        let blocked = watch::Sender::new(false);
        (Self { puppet, gate: Arc::new(Mutex::new(gate)), blocked }, open)
    }

    /// Its spec: it is killed when it is to stop.
    pub fn spec(&self) -> ChildSpec {
        let (puppet, gate, blocked) =
            (self.puppet.clone(), Arc::clone(&self.gate), self.blocked.clone());
        ChildSpec::new("blocker", move |ctx: ChildContext| {
            let (puppet, gate, blocked) = (puppet.clone(), Arc::clone(&gate), blocked.clone());
            async move {
                if ctx.restarts() == 0 && !*blocked.borrow() {
                    let _alive = puppet.alive();
                    blocked.send_replace(true);
                    // Blocks this thread. An error is the end of the test, and opens the gate too.
                    let _ = gate.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    tokio::task::yield_now().await;
                }
                puppet.act_with(ctx).await
            }
        })
        .shutdown(Shutdown::BrutalKill)
    }

    /// Waits until it blocks its thread.
    pub async fn blocks(&self) {
        // The sender is its own.
        let _ = self.blocked.subscribe().wait_for(|blocked| *blocked).await;
    }
}
