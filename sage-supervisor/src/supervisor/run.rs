//! The ways to run a supervisor.

use std::pin::pin;

use super::Supervisor;
use crate::contain::with_contained_waker;
use crate::engine;
use crate::error::SageResult;
use crate::report::Report;
use crate::running::RunningSupervisor;
use crate::tree::TreeSnapshot;

impl Supervisor {
    /// Starts the children and supervises them until all have ended for good.
    ///
    /// A child has ended for good when it has ended by itself and is not to be restarted. With
    /// [`keep_alive`](Self::keep_alive) the supervisor outlasts its children. The tree runs in a
    /// task of its own, and this future only waits for it.
    ///
    /// The method can be called again after the tree has ended. The next run has new children, new
    /// counters and new limits.
    ///
    /// # Examples
    ///
    /// A backup that needs one restart every night, and is allowed one:
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, ChildSpec, RestartConfig, RestartPolicy};
    /// use sage_supervisor::{Strategy, Supervisor};
    ///
    /// async fn backup(ctx: ChildContext) -> Result<(), &'static str> {
    ///     if ctx.restarts() == 0 { Err("the disk sleeps") } else { Ok(()) }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let once = RestartConfig { max_restarts: 1, ..RestartConfig::default() };
    /// let backup = ChildSpec::new("backup", backup).restart(RestartPolicy::Transient);
    /// let mut nightly = Supervisor::new(Strategy::OneForOne, once).children([backup]);
    /// nightly.run().await?;
    /// nightly.run().await
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`SageError::Invalid`](crate::SageError::Invalid): the declaration breaks a rule, and
    ///   nothing was started.
    /// - [`SageError::Supervisor`](crate::SageError::Supervisor): a child needed one restart more
    ///   than the restart limit allows. All other children have been stopped, in reverse order.
    /// - [`SageError::FailedStart`](crate::SageError::FailedStart): a child that declares readiness
    ///   did not start.
    /// - [`SageError::Significant`](crate::SageError::Significant): a significant child failed, and
    ///   the supervisor is declared to end with it.
    /// - [`SageError::GivenUp`](crate::SageError::GivenUp): a child exceeded its own restart limit and
    ///   was still down at the end.
    /// - [`SageError::Final`](crate::SageError::Final): a child ended the tree with an error that no restart
    ///   can help, or was still given up with such an error at the end.
    /// - [`SageError::Unresponsive`](crate::SageError::Unresponsive): tasks or threads were killed and
    ///   did not end. If a nested supervisor ends with this error without having been stopped, it ends
    ///   the whole tree, whatever the restart policies say.
    /// - [`SageError::UncleanStop`](crate::SageError::UncleanStop): there is no other error, and children
    ///   failed while the tree stopped, or were killed because their shutdown timed out, unless the tree
    ///   [tolerates](Self::tolerate_unclean_stop) that.
    /// - [`SageError::RuntimeShutdown`](crate::SageError::RuntimeShutdown): the runtime that the
    ///   tree runs on was shut down.
    /// - [`SageError::Defect`](crate::SageError::Defect): the supervisor itself panicked.
    ///
    /// The failure of a temporary child is no error, unless the child fails while the tree stops, or the
    /// failure is the [`SageError::Unresponsive`](crate::SageError::Unresponsive) of a nested supervisor.
    /// [`run_with_report`](Self::run_with_report) returns a report of such failures, and of the
    /// reason for which the supervisor ended.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime with its time driver enabled.
    ///
    /// # Cancel safety
    ///
    /// Dropping this future ends the whole tree, as the drop of a [`RunningSupervisor`] does. A later
    /// `run` waits for that before it starts anything, and [`joined`](Self::joined) does nothing but
    /// wait.
    pub async fn run(&mut self) -> SageResult<()> {
        self.run_once().wait().await
    }

    /// Runs the tree like [`run`](Self::run), and returns the [`Report`] of the end instead of the
    /// result alone.
    ///
    /// # Examples
    ///
    /// A temporary child whose failure is no error, but is in the report:
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, ChildSpec, RestartConfig, RestartPolicy};
    /// use sage_supervisor::{Strategy, Supervisor};
    ///
    /// async fn import(_: ChildContext) -> Result<(), &'static str> {
    ///     Err("no such file")
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let import = ChildSpec::new("import", import).restart(RestartPolicy::Temporary);
    /// let mut batch = Supervisor::new(Strategy::OneForOne, RestartConfig::default());
    /// batch = batch.children([import]);
    /// let report = batch.run_with_report().await;
    /// assert!(report.result().is_ok());
    /// assert_eq!(report.failures.count, 1);
    /// assert_eq!(report.failures.last[0].exit.to_string(), "error: no such file");
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime with its time driver enabled.
    ///
    /// # Cancel safety
    ///
    /// Dropping this future ends the whole tree, as with [`run`](Self::run).
    pub async fn run_with_report(&mut self) -> Report {
        self.run_once().wait_with_report().await
    }

    /// Runs the tree until it ends by itself, or until a future is ready. The tree then stops in order,
    /// the last child first.
    ///
    /// The output of the future is dropped. If the tree ends first, its result comes at once, and the
    /// future is dropped. A future that is ready before the tree has begun to start leads to an end
    /// without a start.
    ///
    /// `run_until_signal` waits for a signal to the process instead.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    /// use std::time::Duration;
    /// use tokio::sync::oneshot;
    ///
    /// async fn listener(ctx: ChildContext) {
    ///     ctx.cancelled().await;
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let (stop, stopped) = oneshot::channel::<()>();
    /// # tokio::spawn(async move {
    /// #     tokio::time::sleep(Duration::from_secs(60)).await;
    /// #     stop.send(())
    /// # });
    /// Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .child("listener", listener)
    ///     .run_until(stopped)
    ///     .await
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`run`](Self::run). A stop because the future is ready is no error.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime with its time driver enabled. A panic of the future unwinds
    /// through this method, which ends the tree.
    ///
    /// # Cancel safety
    ///
    /// Dropping this future ends the whole tree, as with [`run`](Self::run). It drops the future that was
    /// given as well.
    pub async fn run_until<F: Future>(self, future: F) -> SageResult<()> {
        self.run_once().run_until(future).await
    }

    /// Runs the tree like [`run_until`](Self::run_until), and returns the [`Report`] of the end. If the
    /// future was ready first, the cause is [`Requester::Owner`](crate::Requester::Owner).
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime with its time driver enabled. A panic of the future unwinds
    /// through this method, which ends the tree.
    ///
    /// # Cancel safety
    ///
    /// Dropping this future ends the whole tree, as with [`run`](Self::run).
    pub async fn run_until_with_report<F: Future>(self, future: F) -> Report {
        self.run_once().run_until_with_report(future).await
    }

    fn run_once(&self) -> RunningSupervisor {
        RunningSupervisor::start(&self.declaration)
    }

    /// Waits until nothing of any earlier run of this supervisor is alive.
    ///
    /// A run can leave something behind: its future was dropped, or a child did not end within its kill
    /// grace. The next run waits for that before it starts anything, but ends at once if it is told to
    /// end meanwhile. This method waits in every case. A run that has not been told to end is waited for
    /// as well.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    /// use std::sync::Arc;
    /// use std::time::Duration;
    /// use tokio::time::timeout;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let lock = Arc::new(());
    /// let held = Arc::clone(&lock);
    /// let worker = move |ctx: ChildContext| {
    ///     let held = Arc::clone(&held);
    ///     async move {
    ///         ctx.cancelled().await;
    ///         drop(held);
    ///     }
    /// };
    /// let mut app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .child("worker", worker);
    /// assert!(timeout(Duration::from_secs(1), app.run()).await.is_err());
    /// app.joined().await;
    /// assert_eq!(Arc::strong_count(&lock), 2, "the start function has one, and no child");
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn joined(&self) {
        for run in self.declaration.runs().unfinished() {
            // The waker may be the user's, and panic.
            with_contained_waker(pin!(run.cancelled())).await;
        }
    }

    /// Returns the tree as it is declared, without starting it: a test can compare its drawing, and a
    /// program can print it for an option such as `--tree`.
    ///
    /// The snapshot has the names, paths and kinds of all children, their restart policies, and the
    /// strategies and restart limits; every [state](crate::ChildState) is `NotStarted`. Nothing is
    /// checked: whether the tree is valid, a start tells. A [named tree] has a drawing of its own as a
    /// constant, with the results of its analyses.
    ///
    /// [named tree]: macro@crate::supervisor#named-trees
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::prelude::*;
    ///
    /// async fn worker(ctx: ChildContext) {
    ///     ctx.cancelled().await;
    /// }
    ///
    /// let config = RestartConfig::default();
    /// let storage = Supervisor::new(Strategy::OneForAll, config).child("writer", worker);
    /// let shop = Supervisor::new(Strategy::RestForOne, config)
    ///     .name("shop")
    ///     .child("storage", storage)
    ///     .child("http", worker);
    /// let drawing = "\
    /// ○ shop          not started  rest_for_one, 5 restarts in 1min
    /// ├─ ○ storage    not started  transient, one_for_all, 5 restarts in 1min
    /// │  └─ ○ writer  not started  permanent
    /// └─ ○ http       not started  permanent";
    /// assert_eq!(shop.tree().to_string(), drawing);
    /// ```
    #[must_use]
    pub fn tree(&self) -> TreeSnapshot {
        engine::declared(&self.declaration)
    }

    /// Starts the tree in a task of its own, and returns the owner of the tree.
    ///
    /// A declaration that breaks a rule is reported by the methods that wait for the tree, such as
    /// [`RunningSupervisor::wait`].
    ///
    /// # Examples
    ///
    /// A tree that runs while its owner does something else:
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    /// use std::time::Duration;
    /// use tokio::sync::watch;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let (seconds, mut time) = watch::channel(0);
    /// let clock = move |ctx: ChildContext| {
    ///     let seconds = seconds.clone();
    ///     async move {
    ///         while !ctx.is_cancelled() {
    ///             tokio::time::sleep(Duration::from_secs(1)).await;
    ///             seconds.send_modify(|seconds| *seconds += 1);
    ///         }
    ///     }
    /// };
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .child("clock", clock)
    ///     .start();
    /// assert!(time.wait_for(|&seconds| seconds == 3).await.is_ok());
    /// app.shutdown().await
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime with its time driver enabled.
    #[track_caller]
    pub fn start(self) -> RunningSupervisor {
        RunningSupervisor::start(&self.declaration)
    }
}
