//! The declaration of one child.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::blocking::ThreadStart;
use super::context::ChildContext;
use super::declaration::Declaration;
use super::life::Start;
use super::outcome::Outcome;
#[cfg(feature = "process")]
use super::process::MakeCommand;
use super::settings::Settings;
use crate::contain::Contained;

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
/// [`Shutdown::BrutalKill`]: crate::Shutdown::BrutalKill
/// [`Shutdown::Infinity`]: crate::Shutdown::Infinity
/// [`Supervisor`]: crate::Supervisor
/// [`Supervisor::child`]: crate::Supervisor::child
/// [`Supervisor::children`]: crate::Supervisor::children
#[must_use = "a spec does nothing until a supervisor starts it"]
pub struct ChildSpec {
    name: Arc<str>,
    kind: Kind,
    pub(super) settings: Settings,
}

/// The kind of a child, with its start function.
pub(crate) enum Kind {
    Task(TaskStart),
    Thread(ThreadStart),
    #[cfg(feature = "process")]
    Process(MakeCommand),
    Supervisor(Arc<Declaration>),
}

impl Kind {
    pub(crate) fn is_supervisor(&self) -> bool {
        matches!(self, Self::Supervisor(_))
    }

    /// Returns `true` if an instance of this kind has a context, by which it can report that it is
    /// ready or alive.
    pub(crate) fn has_context(&self) -> bool {
        matches!(self, Self::Task(TaskStart::WithContext(_)) | Self::Thread(_))
    }
}

/// The start function of a task. The engine calls it inside the task, so that a panic of it is a
/// panic of the child.
pub(crate) enum TaskStart {
    WithContext(Arc<dyn Start<ChildContext>>),
    WithoutContext(Arc<dyn Start<()>>),
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
        F: Fn(ChildContext) -> Fut, // the function is called at every start: clone the values it gives away, or lend them by `ChildSpec::lending`
        F: Send + Sync, // any thread may start the child: use `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
        F: 'static,     // the function outlives its caller: `move` the values it uses
        Fut: Future,    // write an `async fn`, `async |ctx| ..`, or `|ctx| async move { .. }`
        Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
        Fut: 'static,
        Fut::Output: Outcome,
    {
        let start = Contained::new(start);
        Self::starting_with(name.into(), move |ctx| Ok(start.get()(ctx)))
    }

    /// Creates a child whose start function takes no arguments.
    ///
    /// Such a child cannot learn that it is to stop, so by default it is aborted right away. With a
    /// timeout set by [`shutdown`](Self::shutdown), the child may end by itself within that time
    /// before it is aborted.
    ///
    /// `start` is called at every start, inside the child's own task. A panic of `start` is a panic
    /// exit of the child. `start` need not be [`Sync`].
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
        // The lock makes `start` usable without `Sync`. It is never contended, because at most one
        // instance of a child starts at a time.
        let start = Mutex::new(Contained::new(start));
        let start = move |()| {
            let start = start.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(start.get()())
        };
        Self::of_kind(name.into(), Kind::Task(TaskStart::WithoutContext(Arc::new(start))))
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

    /// Renames the child.
    pub(crate) fn named(mut self, name: String) -> Self {
        self.name = name.into();
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

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Task(_) => "Task",
            Self::Thread(_) => "Thread",
            #[cfg(feature = "process")]
            Self::Process(_) => "Process",
            Self::Supervisor(_) => "Supervisor",
        })
    }
}
