//! The end of a tree on a signal.

use std::io;
use std::task::{Context, Poll};
use std::thread;

use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;

use crate::error::{SageError, SageResult};
use crate::handle::SupervisorHandle;
use crate::supervisor::Supervisor;

impl Supervisor {
    /// Runs the tree until it ends by itself or the process is told to end.
    ///
    /// | signal | what happens |
    /// |---|---|
    /// | the first Ctrl-C or SIGTERM | the tree stops in order, the last child first |
    /// | the second | all tasks are aborted; this returns within the kill grace |
    /// | the third | the process exits with 128 + the signal's number |
    ///
    /// Once a signal has come, the count goes on after this has returned: a process that hangs
    /// later, in the drop of a runtime with a task that does not end, can still be ended. On
    /// Windows it is Ctrl-C alone.
    ///
    /// From the first call on, the default behaviour of these signals is gone for the whole
    /// process. They are waited for on a thread of its own, so they are heard even if every thread
    /// of the runtime is blocked.
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
    /// Those of [`run`](Self::run), and the error of the operating system if the signals cannot be
    /// listened to; nothing was started then. A stop on a signal is no error.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with its time driver enabled.
    ///
    /// # Cancel safety
    ///
    /// Dropping this future ends the tree, as that of [`run`](Self::run).
    pub async fn run_until_signal(self) -> SageResult<()> {
        let listener = Listener::new()?;
        let running = self.start();
        let _until_end = listener.spawn(running.handle())?;
        running.wait().await
    }
}

/// A thread that listens for signals, before it has begun.
struct Listener {
    runtime: Runtime,
    sources: Sources,
}

/// Ends the thread when dropped, if no signal has come.
struct UntilEnd(CancellationToken);

impl Listener {
    fn new() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let entered = runtime.enter();
        let sources = Sources::new()?;
        drop(entered);
        Ok(Self { runtime, sources })
    }

    fn spawn(self, handle: SupervisorHandle) -> Result<UntilEnd, SageError> {
        let Self { runtime, mut sources } = self;
        let end = CancellationToken::new();
        let until_end = UntilEnd(end.clone());
        thread::Builder::new().name("sage-supervisor-signals".to_owned()).spawn(move || {
            let first = end.run_until_cancelled_owned(sources.next());
            let Some(number) = runtime.block_on(first) else { return };
            tracing::info!(target: "sage_supervisor", event = "signal", number, "stopping");
            handle.request_shutdown();
            let number = runtime.block_on(sources.next());
            tracing::warn!(target: "sage_supervisor", event = "signal", number, "aborting");
            handle.request_kill();
            let number = runtime.block_on(sources.next());
            std::process::exit(128 + number);
        })?;
        Ok(until_end)
    }
}

impl Drop for UntilEnd {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

#[cfg(unix)]
struct Sources {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Sources {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let interrupt = signal(SignalKind::interrupt())?;
        let terminate = signal(SignalKind::terminate())?;
        Ok(Self { interrupt, terminate })
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<i32> {
        use tokio::signal::unix::SignalKind;
        if self.interrupt.poll_recv(cx).is_ready() {
            return Poll::Ready(SignalKind::interrupt().as_raw_value());
        }
        self.terminate.poll_recv(cx).map(|_| SignalKind::terminate().as_raw_value())
    }
}

#[cfg(windows)]
struct Sources {
    interrupt: tokio::signal::windows::CtrlC,
}

#[cfg(windows)]
impl Sources {
    fn new() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(|interrupt| Self { interrupt })
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<i32> {
        /// SIGINT, as it is numbered everywhere.
        const INTERRUPT: i32 = 2;
        self.interrupt.poll_recv(cx).map(|_| INTERRUPT)
    }
}

impl Sources {
    /// The number of the next signal.
    async fn next(&mut self) -> i32 {
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }
}
