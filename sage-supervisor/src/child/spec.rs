//! The declaration of one child.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::context::ChildContext;
use super::declaration::Declaration;
use super::future::{Exclusive, LARGE, Start};
use super::judge::judge;
use super::kind::{Kind, TaskStart};
use super::outcome::Outcome;
use super::settings::Settings;
use crate::backoff::Backoff;
use crate::contain::Contained;
use crate::policy::{RestartConfig, RestartPolicy, Shutdown};

/// The declaration of a child: its name, its start function, and the settings that say how its
/// supervisor treats it, such as its restart policy and its shutdown.
///
/// Pass a spec to [`Supervisor::children`], which keeps its name, or to [`Supervisor::child`],
/// which sets its name.
///
/// # Defaults
///
/// | | restart | shutdown |
/// |---|---|---|
/// | [`ChildSpec::new`] | permanent | 5 s |
/// | [`ChildSpec::without_context`] | permanent | [`Shutdown::BrutalKill`] |
/// | [`ChildSpec::blocking`], `ChildSpec::command` | permanent | 5 s |
/// | a [`Supervisor`] | transient | [`Shutdown::Infinity`] |
///
/// # Examples
///
/// ```
/// use sage_supervisor::{ChildSpec, RestartConfig, RestartPolicy, Strategy, Supervisor};
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), sage_supervisor::SageError> {
/// let importer = ChildSpec::new("importer", |ctx| async move {
///     println!("{} starts", ctx.path());
/// })
/// .restart(RestartPolicy::Transient)
/// .shutdown(Duration::from_secs(10));
///
/// let mut app = Supervisor::new(Strategy::OneForOne, RestartConfig::default()).children([importer]);
/// app.run().await
/// # }
/// ```
///
/// [`Supervisor`]: crate::Supervisor
/// [`Supervisor::child`]: crate::Supervisor::child
/// [`Supervisor::children`]: crate::Supervisor::children
#[must_use = "a spec does nothing until a supervisor starts it"]
pub struct ChildSpec {
    name: Arc<str>,
    kind: Kind,
    pub(super) settings: Settings,
}

impl ChildSpec {
    /// Creates a child whose start function takes a [`ChildContext`], and which therefore can learn
    /// that it is to stop.
    ///
    /// `start` is called at every start, inside the child's own task. A panic of `start` is a panic
    /// exit of the child.
    ///
    /// # Examples
    ///
    /// A start function that passes to each instance a clone of a value it has captured:
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, ChildSpec, RestartPolicy, Shutdown};
    /// use std::time::Duration;
    /// use tokio::sync::mpsc;
    ///
    /// async fn producer(ctx: ChildContext, orders: mpsc::Sender<u64>) {
    ///     ctx.cancelled().await;
    ///     let _ = orders.send(ctx.restarts()).await;
    /// }
    ///
    /// let (orders, _inbox) = mpsc::channel(16);
    /// let spec = ChildSpec::new("producer", move |ctx| producer(ctx, orders.clone()));
    /// assert_eq!(spec.restart_policy(), RestartPolicy::Permanent);
    /// assert_eq!(spec.shutdown_setting(), Shutdown::Timeout(Duration::from_secs(5)));
    /// ```
    pub fn new<F, Fut>(name: impl Into<String>, start: F) -> Self
    where
        F: Fn(ChildContext) -> Fut, // the function is called at every start: clone values it gives away, or use `ChildSpec::lending`
        F: Send + Sync, // any thread may start the child: use `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
        F: 'static,     // the function outlives its caller: `move` the values it uses
        Fut: Future,    // write an `async fn`, `async |ctx| ..`, or `|ctx| async move { .. }`
        Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
        Fut: 'static,
        Fut::Output: Outcome,
    {
        let start = Contained::new(start);
        Self::starting_with(name.into(), move |ctx| Ok(start.get()(ctx))).started_by::<F>()
    }

    /// Creates a child whose start function takes no arguments.
    ///
    /// Such a child cannot learn that it is to stop, so by default it is aborted right away. With a
    /// timeout set by [`shutdown`](Self::shutdown), the child may end by itself within that time
    /// before it is aborted.
    ///
    /// `start` is called at every start, inside the child's own task. A panic of `start` is a panic
    /// exit of the child. `start` need not be [`Sync`]: if many children share the spec, `start` is called
    /// for one of them at a time, and the others wait without holding a thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildSpec, RestartConfig, Shutdown, Strategy, Supervisor};
    /// use std::time::Duration;
    /// use tokio::time::{Instant, sleep};
    ///
    /// async fn heartbeat() {
    ///     loop {
    ///         println!("alive");
    ///         sleep(Duration::from_secs(60)).await;
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let spec = ChildSpec::without_context("heartbeat", heartbeat);
    /// assert_eq!(spec.shutdown_setting(), Shutdown::BrutalKill);
    ///
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .children([spec])
    ///     .start();
    /// # sleep(Duration::from_secs(1)).await;
    /// let asked = Instant::now();
    /// app.shutdown().await?;
    /// assert_eq!(asked.elapsed(), Duration::ZERO);
    /// # Ok(())
    /// # }
    /// ```
    pub fn without_context<F, Fut>(name: impl Into<String>, start: F) -> Self
    where
        F: Fn() -> Fut, // the function is called at every start: clone the values it gives away
        F: Send,        // any thread may start the child: use `Arc` in place of `Rc`
        F: 'static,     // the function outlives its caller: `move` the values it uses
        Fut: Future,    // write an `async fn`, `async || ..`, or `|| async move { .. }`
        Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
        Fut: 'static,
        Fut::Output: Outcome,
    {
        let start: Arc<dyn Start<()>> = if size_of::<Fut>() <= LARGE {
            Arc::new(Exclusive::new(start))
        } else {
            Arc::new(Exclusive::new(move || Box::pin(start())))
        };
        Self::of_kind(name.into(), Kind::Task(TaskStart::WithoutContext(start))).started_by::<F>()
    }

    /// A task with a context, named `name`.
    pub(super) fn starting_with(name: String, start: impl Start<ChildContext> + 'static) -> Self {
        Self::of_kind(name, Kind::Task(TaskStart::WithContext(Arc::new(start))))
    }

    /// A nested supervisor, named `name`.
    pub(crate) fn supervisor(name: String, declaration: Arc<Declaration>) -> Self {
        Self::of_kind(name, Kind::Supervisor(declaration))
    }

    /// A child of any kind with the default settings.
    pub(super) fn of_kind(name: String, kind: Kind) -> Self {
        Self { name: name.into(), kind, settings: Settings::default() }
    }

    /// Returns the spec of the same nested supervisor with another declaration.
    pub(crate) fn redeclared(&self, declaration: Arc<Declaration>) -> Self {
        let name = Arc::clone(&self.name);
        Self { name, kind: Kind::Supervisor(declaration), settings: self.settings.clone() }
    }

    /// Returns a copy with this name, which shares the start function.
    pub(super) fn renamed(&self, name: String) -> Self {
        Self { name: name.into(), kind: self.kind.clone(), settings: self.settings.clone() }
    }

    /// Renames the child.
    pub(crate) fn named(mut self, name: String) -> Self {
        self.name = name.into();
        self
    }

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
    /// // The child is not started again, so there is nothing left to supervise.
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
    /// Time in which the child could not run does not count, as with a
    /// [heartbeat](Self::heartbeat).
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

    /// Gives the child up when it fails with an error that no restart can help: a wrong password, a missing
    /// table. What follows is that of [`ChildContext::give_up`]: the child alone stays down in the state
    /// [`GivenUp`](crate::ChildState::GivenUp), nothing is counted, and a supervisor that ends while the
    /// child is given up ends with [`SageError::Final`](crate::SageError::Final). By default every failure
    /// of a child that is not temporary leads to a restart.
    ///
    /// `is_final` is called with each error that the child ends with by itself and that is of the type `E`,
    /// or is in a box, an `anyhow::Error` or an `eyre::Report` and can be downcast to `E`, as
    /// [`Exit::cause`](crate::Exit::cause) says. For a process `E` is a `ProcessExit`, for a nested
    /// supervisor a [`SageError`](crate::SageError). The error of an instance that has been asked to stop
    /// is not judged. In a `supervisor!` block, `#[child(give_up_if = is_final)]` makes the compiler check
    /// that the child can fail with an `E`. As with every setting, the last call counts: a predicate for errors
    /// of several types takes a `Box<dyn Error + Send + Sync>` apart by itself. (It is like `RestartPreventExitStatus` of systemd.)
    ///
    /// # Panics
    ///
    /// The supervisor calls `is_final`, which must not block. A panic of it is contained and counts as
    /// `false`.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, ChildSpec, RestartConfig, Strategy, Supervisor};
    /// use std::io;
    ///
    /// async fn client(ctx: ChildContext) -> io::Result<()> {
    /// #   let refused = ctx.restarts() < 2;
    ///     let answer = if refused { io::ErrorKind::ConnectionRefused } else { io::ErrorKind::InvalidInput };
    ///     Err(answer.into())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let client = ChildSpec::new("client", client)
    ///     .give_up_if(|error: &io::Error| error.kind() == io::ErrorKind::InvalidInput);
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default());
    /// let report = app.children([client]).run_with_report().await;
    /// assert_eq!(report.restarts, 2);
    /// let error = report.into_result().unwrap_err();
    /// assert_eq!(error.to_string(), "child `root/client` gave up: error");
    /// # }
    /// ```
    ///
    /// [`ChildContext::give_up`]: crate::ChildContext::give_up
    pub fn give_up_if<E>(mut self, is_final: impl Fn(&E) -> bool + Send + Sync + 'static) -> Self
    where
        E: Error + 'static, // judge what is in an `anyhow::Error` or a box by its own type
    {
        self.settings.more().give_up_if = Some(judge(is_final));
        self
    }

    /// Sets how long an instance of this child has to be up for the restarts before it to be forgiven,
    /// in place of the setting of its [supervisor](crate::Supervisor::forgive_after). By default no
    /// restart is forgiven before it has left the window.
    ///
    /// # Examples
    ///
    /// A feed that may lose its connection once in a while, but not three times without a good hour in
    /// between:
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, ChildSpec, RestartConfig};
    /// use std::time::Duration;
    ///
    /// async fn feed(ctx: ChildContext) {
    ///     ctx.cancelled().await;
    /// }
    ///
    /// let hour = Duration::from_secs(60 * 60);
    /// let feed = ChildSpec::new("feed", feed)
    ///     .restart_limit(RestartConfig { max_restarts: 2, within: 24 * hour })
    ///     .forgive_after(hour);
    /// assert_eq!(feed.forgive_after_setting(), Some(hour));
    /// ```
    pub fn forgive_after(mut self, time: Duration) -> Self {
        self.settings.more().forgive_after = Some(time);
        self
    }

    /// Sets how long the restarts of this child are delayed, in place of the backoff of its
    /// supervisor: a [`Backoff`], or a function of the number of restarts in a row.
    ///
    /// A delayed restart does not count for the restart limit of the supervisor, unless somebody has
    /// set that limit; see [`RestartConfig`].
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
    /// is reported as unresponsive. A child whose work is [periodic](Self::every) needs none between two
    /// runs.
    ///
    /// Time in which the child could not run does not count: the process was frozen, or another task
    /// blocked the thread behind which the child waits. The child is then given the time again, for
    /// 10 s at most, or for as long as the process was frozen.
    ///
    /// [`ChildContext::heartbeat`]: crate::ChildContext::heartbeat
    pub fn heartbeat(mut self, within: Duration) -> Self {
        self.settings.more().heartbeat = Some(within);
        self
    }

    /// The name of the child.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn shared_name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    pub(crate) fn kind(&self) -> &Kind {
        &self.kind
    }
}

impl fmt::Debug for ChildSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChildSpec")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("restart", &self.restart_policy())
            .field("shutdown", &self.shutdown_setting())
            .finish_non_exhaustive()
    }
}
