//! A tree that runs, and its owner.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::child::{self, Declaration, Instance, begun};
use crate::engine::{Engine, Scope};
use crate::error::{SageError, SageResult};
use crate::event;
use crate::exit::Exit;
use crate::handle::SupervisorHandle;
use crate::report::{Report, Requester};

/// The owner of a tree that runs. Dropping it ends the tree.
///
/// The drop asks for the end and does not wait for it: no poll of a child begins any more, and all
/// are dropped as soon as the runtime gets to it. For an orderly end call
/// [`shutdown`](Self::shutdown).
///
/// # Examples
///
/// ```
/// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
///
/// async fn listener(ctx: ChildContext) {
///     ctx.cancelled().await;
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), sage_supervisor::SageError> {
/// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
///     .child("listener", listener)
///     .start();
/// // The tree runs, whatever happens here.
/// app.shutdown().await
/// # }
/// ```
#[must_use = "dropping it ends the tree"]
pub struct RunningSupervisor {
    handle: SupervisorHandle,
}

impl RunningSupervisor {
    /// Starts what is declared, if it breaks no rule.
    #[track_caller]
    pub(crate) fn start(declaration: &Arc<Declaration>) -> Self {
        match declaration.validate() {
            Ok(()) => Self::launch(Arc::clone(declaration)),
            Err(invalid) => {
                let path = declaration.root_name().to_string();
                Self::failed(path, SageError::Invalid(Box::new(invalid)))
            }
        }
    }

    /// One that never began.
    pub(crate) fn failed(path: String, error: SageError) -> Self {
        let report = Report::of_error(path, error, Instant::now());
        Self { handle: SupervisorHandle::failed(report) }
    }

    #[track_caller]
    fn launch(declaration: Arc<Declaration>) -> Self {
        // Panics here, in the caller's face, if there is no time driver; not at the first deadline.
        drop(tokio::time::sleep(Duration::ZERO));
        let engine = Engine::root(declaration);
        let scope = Arc::clone(engine.scope());
        event::tree_started(scope.lineage());
        drop(tokio::spawn(Instance::new(begun((), engine.run()), Root(Arc::clone(&scope)))));
        Self { handle: SupervisorHandle::new(scope) }
    }

    /// Waits until all children have been started for the first time, as
    /// [`SupervisorHandle::started`].
    ///
    /// # Errors
    ///
    /// If the tree has ended, what it has ended with.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn started(&self) -> SageResult<()> {
        self.handle.started().await
    }

    /// Waits until the tree has ended by itself, or because a handle asked for it.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{RestartConfig, RestartPolicy, Strategy, Supervisor};
    /// use std::time::Duration;
    /// use tokio::time::{Instant, sleep};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let mut batch = Supervisor::new(Strategy::OneForOne, RestartConfig::default());
    /// batch.add_child("report", RestartPolicy::Transient, async || {
    ///     sleep(Duration::from_secs(60)).await;
    ///     Ok(())
    /// });
    /// let began = Instant::now();
    /// let batch = batch.start();
    /// sleep(Duration::from_secs(45)).await; // does something else meanwhile
    /// batch.wait().await?;
    /// assert_eq!(began.elapsed().as_secs(), 60);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Supervisor::run`].
    ///
    /// # Cancel safety
    ///
    /// Dropping this future drops the owner, which ends the tree. To wait for a while only, keep
    /// the owner and wait with a [`handle`](Self::handle).
    ///
    /// [`Supervisor::run`]: crate::Supervisor::run
    pub async fn wait(self) -> SageResult<()> {
        self.handle.wait().await
    }

    /// As [`wait`](Self::wait), and gives the [`Report`] of the end instead of the result alone.
    /// That of a shutdown is given by a [handle](crate::SupervisorHandle::report).
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    /// use std::time::Duration;
    ///
    /// async fn listener(ctx: ChildContext) {
    ///     ctx.cancelled().await;
    ///     tokio::time::sleep(Duration::from_secs(3)).await;
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .child("listener", listener)
    ///     .start();
    /// let handle = app.handle();
    /// tokio::spawn(async move {
    ///     tokio::time::sleep(Duration::from_secs(60)).await;
    ///     handle.shutdown_because("the minute is over").await
    /// });
    /// let report = app.wait_with_report().await;
    /// assert_eq!(report.cause.to_string(), "asked through a handle: the minute is over");
    /// assert_eq!(report.root.took.map(|took| took.as_secs()), Some(3));
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// That of [`wait`](Self::wait).
    pub async fn wait_with_report(self) -> Report {
        self.handle().ended().await.write_out()
    }

    /// Stops the tree in order, the last child first, and waits until it has ended.
    ///
    /// Every child is given the time its shutdown setting says. The start functions and all they
    /// have captured are dropped before this returns, except those of what is unresponsive.
    ///
    /// # Examples
    ///
    /// What others depend on comes first, so it stops last:
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    /// use std::sync::mpsc;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let (stopped, stops) = mpsc::channel();
    /// let service = move |ctx: ChildContext| {
    ///     let stopped = stopped.clone();
    ///     async move {
    ///         ctx.cancelled().await;
    ///         stopped.send(ctx.name().to_owned()).unwrap();
    ///     }
    /// };
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .child("database", service.clone())
    ///     .child("web", service)
    ///     .start();
    /// # tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    /// app.shutdown().await?;
    /// assert_eq!(stops.try_iter().collect::<Vec<_>>(), ["web", "database"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Self::wait). A child that failed or was killed while stopping is no error.
    ///
    /// # Cancel safety
    ///
    /// Dropping this future drops the owner, which ends the tree at once.
    pub async fn shutdown(self) -> SageResult<()> {
        self.handle.request_shutdown(Requester::Owner, None);
        self.wait().await
    }

    /// Aborts all children of the tree at once, and waits until they have ended, no longer than the
    /// longest [kill grace] in it.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, ChildSpec, RestartConfig, Shutdown};
    /// use sage_supervisor::{Strategy, Supervisor};
    /// use std::time::Duration;
    /// use tokio::time::Instant;
    ///
    /// async fn deaf(_: ChildContext) {
    ///     std::future::pending().await
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let deaf = ChildSpec::new("deaf", deaf).shutdown(Shutdown::Infinity);
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .children([deaf])
    ///     .start();
    /// # tokio::time::sleep(Duration::from_secs(1)).await;
    /// let killed = Instant::now();
    /// app.kill().await?; // a shutdown would wait for ever
    /// assert_eq!(killed.elapsed(), Duration::ZERO);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Self::wait); [`SageError::Unresponsive`] names what has not ended.
    ///
    /// # Cancel safety
    ///
    /// Dropping this future changes nothing: it drops the owner, which ends the tree as well.
    ///
    /// [kill grace]: crate::Supervisor::kill_grace
    pub async fn kill(self) -> SageResult<()> {
        self.handle.request_kill(Requester::Owner);
        self.wait().await
    }

    /// A remote control of the tree. It owns nothing: it does not keep the tree running.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    ///
    /// async fn listener(ctx: ChildContext) {
    ///     ctx.cancelled().await;
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .child("listener", listener)
    ///     .start();
    /// let handle = app.handle();
    /// assert!(!handle.has_ended());
    /// drop(app);
    /// handle.wait().await
    /// # }
    /// ```
    #[must_use]
    pub fn handle(&self) -> SupervisorHandle {
        self.handle.clone()
    }
}

/// Tells how the root of a tree ended.
struct Root(Arc<Scope>);

impl child::Report for Root {
    /// There is one.
    type Label = ();

    /// A supervisor is never dropped half way: killed, it joins what it has.
    fn is_killed(&self) -> bool {
        false
    }

    fn ended(self, (): (), exit: Exit) {
        let result = match exit {
            Exit::Normal | Exit::Shutdown => Ok(()),
            Exit::Error(error) => Err(error.into()),
            Exit::Panic(panic) => Err(SageError::Defect(panic)),
            // Nobody aborts it but a runtime that ends; readiness and heartbeats are matters of children.
            Exit::Killed | Exit::HeartbeatMissed(_) | Exit::FailedStart(_) => {
                Err(SageError::RuntimeShutdown)
            }
        };
        event::tree_ended(self.0.stream(), self.0.lineage(), &result);
        self.0.end(result);
    }
}

impl Drop for RunningSupervisor {
    fn drop(&mut self) {
        self.handle.request_kill(Requester::OwnerDropped);
    }
}

impl fmt::Debug for RunningSupervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningSupervisor").field("handle", &self.handle).finish()
    }
}
