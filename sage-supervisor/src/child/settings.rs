//! How to treat a child: what was set, and what holds.

use std::sync::Arc;
use std::time::Duration;

use super::lent::Lender;
use super::spec::{ChildSpec, Kind, TaskStart};
use crate::backoff::Backoff;
use crate::exit::Exit;
use crate::policy::Shutdown;
use crate::policy::{RestartConfig, RestartPolicy};

/// What was set for a child; the rest is as by default.
#[derive(Default)]
pub(super) struct Settings {
    pub(super) restart: Option<RestartPolicy>,
    pub(super) shutdown: Option<Shutdown>,
    pub(super) significant: bool,
    starts_once: bool,
    /// What most children do not set: there may be a million of them.
    more: Option<Box<RareSettings>>,
}

#[derive(Default)]
pub(super) struct RareSettings {
    pub(super) ready_within: Option<Duration>,
    pub(super) limit: Option<RestartConfig>,
    pub(super) backoff: Option<Backoff>,
    pub(super) heartbeat: Option<Duration>,
    /// Present if it lends its instances a value.
    lender: Option<Arc<dyn Lender>>,
    /// The function of the tree that it is taken for at compile time.
    checked_as: Option<&'static str>,
}

impl Settings {
    pub(super) fn more(&mut self) -> &mut RareSettings {
        self.more.get_or_insert_default()
    }
}

impl ChildSpec {
    /// The restart policy in force: the one that was set, or the default.
    #[must_use]
    pub fn restart_policy(&self) -> RestartPolicy {
        self.settings.restart.unwrap_or(match self.kind() {
            Kind::Supervisor(_) => RestartPolicy::OF_SUPERVISOR,
            _ => RestartPolicy::OF_WORKER,
        })
    }

    /// The shutdown in force: the one that was set, or the default.
    #[must_use]
    pub fn shutdown_setting(&self) -> Shutdown {
        self.settings.shutdown.unwrap_or(match self.kind() {
            Kind::Task(TaskStart::WithoutContext(_)) => Shutdown::WITHOUT_CONTEXT,
            Kind::Supervisor(_) => Shutdown::OF_SUPERVISOR,
            _ => Shutdown::OF_WORKER,
        })
    }

    /// Whether the child is significant.
    #[must_use]
    pub fn is_significant(&self) -> bool {
        self.settings.significant
    }

    /// How long the child may take until it says that it is ready; `None`: it does not say.
    #[must_use]
    pub fn ready_within_setting(&self) -> Option<Duration> {
        self.settings.more.as_ref()?.ready_within
    }

    /// The limit on the restarts of this child, besides that of its supervisor.
    #[must_use]
    pub fn restart_limit_setting(&self) -> Option<RestartConfig> {
        self.settings.more.as_ref()?.limit
    }

    /// How often the child has to say that it is alive; `None`: it need not.
    #[must_use]
    pub fn heartbeat_setting(&self) -> Option<Duration> {
        self.settings.more.as_ref()?.heartbeat
    }

    /// Its own, if it has one.
    #[must_use]
    pub fn backoff_setting(&self) -> Option<&Backoff> {
        self.settings.more.as_ref()?.backoff.as_ref()
    }

    pub(crate) fn starting_once(mut self) -> Self {
        self.settings.starts_once = true;
        self.restart(RestartPolicy::Temporary)
    }

    pub(crate) fn starts_once(&self) -> bool {
        self.settings.starts_once
    }

    pub(super) fn lent_by(mut self, lender: Arc<dyn Lender>) -> Self {
        self.settings.more().lender = Some(lender);
        self
    }

    fn lender(&self) -> Option<&dyn Lender> {
        self.settings.more.as_ref()?.lender.as_deref()
    }

    pub(crate) fn lends(&self) -> bool {
        self.lender().is_some()
    }

    /// An instance has ended like this.
    pub(crate) fn note_exit(&self, exit: &Exit) {
        if let (Some(lender), Exit::Panic(_)) = (self.lender(), exit) {
            lender.holder_panicked();
        }
    }

    #[cfg(feature = "macros")]
    pub(crate) fn checked_as(mut self, function: Option<&'static str>) -> Self {
        if function.is_some() {
            self.settings.more().checked_as = function;
        }
        self
    }

    pub(crate) fn checked_tree(&self) -> Option<&'static str> {
        self.settings.more.as_ref()?.checked_as
    }
}
