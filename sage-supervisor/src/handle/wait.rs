//! The waits of a handle for the end of an instance, and for a state of a child.

use std::panic::resume_unwind;

use super::SupervisorHandle;
use crate::child::Operation;
use crate::command::{ChildState, ChildStatus, CommandError, Condition};
use crate::exit::Exit;

impl SupervisorHandle {
    /// Waits for the end of the instance of a child that runs now, and returns its exit.
    ///
    /// The supervisor itself answers, so no exit is lost, however slow the caller is. Of a child that is
    /// down and stays so, the exit of the last instance is returned at once. If a child is about to be
    /// started, for the first time or again, the call waits for the end of that instance; a caller that
    /// asks again and again therefore never spins while a child waits for its backoff. An unresponsive
    /// instance has not ended.
    ///
    /// A temporary child that was added at run time is forgotten when it has ended. Ask before that:
    /// afterwards the answer is [`CommandError::NotFound`].
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildSpec, RestartConfig, RestartPolicy, Strategy, Supervisor};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let import = ChildSpec::new("import", async |_| Err::<(), _>("no such file"));
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .keep_alive(true)
    ///     .children([import.restart(RestartPolicy::Temporary)])
    ///     .start();
    /// let exit = app.handle().ended("import").await?;
    /// assert_eq!(exit.to_string(), "error: no such file");
    /// app.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`CommandError::NotFound`], if there is no such child, or if it is removed before it has run.
    /// - [`CommandError::Stopped`], if the child was stopped before it has run for the first time.
    /// - [`CommandError::NotRunning`], if its supervisor is down, or ends without the exit.
    /// - [`CommandError::Restarting`], if a supervisor on the way is about to be started. Wait for that
    ///   supervisor by [`wait_for`](Self::wait_for), and ask again.
    /// - [`CommandError::WaitsForCaller`], if a child would wait for its own end through the handle of its
    ///   own [context](crate::ChildContext::supervisor), for a child that starts after it is ready, or
    ///   if it is asked to stop while it waits. A task that the child spawns can wait.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn ended(&self, path: &str) -> Result<Exit, CommandError> {
        self.watch(path, Operation::AwaitEnd).await
    }

    /// Waits until a child is in this state, and returns its status then.
    ///
    /// The call returns at once if the child is in the state. The supervisor checks the state after each
    /// change that an [event](crate#events) tells of, and at the end of each of its turns, and keeps the
    /// status for the caller: a state that has passed by the time at which the caller runs is not missed.
    /// [`wait_until`](Self::wait_until) waits for other conditions.
    ///
    /// A caller that waits for a state which never comes waits until its supervisor begins to end.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, ChildState, RestartConfig, Strategy, Supervisor};
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
    /// let status = app.handle().wait_for("worker", ChildState::Running).await?;
    /// assert_eq!(status.path, "root/worker");
    /// app.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`ended`](Self::ended), except for [`CommandError::Stopped`]. When the supervisor of
    /// the child begins to end, the answer is [`CommandError::NotRunning`].
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn wait_for(
        &self,
        path: &str,
        state: ChildState,
    ) -> Result<ChildStatus, CommandError> {
        self.meets(path, Condition::State(state)).await
    }

    /// Waits until the status of a child meets a condition, and returns that status.
    ///
    /// The condition is checked as by [`wait_for`](Self::wait_for). The supervisor calls the function in
    /// its own task, so the function should return at once. A panic of the function unwinds into the
    /// caller of this method.
    ///
    /// # Examples
    ///
    /// A test that waits until the worker runs again:
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
    /// handle.fail_child("worker", "lost").await?;
    /// handle.wait_until("worker", |status| status.is_up() && status.restarts >= 1).await?;
    /// app.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`wait_for`](Self::wait_for).
    ///
    /// # Panics
    ///
    /// Panics if the condition does.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn wait_until<F>(&self, path: &str, condition: F) -> Result<ChildStatus, CommandError>
    where
        F: Fn(&ChildStatus) -> bool + Send + 'static,
    {
        self.meets(path, Condition::decided(condition)).await
    }

    async fn meets(&self, path: &str, condition: Condition) -> Result<ChildStatus, CommandError> {
        let met = self.watch(path, |reply| Operation::AwaitState(condition, reply)).await?;
        // The panic goes on with its own payload.
        Ok(met.unwrap_or_else(|payload| resume_unwind(payload.into_inner())))
    }
}
