//! Children that say when they are ready.

use std::time::Duration;

use sage_supervisor::{ChildContext, ChildSpec};
use tokio::sync::watch;

use crate::{Log, OnStop, Puppet};

/// A puppet that is ready when its gate says so, and has ten seconds for it.
#[derive(Debug)]
pub struct Gated {
    /// What acts behind the gate.
    pub puppet: Puppet,
    open: watch::Sender<bool>,
}

impl Gated {
    /// One that returns when it is asked to stop. The gate is shut.
    #[must_use]
    pub fn new(name: &str, log: &Log) -> Self {
        Self::with(name, log, OnStop::Obey)
    }

    /// One with another way of stopping.
    #[must_use]
    pub fn with(name: &str, log: &Log, on_stop: OnStop) -> Self {
        Self { puppet: Puppet::with(name, log, on_stop), open: watch::Sender::new(false) }
    }

    /// Its spec.
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

    /// Lets the instance be ready, and the next ones at once.
    pub fn open(&self) {
        self.open.send_replace(true);
    }

    /// Holds the next instances back.
    pub fn shut(&self) {
        self.open.send_replace(false);
    }
}
