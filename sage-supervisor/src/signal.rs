//! The end of a tree on a signal.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::thread;

use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;

use crate::error::SageResult;
use crate::handle::SupervisorHandle;
use crate::report::{Report, Requester};
use crate::running::RunningSupervisor;
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
        let path = self.root_name();
        match self.start_for_signals() {
            Ok((running, _entered)) => running.wait_with_report().await,
            Err(error) => Report::of_error(path, error, Instant::now()),
        }
    }

    /// A signal that comes meanwhile waits for the lock.
    fn start_for_signals(self) -> SageResult<(RunningSupervisor, Entered)> {
        let mut trees = lock();
        trees.listen()?;
        let running = self.start();
        let entered = trees.enter(running.handle());
        Ok((running, entered))
    }
}

/// The trees that a signal is for. There is one listener for the whole process, and it never ends.
static TREES: Mutex<Trees> =
    Mutex::new(Trees { is_listening: false, next_id: 0, running: Vec::new() });

struct Trees {
    is_listening: bool,
    next_id: u64,
    running: Vec<Tree>,
}

struct Tree {
    id: u64,
    handle: SupervisorHandle,
    heard: u32,
}

/// Takes a tree out of the list when dropped.
struct Entered(u64);

fn lock() -> MutexGuard<'static, Trees> {
    TREES.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Trees {
    /// Starts the listener, unless there is one.
    fn listen(&mut self) -> io::Result<()> {
        if self.is_listening {
            return Ok(());
        }
        let (tell, told) = std::sync::mpsc::sync_channel(1);
        let thread = thread::Builder::new().name("sage-supervisor-signals".to_owned());
        thread.spawn(move || {
            let listening = listen();
            let (said, listening) = match listening {
                Ok(listening) => (Ok(()), Some(listening)),
                Err(error) => (Err(error), None),
            };
            let _ = tell.send(said);
            if let Some((runtime, mut sources)) = listening {
                loop {
                    let number = runtime.block_on(sources.next());
                    let heard = lock().hear();
                    pass_on(number, &heard);
                }
            }
        })?;
        told.recv().map_err(io::Error::other)??;
        self.is_listening = true;
        Ok(())
    }

    fn enter(&mut self, handle: SupervisorHandle) -> Entered {
        let id = self.next_id;
        self.next_id += 1;
        self.running.push(Tree { id, handle, heard: 0 });
        Entered(id)
    }

    /// Whom a signal is for, and the how many-th each of them hears.
    fn hear(&mut self) -> Vec<(SupervisorHandle, u32)> {
        let hear = |tree: &mut Tree| {
            tree.heard += 1;
            (tree.handle.clone(), tree.heard)
        };
        self.running.iter_mut().map(hear).collect()
    }
}

/// Passes a signal on. Not under the lock: who is told of it may do as he likes.
fn pass_on(number: i32, heard: &[(SupervisorHandle, u32)]) {
    if heard.is_empty() {
        std::process::exit(128 + number);
    }
    for (tree, time) in heard {
        // Told first: the tree may be over, and its stream with it, as soon as it is asked to end.
        tree.send_signal_event(number);
        match time {
            1 => tree.request_shutdown(Requester::Signal { number }, None),
            2 => tree.request_kill(Requester::Signal { number }),
            _ => std::process::exit(128 + number),
        }
    }
    // Written down last: that may take its time.
    for (tree, time) in heard {
        tree.trace_signal(number, *time);
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        lock().running.retain(|tree| tree.id != self.0);
    }
}

/// A runtime of its own, and what it waits for.
fn listen() -> io::Result<(Runtime, Sources)> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let entered = runtime.enter();
    let sources = Sources::new()?;
    drop(entered);
    Ok((runtime, sources))
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
