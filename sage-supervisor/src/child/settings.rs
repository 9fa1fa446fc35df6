//! The settings of a child that are in force: the values that were set, and the defaults.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use super::every::Every;
use super::judge::{Judge, is_same_judge};
use super::kind::{Kind, TaskStart};
use super::lent::Lender;
#[cfg(feature = "process")]
use super::process::ProcessSettings;
use super::settled::{OwnerOfTask, Settled, TaskOwner};
use super::spec::ChildSpec;
use crate::backoff::Backoff;
use crate::contain::contain;
use crate::exit::Exit;
use crate::policy::{RestartConfig, RestartPolicy, Shutdown};

/// The settings of a child. A setting that is `None` has its default, which depends on the kind of
/// the child.
#[derive(Default, Clone)]
pub(super) struct Settings {
    pub(super) restart: Option<RestartPolicy>,
    pub(super) shutdown: Option<Shutdown>,
    pub(super) significant: bool,
    starts_once: bool,
    /// `true` if the start function captures nothing, so that every value of its type is the same.
    pub(super) captures_nothing: bool,
    /// The settings that most children leave alone. They are boxed because a supervisor may have a
    /// million children.
    more: Option<Box<RareSettings>>,
}

#[derive(Default, Clone)]
pub(super) struct RareSettings {
    pub(super) ready_within: Option<Duration>,
    pub(super) limit: Option<RestartConfig>,
    pub(super) forgive_after: Option<Duration>,
    pub(super) backoff: Option<Backoff>,
    pub(super) heartbeat: Option<Duration>,
    /// The period of the work. It is boxed because it is rarer than the settings around it.
    pub(super) every: Option<Box<Every>>,
    /// The version of what the start function captures.
    pub(super) version: Option<NonZeroU64>,
    pub(super) give_up_if: Option<Arc<dyn Judge>>,
    pub(super) pool: Option<Pool>,
    /// The lender of the child's lent values, if the child has any.
    lender: Option<Arc<dyn Lender>>,
    /// The function of the named tree that the macro took the child for when it checked the block.
    checked_as: Option<&'static str>,
    /// The settings that only a process has.
    #[cfg(feature = "process")]
    pub(super) process: Option<Box<ProcessSettings>>,
    /// The owner of a task, if the child is one.
    settled: OwnerOfTask,
}

/// The part of a spec in a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pool {
    /// The spec declares so many children.
    Of(usize),
    /// The spec is that of one child of a pool, with this number.
    Member(usize),
}

impl RareSettings {
    /// Returns whether the settings are known to be the same, apart from the version.
    fn is_same(&self, other: &Self) -> bool {
        // Every setting is named here, so that none is forgotten.
        let Self {
            ready_within,
            limit,
            forgive_after,
            backoff,
            heartbeat,
            every,
            give_up_if,
            pool,
            version,
            lender,
            checked_as,
            #[cfg(feature = "process")]
            process,
            settled: _,
        } = self;
        let is_same_backoff = match (backoff, &other.backoff) {
            (None, None) => true,
            (Some(backoff), Some(other)) => backoff.is_same(other),
            _ => false,
        };
        let is_same_judge = match (give_up_if, &other.give_up_if) {
            (None, None) => true,
            (Some(judge), Some(other)) => is_same_judge(judge, other),
            _ => false,
        };
        let is_same_every = match (every, &other.every) {
            (None, None) => true,
            (Some(every), Some(other)) => every.is_same(other),
            _ => false,
        };
        #[cfg(feature = "process")]
        let has_version = version.is_some() && *version == other.version;
        #[cfg(feature = "process")]
        let is_same_process = match (process, &other.process) {
            (None, None) => true,
            (Some(process), Some(other)) => process.is_same(other, has_version),
            _ => false,
        };
        #[cfg(not(feature = "process"))]
        let (_, is_same_process) = (version, true);
        is_same_backoff
            && is_same_judge
            && is_same_every
            && is_same_process
            && *ready_within == other.ready_within
            && *limit == other.limit
            && *forgive_after == other.forgive_after
            && *heartbeat == other.heartbeat
            && *pool == other.pool
            && lender.is_some() == other.lender.is_some()
            && *checked_as == other.checked_as
    }
}

#[cold]
fn judges(judge: &dyn Judge, exit: &Exit) -> bool {
    // The function is the user's, and a panic of it decides nothing.
    exit.cause().is_some_and(|error| contain(|| judge.judges(error)).unwrap_or(false))
}

impl Settings {
    /// Returns whether the rare settings are known to be the same, apart from the version.
    pub(super) fn has_same_rare_settings(&self, other: &Self) -> bool {
        match (&self.more, &other.more) {
            (None, None) => true,
            (Some(more), Some(other)) => more.is_same(other),
            (Some(more), None) | (None, Some(more)) => more.is_same(&RareSettings::default()),
        }
    }

    /// Returns the part of the spec in a pool, if it has one.
    #[inline]
    pub(super) fn pool(&self) -> Option<Pool> {
        self.more.as_ref()?.pool
    }

    /// Returns the period of the work, if it is periodic.
    #[inline]
    pub(super) fn every(&self) -> Option<&Every> {
        self.more.as_ref()?.every.as_deref()
    }

    /// Returns the version of what the start function captures, if it was given.
    pub(super) fn version(&self) -> Option<NonZeroU64> {
        self.more.as_ref()?.version
    }

    pub(super) fn more(&mut self) -> &mut RareSettings {
        self.more.get_or_insert_default()
    }
}

impl Settings {
    /// Returns a copy of what a [`OnceChild`](super::OnceChild) can set.
    pub(super) fn of_once(&self) -> Self {
        let ready_within = self.more.as_ref().and_then(|more| more.ready_within);
        Self {
            restart: self.restart,
            shutdown: self.shutdown,
            significant: self.significant,
            starts_once: self.starts_once,
            captures_nothing: self.captures_nothing,
            more: ready_within.map(|time| {
                Box::new(RareSettings { ready_within: Some(time), ..RareSettings::default() })
            }),
        }
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

    /// Returns whether the child is to be given up after this exit, as it declares.
    #[inline]
    pub(crate) fn gives_up_after(&self, exit: &Exit) -> bool {
        let judge = self.settings.more.as_ref().and_then(|more| more.give_up_if.as_ref());
        judge.is_some_and(|judge| judges(&**judge, exit))
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

    /// Sets the owner of the child, which is a task.
    pub(super) fn owned_by(mut self, owner: Arc<dyn TaskOwner>) -> Self {
        self.settings.more().settled = OwnerOfTask::new(owner);
        self
    }

    fn settled(&self) -> Option<&Settled> {
        self.settings.more.as_ref()?.settled.get()
    }

    /// Returns whether the child is a task that its owner has aborted.
    pub(crate) fn is_aborted(&self) -> bool {
        self.settled().is_some_and(Settled::has_aborted)
    }

    /// Notes that the supervisor has learned of the end of the child, or ends itself.
    pub(crate) fn note_settled(&self) {
        if let Some(settled) = self.settled() {
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
