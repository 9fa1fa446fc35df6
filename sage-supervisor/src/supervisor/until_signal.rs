//! Running a supervisor until the process is asked to end by a signal.

use tokio::time::Instant;

use super::Supervisor;
use crate::error::SageResult;
use crate::report::Report;
use crate::running::RunningSupervisor;
use crate::signal::{self, Entered};

impl Supervisor {
    /// Runs the tree until it ends by itself or the process is told to end.
    ///
    /// | signal | what happens |
    /// |---|---|
    /// | the first Ctrl-C or SIGTERM | the tree stops in order, the last child first |
    /// | the second | all tasks are aborted; this returns within the kill grace |
    /// | the third | the process exits with 128 + the signal's number |
    ///
    /// From the first call on, the default behaviour of these signals is gone for the whole
    /// process. Therefore, while no tree runs under this method, the next of them exits the process
    /// in the same way: one that hangs after this has returned, in the drop of a runtime with a task
    /// that does not end, can still be ended. Two trees at once both hear every signal. On Windows
    /// it is Ctrl-C alone.
    ///
    /// Signals are waited for on a thread of its own, so they are heard even if every thread of the
    /// runtime is blocked.
    ///
    /// It is there with the feature `signal`, which is on by default.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    ///
    /// async fn listener(ctx: ChildContext) {
    ///     ctx.cancelled().await;
    /// }
    ///
    /// #[tokio::main]
    /// async fn main() -> Result<(), sage_supervisor::SageError> {
    ///     Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///         .child("listener", listener)
    ///         .run_until_signal()
    ///         .await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`run`](Self::run), and the error of the operating system, as [`SageError::Other`],
    /// if the signals cannot be listened to; nothing was started then. A stop on a signal is no
    /// error.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with its time driver enabled.
    ///
    /// # Cancel safety
    ///
    /// Dropping this future ends the tree, as that of [`run`](Self::run).
    ///
    /// [`SageError::Other`]: crate::SageError::Other
    pub async fn run_until_signal(self) -> SageResult<()> {
        let (running, _entered) = self.start_for_signals()?;
        running.wait().await
    }

    /// As [`run_until_signal`](Self::run_until_signal), and gives the [`Report`] of the end, which
    /// names the signal.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    ///
    /// async fn listener(ctx: ChildContext) {
    ///     ctx.cancelled().await;
    /// }
    ///
    /// #[tokio::main]
    /// async fn main() -> Result<(), sage_supervisor::SageError> {
    ///     let report = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///         .child("listener", listener)
    ///         .run_until_signal_with_report()
    ///         .await;
    ///     eprintln!("{report}");
    ///     report.into_result()
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with its time driver enabled.
    ///
    /// # Cancel safety
    ///
    /// Dropping this future ends the tree, as that of [`run`](Self::run).
    pub async fn run_until_signal_with_report(self) -> Report {
        let path = self.declaration.root_name().to_string();
        match self.start_for_signals() {
            Ok((running, _entered)) => running.wait_with_report().await,
            Err(error) => Report::of_error(path, error, Instant::now()),
        }
    }

    fn start_for_signals(self) -> SageResult<(RunningSupervisor, Entered)> {
        Ok(signal::start_listed(|| self.start())?)
    }
}
