//! The commands of a handle that end a child without asking it.

use super::SupervisorHandle;
use crate::child::Operation;
use crate::command::CommandError;
use crate::error::keep;
use crate::exit::BoxError;

impl SupervisorHandle {
    /// Kills a child without asking it to stop, and waits until it has ended.
    ///
    /// This also cuts a stop short that is under way: that of [`stop_child`](Self::stop_child), of a
    /// restart, or of the shutdown of the whole tree. Whoever waits for that stop is answered too. A task
    /// is aborted, and ends at its next yield; a process group is sent SIGKILL; a nested supervisor kills
    /// and joins everything below it. A thread cannot be killed: it is asked once more, and is
    /// unresponsive if it has not ended within the [kill grace](crate::Supervisor::kill_grace).
    ///
    /// After that the child is in the state in which `stop_child` leaves it: it stays down until it is
    /// started by hand, or with its group. A kill by hand is no failure: it leads to no restart, counts
    /// for no limit, and makes no stop unclean.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, ChildSpec, ChildState, RestartConfig, Shutdown};
    /// use sage_supervisor::{Strategy, Supervisor};
    ///
    /// async fn deaf(_: ChildContext) {
    ///     std::future::pending().await
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let deaf = ChildSpec::new("deaf", deaf).shutdown(Shutdown::Infinity);
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .children([deaf])
    ///     .start();
    /// let handle = app.handle();
    /// app.started().await?;
    /// let stopping = tokio::spawn({
    ///     let handle = handle.clone();
    ///     async move { handle.stop_child("deaf").await }
    /// });
    /// handle.wait_for("deaf", ChildState::Stopping).await?;
    /// handle.kill_child("deaf").await?;
    /// stopping.await??;
    /// app.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of the [table](Self#commands).
    ///
    /// # Cancel safety
    ///
    /// Once polled, the child is killed even if this future is dropped.
    pub async fn kill_child(&self, path: &str) -> Result<(), CommandError> {
        self.ask(path, Operation::Kill).await.map(drop)
    }

    /// Lets a child fail: kills its instance, whose exit is then
    /// [`Exit::Error`](crate::Exit::Error) with this error, and waits until it has ended.
    ///
    /// Everything acts as if the instance had returned the error: the restart policy, the limits, the
    /// backoff, the strategy, the end of the supervisor, and the events. The error keeps its type, as
    /// [`Exit::cause`](crate::Exit::cause) says. An instance that is not ready yet has failed to start.
    /// The method is meant for tests, and for trying out what a failure leads to in a running system.
    ///
    /// If tasks below a nested supervisor do not end, that stays its exit.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    ///
    /// async fn worker(ctx: ChildContext) {
    ///     ctx.cancelled().await;
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .child("worker", worker)
    ///     .start();
    /// let handle = app.handle();
    /// app.started().await?;
    /// handle.fail_child("worker", "the disk is full").await?;
    /// let status = handle.wait_until("worker", |status| status.restarts == 1).await?;
    /// assert_eq!(status.last_exit.unwrap().to_string(), "error: the disk is full");
    /// app.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of the [table](Self#commands): a child that is down or stopping cannot fail.
    ///
    /// # Cancel safety
    ///
    /// Once polled, the child fails even if this future is dropped.
    pub async fn fail_child<E>(&self, path: &str, error: E) -> Result<(), CommandError>
    where
        E: Into<BoxError> + 'static,
    {
        let error = keep(error);
        self.ask(path, |reply| Operation::Fail(error, reply)).await.map(drop)
    }
}
