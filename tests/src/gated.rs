//! Children that report when they are ready.

use std::time::Duration;

use sage_supervisor::{ChildContext, ChildSpec};
use tokio::sync::watch;

use crate::{Log, OnStop, Puppet};

/// A puppet that becomes ready when its gate is open, within ten seconds.
#[derive(Debug)]
pub struct Gated {
    /// The puppet that acts behind the gate.
    pub puppet: Puppet,
    open: watch::Sender<bool>,
}

impl Gated {
    /// A child that returns when it is asked to stop. The gate is shut.
    #[must_use]
    pub fn new(name: &str, log: &Log) -> Self {
        Self::with(name, log, OnStop::Obey)
    }

    /// A child with another reaction to the request to stop.
    #[must_use]
    pub fn with(name: &str, log: &Log, on_stop: OnStop) -> Self {
        Self { puppet: Puppet::with(name, log, on_stop), open: watch::Sender::new(false) }
    }

    /// The spec of the child.
    pub fn spec(&self) -> ChildSpec {
        let (puppet, open) = (self.puppet.clone(), self.open.clone());
        ChildSpec::new(self.puppet.name(), move |ctx: ChildContext| {
            let (puppet, mut open) = (puppet.clone(), open.subscribe());
            async move {
                let ready = async {
                    let _ = open.wait_for(|open| *open).await;
                    ctx.ready().await;
                    std::future::pending::<()>().await;
                };
                tokio::select! {
                    result = puppet.act_with(ctx.clone()) => result,
                    () = ready => Ok(()),
                }
            }
        })
        .ready_within(Duration::from_secs(10))
    }

    /// Opens the gate for the current instance and for all later ones.
    pub fn open(&self) {
        self.open.send_replace(true);
    }

    /// Shuts the gate for later instances.
    pub fn shut(&self) {
        self.open.send_replace(false);
    }
}
