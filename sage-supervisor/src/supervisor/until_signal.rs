//! Ways to run a supervisor that end it on a signal to the process.

use std::sync::Arc;

use super::Supervisor;
use crate::error::SageResult;
use crate::report::Report;
use crate::until_signal::UntilSignal;

impl Supervisor {
    /// Runs the tree until it ends by itself, or until the process is asked to end.
    ///
    /// | signal | effect |
    /// |---|---|
    /// | the first Ctrl-C, SIGTERM or SIGHUP | the tree stops in order, the last child first |
    /// | a repeat within a second | none: the request was delivered twice |
    /// | the second | all tasks are aborted, and this method returns an error within the kill grace |
    /// | the third | the process exits at once with 128 + the number of the signal |
    ///
    /// The time of a [repeat](UntilSignal::repeat_within) counts from the last signal that was no repeat
    /// itself, whichever of the signals it is. If two trees run under this method, both receive every
    /// signal. On Windows, Ctrl-C is the only such signal. Other settings, such as a function that
    /// reloads the service at SIGHUP, are made with [`until_signal`](Self::until_signal).
    ///
    /// A thread of its own waits for the signals, so they are received even if every thread of the
    /// runtime is blocked, or a `tracing` subscriber is. The log entry of a signal is written by yet
    /// another thread. This method waits for it for up to a second. At every other event, a subscriber
    /// that blocks holds up the supervisor that calls it, and with the event of the end the end of the
    /// tree itself. The third signal then ends the process.
    ///
    /// # After the end
    ///
    /// The first call removes the default behaviour of Ctrl-C and SIGTERM for the whole process, for
    /// good: tokio cannot restore it. When the tree has ended, the next signal belongs to the
    /// application, and has no effect unless the application listens to it, for example with
    /// `tokio::signal::ctrl_c()`. A process that still has to drop a runtime with a blocked thread can
    /// then be ended by SIGKILL alone. In the `main` of a service, use [`run_main`](Self::run_main),
    /// which ends the process.
    ///
    /// # SIGHUP
    ///
    /// The process receives SIGHUP when its terminal is closed. It ends the tree like SIGTERM, unless
    /// the process ignores it, as under `nohup`, or has a handler for it already. On Linux, the first
    /// call reads this in `/proc/self/status`. Where that cannot be read, SIGHUP keeps its behaviour if
    /// neither standard output nor standard error is a terminal, as under `nohup`.
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
    /// a signal is no error by itself; an abort by a second one is [`SageError::UncleanStop`].
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
    /// [`SageError::UncleanStop`]: crate::SageError::UncleanStop
    pub async fn run_until_signal(self) -> SageResult<()> {
        self.until_signal().run().await
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
        self.until_signal().run_with_report().await
    }

    /// Runs the tree like [`run_until_signal`](Self::run_until_signal), and ends the process with it.
    /// This is the last call of a service's `main`.
    ///
    /// | end of the tree | exit code | standard error |
    /// |---|---|---|
    /// | clean: by itself, or as it was asked to | 0 | |
    /// | with an error | 1 | the [`Report`] |
    /// | aborted by a second signal | 128 + the number of the signal | the [`Report`] |
    ///
    /// A `main` that returns drops its runtime, which waits for ever for a thread that reads from
    /// standard input, or for any other [`spawn_blocking`](tokio::task::spawn_blocking) that does not
    /// end. This method ends the process as [`std::process::exit`] does: without waiting for threads and
    /// other tasks, and without running the destructors of `main`. The report, and the code that is
    /// registered to run at an exit, have 2 seconds, because a pipe that nobody reads may block them. The
    /// process then ends without them. In that time, the next signal that is no repeat ends the process
    /// at once.
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
    /// async fn main() {
    ///     Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///         .child("listener", listener)
    ///         .run_main()
    ///         .await
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime with its time driver enabled.
    ///
    /// # Cancel safety
    ///
    /// Dropping this future ends the tree, as with [`run`](Self::run), and the process goes on.
    pub async fn run_main(self) -> ! {
        self.until_signal().run_main().await
    }

    /// Returns the run of this tree until a signal, for its settings to be changed. [`UntilSignal`] has
    /// an example.
    pub fn until_signal(self) -> UntilSignal {
        UntilSignal::declared(Arc::clone(&self.declaration))
    }
}
