//! How to get a report.

use super::Report;
use crate::running::RunningSupervisor;
use crate::supervisor::Supervisor;

impl Supervisor {
    /// As [`run`](Self::run), and gives the [`Report`] of the end instead of the result alone.
    ///
    /// # Examples
    ///
    /// A failure that is no error is in the report:
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
    /// Outside of a tokio runtime with its time driver enabled.
    ///
    /// # Cancel safety
    ///
    /// That of [`run`](Self::run).
    pub async fn run_with_report(&mut self) -> Report {
        self.run_once().wait_with_report().await
    }
}

impl RunningSupervisor {
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
}
