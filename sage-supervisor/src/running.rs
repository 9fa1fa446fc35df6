//! The owner of a running tree.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::time::Instant;

use crate::child::Scope;
use crate::child::{self, Declaration, Instance, labelled};
use crate::engine::Engine;
use crate::error::{SageError, SageResult};
use crate::event;
use crate::exit::Exit;
use crate::handle::SupervisorHandle;
use crate::report::{Report, Requester};

/// The owner of a running tree. Dropping the owner ends the tree.
///
/// The drop asks for the end and does not wait for it. No poll of a child begins any more, except for
/// the one that another thread of the runtime may be about to begin at this moment: at most one for each
/// such thread, and none on a runtime of one thread. All children are dropped as soon as the runtime gets
/// to them. Call [`shutdown`](Self::shutdown) for an orderly end, and [`SupervisorHandle::joined`] to
/// wait after a drop.
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
    /// Starts the declared tree. A declaration that breaks a rule gives the owner of a tree that
    /// has ended with the error.
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

    /// The owner of a tree that never began.
    pub(crate) fn failed(path: String, error: SageError) -> Self {
        let report = Report::of_error(path, error, Instant::now());
        Self { handle: SupervisorHandle::failed(report) }
    }

    #[track_caller]
    fn launch(declaration: Arc<Declaration>) -> Self {
        // This panics if there is no time driver, here in the caller's code rather than at the first
        // deadline.
        drop(tokio::time::sleep(Duration::ZERO));
        let engine = Engine::root(declaration);
        let scope = Arc::clone(engine.scope());
        event::tree_started(scope.lineage());
        // The task needs no owner: `Root` reports its end to the scope, and the scope can end it.
        let instance = Instance::new(labelled((), engine.run()), Root(Arc::clone(&scope)));
        drop(instance.spawn(|| scope.lineage().to_string()));
        Self { handle: SupervisorHandle::new(scope) }
    }

    /// Waits until all children have been started for the first time, as
    /// [`SupervisorHandle::started`] does.
    ///
    /// # Errors
    ///
    /// The error that the tree ended with, if it has ended.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn started(&self) -> SageResult<()> {
        self.handle.started().await
    }

    /// Waits until the tree has ended by itself, or because a handle asked for its end.
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
    /// sleep(Duration::from_secs(45)).await; // other work
    /// batch.wait().await?;
    /// assert_eq!(began.elapsed().as_secs(), 60);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`Supervisor::run`].
    ///
    /// # Cancel safety
    ///
    /// Dropping this future drops the owner, which ends the tree. To wait for a limited time, keep
    /// the owner and wait with a [`handle`](Self::handle).
    ///
    /// [`Supervisor::run`]: crate::Supervisor::run
    pub async fn wait(self) -> SageResult<()> {
        self.handle.wait().await
    }

    /// Waits like [`wait`](Self::wait), and returns the [`Report`] of the end instead of the result
    /// alone. The report of a shutdown is available from a
    /// [handle](crate::SupervisorHandle::report).
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
    /// Dropping this future drops the owner, which ends the tree, as with [`wait`](Self::wait).
    pub async fn wait_with_report(self) -> Report {
        self.handle().ending().await.write_out()
    }

    /// Waits until the tree has ended, or until a future is ready. The tree then stops in order, as by
    /// [`shutdown`](Self::shutdown).
    ///
    /// The output of the future is dropped. If the tree ends first, its result comes at once, and the
    /// future is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    /// use std::time::Duration;
    /// use tokio::time::sleep;
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
    /// app.run_until(sleep(Duration::from_secs(60))).await?;
    /// assert!(handle.has_ended());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`wait`](Self::wait). A stop because the future is ready is no error.
    ///
    /// # Panics
    ///
    /// A panic of the future unwinds through this method, which ends the tree.
    ///
    /// # Cancel safety
    ///
    /// Dropping this future drops the owner, which ends the tree, as with [`wait`](Self::wait). It drops
    /// the future that was given as well.
    pub async fn run_until<F: Future>(self, future: F) -> SageResult<()> {
        self.stop_when(future).await;
        self.wait().await
    }

    /// Waits like [`run_until`](Self::run_until), and returns the [`Report`] of the end.
    ///
    /// # Panics
    ///
    /// A panic of the future unwinds through this method, which ends the tree.
    ///
    /// # Cancel safety
    ///
    /// Dropping this future drops the owner, which ends the tree, as with [`wait`](Self::wait).
    pub async fn run_until_with_report<F: Future>(self, future: F) -> Report {
        self.stop_when(future).await;
        self.wait_with_report().await
    }

    /// Waits until the tree has ended or the future is ready, and asks the tree to stop then.
    async fn stop_when<F: Future>(&self, future: F) {
        let (mut future, mut ended) = (pin!(future), pin!(self.handle.ending()));
        let is_asked = std::future::poll_fn(|cx| {
            if ended.as_mut().poll(cx).is_ready() {
                return Poll::Ready(false);
            }
            future.as_mut().poll(cx).map(|_| true)
        });
        if is_asked.await {
            self.handle.request_shutdown(Requester::Owner, None);
        }
    }

    /// Stops the tree in order, the last child first, and waits until it has ended.
    ///
    /// Every child has the time of its own shutdown setting. The start functions and all values
    /// that they have captured are dropped before this method returns, except those of unresponsive
    /// children.
    ///
    /// # Examples
    ///
    /// The child that others depend on is declared first, so it stops last:
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
    /// The errors of [`wait`](Self::wait). [`SageError::UncleanStop`] names the children that failed while
    /// they stopped, or were killed because their shutdown timed out.
    ///
    /// # Cancel safety
    ///
    /// Dropping this future drops the owner, which ends the tree at once.
    pub async fn shutdown(self) -> SageResult<()> {
        self.handle.request_shutdown(Requester::Owner, None);
        self.wait().await
    }

    /// Aborts all children of the tree at once, and waits until they have ended, for the longest
    /// [kill grace] in the tree at most.
    ///
    /// As with [`shutdown`](Self::shutdown), the start functions and all values that they have captured
    /// are dropped before this method returns. The supervisor drops them, and no grace applies to their
    /// destructors: the method returns later if one of them takes long.
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
    /// The errors of [`wait`](Self::wait). [`SageError::Unresponsive`] names the children that have
    /// not ended.
    ///
    /// # Cancel safety
    ///
    /// Dropping this future drops the owner, which ends the tree as well.
    ///
    /// [kill grace]: crate::Supervisor::kill_grace
    pub async fn kill(self) -> SageResult<()> {
        self.handle.request_kill(Requester::Owner);
        self.wait().await
    }

    /// Returns a remote control of the tree. A handle owns nothing, and does not keep the tree
    /// running.
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

/// The receiver of the exit of a root supervisor.
struct Root(Arc<Scope>);

impl child::Report for Root {
    /// The root of a tree needs no label.
    type Label = ();

    /// Returns `false`, because a supervisor is never dropped half way: a killed supervisor still
    /// joins its children.
    fn is_killed(&self) -> bool {
        false
    }

    fn ended(self, (): (), exit: Exit) {
        let result = match exit {
            Exit::Normal | Exit::Shutdown => Ok(()),
            Exit::Error(error) => Err(error.into()),
            Exit::Panic(panic) => Err(SageError::Defect(panic)),
            // Only a runtime that shuts down aborts the root. The other exits exist for children
            // only.
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
        // A tree that has ended ignores the request. The methods that consume the owner and wait
        // for the end rely on this.
        self.handle.request_kill(Requester::OwnerDropped);
    }
}

impl fmt::Debug for RunningSupervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningSupervisor").field("handle", &self.handle).finish()
    }
}
