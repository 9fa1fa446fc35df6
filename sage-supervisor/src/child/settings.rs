//! How to treat a child: what was set, and what holds.

use std::sync::Arc;
use std::time::Duration;

use super::lent::Lender;
use super::spec::{ChildSpec, Kind, TaskStart};
use crate::backoff::Backoff;
use crate::exit::Exit;
use crate::restart::{RestartConfig, RestartPolicy};
use crate::shutdown::Shutdown;

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
    /// Sets which exits lead to a restart. The default is [`RestartPolicy::Permanent`], for a
    /// nested supervisor [`RestartPolicy::Transient`].
    ///
    /// # Examples
    ///
    /// A child whose work can be done:
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

    /// Sets how the child is stopped: a [`Shutdown`], or a [`Duration`] it may take. The defaults
    /// are [those of `Shutdown`](Shutdown#defaults).
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

    /// Declares that the child says when it is ready, by [`ChildContext::ready`], and sets how long
    /// that may take. What is declared after it starts only then. By default a child counts as
    /// started when its task has been spawned.
    ///
    /// A child that is not ready in time is stopped by its shutdown setting. That, or an end before
    /// it is ready, is a *failed start*: while its supervisor itself is starting, the supervisor
    /// stops what it has started and ends with [`SageError::FailedStart`]; at a restart it is
    /// retried, and every attempt counts against the limit. (Erlang/OTP has no such time.)
    ///
    /// [`ChildContext::ready`]: crate::ChildContext::ready
    /// [`SageError::FailedStart`]: crate::SageError::FailedStart
    pub fn ready_within(mut self, time: Duration) -> Self {
        self.settings.more().ready_within = Some(time);
        self
    }

    /// Marks the child as significant: its end can be that of its supervisor, see [`AutoShutdown`].
    /// It must not be permanent, which never ends for good.
    ///
    /// [`AutoShutdown`]: crate::AutoShutdown
    pub fn significant(mut self) -> Self {
        self.settings.significant = true;
        self
    }

    /// Sets a limit on the restarts of this child, besides that of its supervisor. One more than it
    /// allows, and the child is *given up*: it alone stays down, no sibling is touched, and it costs
    /// the supervisor nothing. It can be started again by hand, and starts again with its group. By
    /// default there is no such limit.
    ///
    /// A restart that it allows counts for both. A supervisor that ends while a child is given up ends
    /// with [`SageError::GivenUp`]; a [`DynamicSupervisor`] forgets the child instead. (Erlang/OTP has
    /// no such limit.)
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

    /// Sets how long the restarts of this child wait, instead of what its supervisor says: a
    /// [`Backoff`], or a function of how many failures there were in a row.
    pub fn backoff(mut self, backoff: impl Into<Backoff>) -> Self {
        self.settings.more().backoff = Some(backoff.into());
        self
    }

    /// Declares that the child says at least this often that it is alive, by
    /// [`ChildContext::heartbeat`]. One that does not is aborted at once, and its exit is
    /// [`Exit::HeartbeatMissed`](crate::Exit::HeartbeatMissed), a failure. By default nobody listens. (`systemd`'s `WatchdogSec`.)
    ///
    /// The time is counted from its start, or from its [readiness](Self::ready_within) if it declares
    /// one. Once it is asked to stop, its shutdown time is all it has. One that blocks its thread
    /// cannot be aborted, and is reported as unresponsive.
    ///
    /// [`ChildContext::heartbeat`]: crate::ChildContext::heartbeat
    pub fn heartbeat(mut self, within: Duration) -> Self {
        self.settings.more().heartbeat = Some(within);
        self
    }

    /// The restart policy in force: the one that was set, or the default.
    #[must_use]
    pub fn restart_policy(&self) -> RestartPolicy {
        self.settings.restart.unwrap_or(match self.kind() {
            Kind::Supervisor(_) => RestartPolicy::Transient,
            _ => RestartPolicy::Permanent,
        })
    }

    /// The shutdown in force: the one that was set, or the default.
    #[must_use]
    pub fn shutdown_setting(&self) -> Shutdown {
        self.settings.shutdown.unwrap_or(match self.kind() {
            Kind::Task(TaskStart::WithoutContext(_)) => Shutdown::BrutalKill,
            Kind::Supervisor(_) => Shutdown::Infinity,
            _ => Shutdown::DEFAULT,
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
