//! The settings of a child that are in force: the values that were set, and the defaults.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::kind::{Kind, TaskStart};
use super::lent::Lender;
#[cfg(feature = "process")]
use super::process::ProcessSettings;
use super::spec::ChildSpec;
use crate::backoff::Backoff;
use crate::contain::contain;
use crate::exit::Exit;
use crate::policy::{RestartConfig, RestartPolicy, Shutdown};

/// The settings of a child. A setting that is `None` has its default, which depends on the kind of
/// the child.
#[derive(Default)]
pub(super) struct Settings {
    pub(super) restart: Option<RestartPolicy>,
    pub(super) shutdown: Option<Shutdown>,
    pub(super) significant: bool,
    starts_once: bool,
    /// The settings that most children leave alone. They are boxed because a supervisor may have a
    /// million children.
    more: Option<Box<RareSettings>>,
}

#[derive(Default)]
pub(super) struct RareSettings {
    pub(super) ready_within: Option<Duration>,
    pub(super) limit: Option<RestartConfig>,
    pub(super) forgive_after: Option<Duration>,
    pub(super) backoff: Option<Backoff>,
    pub(super) heartbeat: Option<Duration>,
    /// The lender of the child's lent values, if the child has any.
    lender: Option<Arc<dyn Lender>>,
    /// The function of the named tree that the macro took the child for when it checked the block.
    checked_as: Option<&'static str>,
    /// The settings that only a process has.
    #[cfg(feature = "process")]
    pub(super) process: Option<Box<ProcessSettings>>,
    /// The waiting caller of a task, if the child is one.
    settled: Option<Settled>,
}

/// A token that is cancelled once the supervisor has learned of the end of a child that is started only
/// once, or when the spec of that child is dropped.
struct Settled(CancellationToken);

impl Settled {
    fn tell(&self) {
        // The wakers may be the user's, and panic.
        let _ = contain(|| self.0.cancel());
    }
}

impl Drop for Settled {
    fn drop(&mut self) {
        self.tell();
    }
}

impl Settings {
    pub(super) fn more(&mut self) -> &mut RareSettings {
        self.more.get_or_insert_default()
    }
}

impl ChildSpec {
    /// The restart policy in force: the policy that was set, or the default.
    #[must_use]
    pub fn restart_policy(&self) -> RestartPolicy {
        self.settings.restart.unwrap_or(match self.kind() {
            Kind::Supervisor(_) => RestartPolicy::OF_SUPERVISOR,
            _ => RestartPolicy::OF_WORKER,
        })
    }

    /// The shutdown in force: the setting that was made, or the default.
    #[must_use]
    pub fn shutdown_setting(&self) -> Shutdown {
        self.settings.shutdown.unwrap_or(match self.kind() {
            Kind::Task(TaskStart::WithoutContext(_)) => Shutdown::WITHOUT_CONTEXT,
            Kind::Supervisor(_) => Shutdown::OF_SUPERVISOR,
            _ => Shutdown::OF_WORKER,
        })
    }

    /// Returns `true` if the child is significant.
    #[must_use]
    pub fn is_significant(&self) -> bool {
        self.settings.significant
    }

    /// The longest time the child may take until it reports that it is ready, or `None` if the
    /// child does not report it.
    #[must_use]
    pub fn ready_within_setting(&self) -> Option<Duration> {
        self.settings.more.as_ref()?.ready_within
    }

    /// The child's own restart limit, in addition to the limit of its supervisor, or `None` if it
    /// has none.
    #[must_use]
    pub fn restart_limit_setting(&self) -> Option<RestartConfig> {
        self.settings.more.as_ref()?.limit
    }

    /// The time that an instance of the child has to be up for the restarts before it to be forgiven, or
    /// `None` if the setting of its supervisor applies.
    #[must_use]
    pub fn forgive_after_setting(&self) -> Option<Duration> {
        self.settings.more.as_ref()?.forgive_after
    }

    /// The longest time between two heartbeats of the child, or `None` if it needs none.
    #[must_use]
    pub fn heartbeat_setting(&self) -> Option<Duration> {
        self.settings.more.as_ref()?.heartbeat
    }

    /// The child's own backoff, or `None` if the backoff of its supervisor applies.
    #[must_use]
    pub fn backoff_setting(&self) -> Option<&Backoff> {
        self.settings.more.as_ref()?.backoff.as_ref()
    }

    /// Declares that the child can be started only once, which makes it temporary.
    pub(crate) fn starting_once(mut self) -> Self {
        self.settings.starts_once = true;
        // The start function consumes its values, so there is nothing that a restart could call.
        self.restart(RestartPolicy::Temporary)
    }

    pub(crate) fn starts_once(&self) -> bool {
        self.settings.starts_once
    }

    /// Sets a token that is cancelled once the supervisor has learned of the end of the child, which is
    /// started only once.
    pub(super) fn settling(mut self, settled: CancellationToken) -> Self {
        self.settings.more().settled = Some(Settled(settled));
        self
    }

    /// Notes that the supervisor has learned of the end of the child, or ends itself.
    pub(crate) fn note_settled(&self) {
        if let Some(settled) = self.settings.more.as_ref().and_then(|more| more.settled.as_ref()) {
            settled.tell();
        }
    }

    /// Sets the lender of the child's lent values.
    pub(super) fn lent_by(mut self, lender: Arc<dyn Lender>) -> Self {
        self.settings.more().lender = Some(lender);
        self
    }

    /// The settings that only a process has, if any was made.
    #[cfg(feature = "process")]
    pub(crate) fn process_settings(&self) -> Option<&ProcessSettings> {
        self.settings.more.as_ref()?.process.as_deref()
    }

    /// Returns `true` if an instance of the child has a context, by which it can report that it is alive.
    pub(super) fn has_context(&self) -> bool {
        #[cfg(feature = "process")]
        if self.process_settings().is_some_and(ProcessSettings::has_driver) {
            return true;
        }
        self.kind().has_context()
    }

    /// Returns `true` if a process shows that it is ready without a report of its own.
    pub(super) fn shows_readiness(&self) -> bool {
        #[cfg(feature = "process")]
        if self.process_settings().is_some_and(ProcessSettings::shows_readiness) {
            return true;
        }
        false
    }

    /// Returns `true` if it can be told when the child is ready.
    pub(super) fn can_be_ready(&self) -> bool {
        self.has_context() || self.shows_readiness()
    }

    /// Returns `true` if the child has settings of a process and is none.
    pub(super) fn is_wrongly_a_process(&self) -> bool {
        #[cfg(feature = "process")]
        if self.process_settings().is_some() {
            return !matches!(self.kind(), Kind::Process(_));
        }
        false
    }

    fn lender(&self) -> Option<&dyn Lender> {
        self.settings.more.as_ref()?.lender.as_deref()
    }

    /// Returns `true` if the child is lent a value.
    pub(crate) fn lends(&self) -> bool {
        self.lender().is_some()
    }

    /// Notes that an instance of the child ended with `exit`. After a panic, the next holders of the
    /// lent values can learn that there was one.
    #[inline]
    pub(crate) fn note_exit(&self, exit: &Exit) {
        self.note_settled();
        if let (Some(lender), Exit::Panic(_)) = (self.lender(), exit) {
            lender.holder_panicked();
        }
    }

    /// Sets the function of the named tree that the macro took the child for, if that is known.
    #[cfg(feature = "macros")]
    pub(crate) fn checked_as(mut self, function: Option<&'static str>) -> Self {
        // `None` must not allocate the box of the rare settings.
        if function.is_some() {
            self.settings.more().checked_as = function;
        }
        self
    }

    pub(crate) fn checked_tree(&self) -> Option<&'static str> {
        self.settings.more.as_ref()?.checked_as
    }
}
