//! Ways to run a supervisor that end it on a signal to the process.

use tokio::time::Instant;

use super::Supervisor;
use crate::error::SageResult;
use crate::report::Report;
use crate::running::RunningSupervisor;
use crate::signal::{self, Listed};

impl Supervisor {
    /// Runs the tree until it ends by itself, or until the process is asked to end.
    ///
    /// | signal | effect |
    /// |---|---|
    /// | the first Ctrl-C or SIGTERM | the tree stops in order, the last child first |
    /// | the second | all tasks are aborted, and this method returns within the kill grace |
    /// | the third | the process exits with 128 + the number of the signal |
    ///
    /// The first call removes the default behaviour of these signals for the whole process, for
    /// good. Therefore the next signal exits the process in the same way while no tree runs under
    /// this method. A process that hangs after this method has returned can thus still be ended,
    /// for example when it drops a runtime with a task that does not end. If two trees run under
    /// this method, both receive every signal. On Windows, Ctrl-C is the only such signal.
    ///
    /// A thread of its own waits for the signals, so they are received even if every thread of the
    /// runtime is blocked.
    ///
    /// This method needs the feature `signal`, which is on by default.
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
    /// The errors of [`run`](Self::run). If the process cannot listen to the signals, the error of
    /// the operating system is returned as [`SageError::Other`], and nothing was started. A stop on
    /// a signal is no error.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime with its time driver enabled.
    ///
    /// # Cancel safety
    ///
    /// Dropping this future ends the tree, as with [`run`](Self::run).
    ///
    /// [`SageError::Other`]: crate::SageError::Other
    pub async fn run_until_signal(self) -> SageResult<()> {
        // The name `_listed` keeps the tree in the list until the function returns. The pattern `_`
        // would remove it at once.
        let (running, _listed) = self.start_for_signals()?;
        running.wait().await
    }

    /// Runs the tree like [`run_until_signal`](Self::run_until_signal), and returns the [`Report`]
    /// of the end, which names the signal.
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
    /// Panics outside of a tokio runtime with its time driver enabled.
    ///
    /// # Cancel safety
    ///
    /// Dropping this future ends the tree, as with [`run`](Self::run).
    pub async fn run_until_signal_with_report(self) -> Report {
        let path = self.declaration.root_name().to_string();
        match self.start_for_signals() {
            Ok((running, _listed)) => running.wait_with_report().await,
            Err(error) => Report::of_error(path, error, Instant::now()),
        }
    }

    fn start_for_signals(self) -> SageResult<(RunningSupervisor, Listed)> {
        Ok(signal::start_listed(|| self.start())?)
    }
}
