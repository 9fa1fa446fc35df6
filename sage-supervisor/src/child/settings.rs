//! The settings of a child, and the defaults in their place.

use std::sync::Arc;
use std::time::Duration;

use super::lent::Lender;
use super::spec::{ChildSpec, Kind, TaskStart};
use crate::backoff::Backoff;
use crate::exit::Exit;
use crate::restart::{RestartConfig, RestartPolicy};
use crate::shutdown::Shutdown;

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
    pub(super) backoff: Option<Backoff>,
    pub(super) heartbeat: Option<Duration>,
    /// The lender of the child's lent values, if the child has any.
    lender: Option<Arc<dyn Lender>>,
    /// The function of the named tree that the macro took the child for when it checked the block.
    checked_as: Option<&'static str>,
}

impl Settings {
    pub(super) fn more(&mut self) -> &mut RareSettings {
        self.more.get_or_insert_default()
    }
}

impl ChildSpec {
    /// Sets which exits lead to a restart. The default is [`RestartPolicy::Permanent`], and
    /// [`RestartPolicy::Transient`] for a nested supervisor.
    ///
    /// # Examples
    ///
    /// A child that is done when its work is done:
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, ChildSpec, RestartConfig, RestartPolicy};
    /// use sage_supervisor::{Strategy, Supervisor};
    ///
    /// async fn migration(ctx: ChildContext) {
    ///     println!("{} is done", ctx.path());
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let spec = ChildSpec::new("migration", migration).restart(RestartPolicy::Transient);
    /// assert_eq!(spec.restart_policy(), RestartPolicy::Transient);
    ///
    /// // It is not started again, so there is nothing left to supervise.
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default());
    /// app.children([spec]).run().await
    /// # }
    /// ```
    pub fn restart(mut self, policy: RestartPolicy) -> Self {
        self.settings.restart = Some(policy);
        self
    }

    /// Sets how the child is stopped: a [`Shutdown`], or the [`Duration`] it may take to stop. The
    /// defaults are [those of `Shutdown`](Shutdown#defaults).
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, ChildSpec, Shutdown};
    /// use std::time::Duration;
    ///
    /// async fn writer(ctx: ChildContext) {
    ///     ctx.cancelled().await;
    /// }
    ///
    /// let patient = ChildSpec::new("writer", writer).shutdown(Duration::from_secs(30));
    /// assert_eq!(patient.shutdown_setting(), Shutdown::Timeout(Duration::from_secs(30)));
    ///
    /// let abrupt = ChildSpec::new("writer", writer).shutdown(Shutdown::BrutalKill);
    /// assert_eq!(abrupt.shutdown_setting(), Shutdown::BrutalKill);
    /// ```
    ///
    /// [`Duration`]: std::time::Duration
    pub fn shutdown(mut self, shutdown: impl Into<Shutdown>) -> Self {
        self.settings.shutdown = Some(shutdown.into());
        self
    }

    /// Declares that the child reports when it is ready, by [`ChildContext::ready`], and sets how
    /// long it may take to do so. The children declared after it start only then. By default a
    /// child counts as started when its task has been spawned.
    ///
    /// A child that is not ready in time is stopped according to its shutdown setting. Being late
    /// is a *failed start*, and so is an end of the child before it is ready. A failed start while
    /// the supervisor itself is starting makes the supervisor stop the children it has started and
    /// end with [`SageError::FailedStart`]. A failed start at a restart is retried, and every
    /// attempt counts against the restart limit. (Erlang/OTP has no such timeout.)
    ///
    /// [`ChildContext::ready`]: crate::ChildContext::ready
    /// [`SageError::FailedStart`]: crate::SageError::FailedStart
    pub fn ready_within(mut self, time: Duration) -> Self {
        self.settings.more().ready_within = Some(time);
        self
    }

    /// Marks the child as significant: its end can end its supervisor, see [`AutoShutdown`]. A
    /// significant child must not be permanent, because a permanent child never ends for good.
    ///
    /// [`AutoShutdown`]: crate::AutoShutdown
    pub fn significant(mut self) -> Self {
        self.settings.significant = true;
        self
    }

    /// Sets a restart limit of this child's own, in addition to the limit of its supervisor. A
    /// child that needs one more restart than its own limit allows is *given up*: the child alone
    /// stays down, no sibling is touched, and the refused restart does not count against the limit
    /// of the supervisor. A child that is given up can be started by hand, and starts again with
    /// its group. By default a child has no limit of its own.
    ///
    /// A restart that the child's limit allows counts for both limits. A supervisor that ends while
    /// a child is given up ends with [`SageError::GivenUp`]; a [`DynamicSupervisor`] forgets the
    /// child instead. (Erlang/OTP has no such limit.)
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, ChildSpec, ChildState, RestartConfig};
    /// use sage_supervisor::{Strategy, Supervisor};
    ///
    /// async fn metrics(_: ChildContext) -> Result<(), &'static str> {
    ///     Err("the collector is away")
    /// }
    ///
    /// async fn web(ctx: ChildContext) {
    ///     ctx.cancelled().await;
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let twice = RestartConfig { max_restarts: 2, ..RestartConfig::default() };
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .children([ChildSpec::new("metrics", metrics).restart_limit(twice)])
    ///     .child("web", web)
    ///     .start();
    /// # tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    /// let handle = app.handle();
    /// assert_eq!(handle.child("metrics").await?.state, ChildState::GivenUp);
    /// assert_eq!(handle.child("web").await?.state, ChildState::Running);
    ///
    /// let error = app.shutdown().await.unwrap_err();
    /// assert!(error.to_string().contains("root/metrics"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// [`DynamicSupervisor`]: crate::DynamicSupervisor
    /// [`SageError::GivenUp`]: crate::SageError::GivenUp
    pub fn restart_limit(mut self, config: RestartConfig) -> Self {
        self.settings.more().limit = Some(config);
        self
    }

    /// Sets how long the restarts of this child are delayed, in place of the backoff of its
    /// supervisor: a [`Backoff`], or a function of the number of failures in a row.
    pub fn backoff(mut self, backoff: impl Into<Backoff>) -> Self {
        self.settings.more().backoff = Some(backoff.into());
        self
    }

    /// Declares that the child reports at least this often that it is alive, by
    /// [`ChildContext::heartbeat`]. A child that misses this time is aborted at once, and its exit
    /// is [`Exit::HeartbeatMissed`](crate::Exit::HeartbeatMissed), a failure. By default a child
    /// needs no heartbeat. (The setting is like `systemd`'s `WatchdogSec`.)
    ///
    /// The time is counted from the start of the child, or from its [readiness](Self::ready_within)
    /// if it declares readiness. A child that has been asked to stop needs no further heartbeat,
    /// and only its shutdown timeout applies. A child that blocks its thread cannot be aborted, and
    /// is reported as unresponsive.
    ///
    /// [`ChildContext::heartbeat`]: crate::ChildContext::heartbeat
    pub fn heartbeat(mut self, within: Duration) -> Self {
        self.settings.more().heartbeat = Some(within);
        self
    }

    /// The restart policy in force: the policy that was set, or the default.
    #[must_use]
    pub fn restart_policy(&self) -> RestartPolicy {
        self.settings.restart.unwrap_or(match self.kind() {
            Kind::Supervisor(_) => RestartPolicy::Transient,
            _ => RestartPolicy::Permanent,
        })
    }

    /// The shutdown in force: the setting that was made, or the default.
    #[must_use]
    pub fn shutdown_setting(&self) -> Shutdown {
        self.settings.shutdown.unwrap_or(match self.kind() {
            Kind::Task(TaskStart::WithoutContext(_)) => Shutdown::BrutalKill,
            Kind::Supervisor(_) => Shutdown::Infinity,
            _ => Shutdown::DEFAULT,
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
        self.restart(RestartPolicy::Temporary)
    }

    pub(crate) fn starts_once(&self) -> bool {
        self.settings.starts_once
    }

    /// Sets the lender of the child's lent values.
    pub(super) fn lent_by(mut self, lender: Arc<dyn Lender>) -> Self {
        self.settings.more().lender = Some(lender);
        self
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
    pub(crate) fn note_exit(&self, exit: &Exit) {
        if let (Some(lender), Exit::Panic(_)) = (self.lender(), exit) {
            lender.holder_panicked();
        }
    }

    /// Sets the function of the named tree that the macro took the child for, if that is known.
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
