//! The shutdown of trees on a signal to the process.
//!
//! Invariants:
//!
//! 1. There is one listener for the whole process. It is a thread that starts with the first tree
//!    that is run until a signal, and never ends, because tokio never restores the default
//!    behaviour of a signal.
//! 2. A tree is started and listed under one lock, so that every signal finds either no tree or a
//!    tree that can be stopped.
//! 3. A signal is forwarded to the trees outside of that lock, because subscribers and wakers may run
//!    any code.
//! 4. A signal that finds no tree ends the process, as its default behaviour would.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::thread;

use tokio::runtime::{Builder, Runtime};

use crate::handle::SupervisorHandle;
use crate::report::Requester;
use crate::running::RunningSupervisor;

/// The trees that receive signals.
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
    /// The number of signals that the tree has received.
    received: u32,
}

/// The place of a tree in the list. Dropping it removes the tree.
pub(crate) struct Listed(u64);

/// Starts a tree and lists it for signals. A signal that arrives in between waits for the lock.
pub(crate) fn start_listed(
    start: impl FnOnce() -> RunningSupervisor,
) -> io::Result<(RunningSupervisor, Listed)> {
    let mut trees = lock();
    trees.listen()?;
    let running = start();
    let listed = trees.list(running.handle());
    Ok((running, listed))
}

fn lock() -> MutexGuard<'static, Trees> {
    TREES.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Trees {
    /// Starts the listener, unless it is running already.
    fn listen(&mut self) -> io::Result<()> {
        if self.is_listening {
            return Ok(());
        }
        let (report, started) = std::sync::mpsc::sync_channel(1);
        let thread = thread::Builder::new().name("sage-supervisor-signals".to_owned());
        thread.spawn(move || {
            let listening = listen();
            let (outcome, listening) = match listening {
                Ok(listening) => (Ok(()), Some(listening)),
                Err(error) => (Err(error), None),
            };
            // The starter waits for this report while it holds the lock of the list, so nothing
            // before this line may take that lock.
            let _ = report.send(outcome);
            if let Some((runtime, mut signals)) = listening {
                loop {
                    let number = runtime.block_on(signals.next());
                    // The lock is released at the end of this statement (invariant 3).
                    let receivers = lock().receive();
                    forward(number, &receivers);
                }
            }
        })?;
        // No tree is started before the process listens to the signals. The first error is that of
        // a thread that has panicked before its report, the second that of `listen`.
        started.recv().map_err(io::Error::other)??;
        // A failure leaves the flag unset, so the next tree tries again.
        self.is_listening = true;
        Ok(())
    }

    /// Adds a tree to the list.
    fn list(&mut self, handle: SupervisorHandle) -> Listed {
        let id = self.next_id;
        self.next_id += 1;
        self.running.push(Tree { id, handle, received: 0 });
        Listed(id)
    }

    /// The trees that receive the present signal, each with the number of signals that it has
    /// received.
    fn receive(&mut self) -> Vec<(SupervisorHandle, u32)> {
        let receive = |tree: &mut Tree| {
            // Each tree counts for itself: a tree that was started after the first signal is asked
            // to stop by the next one.
            tree.received += 1;
            (tree.handle.clone(), tree.received)
        };
        self.running.iter_mut().map(receive).collect()
    }
}

/// Forwards a signal to the trees, without holding the lock (invariant 3).
fn forward(number: i32, receivers: &[(SupervisorHandle, u32)]) {
    if receivers.is_empty() {
        // Shells report a process that was ended by a signal with this code.
        std::process::exit(128 + number);
    }
    for (tree, time) in receivers {
        // The event comes before the request: once the tree is asked to end, it may be over at any
        // moment, and its stream of events with it.
        tree.send_signal_event(number);
        match time {
            1 => tree.request_shutdown(Requester::Signal { number }, None),
            2 => tree.request_kill(Requester::Signal { number }),
            // Neither the stop nor the abort has come to an end.
            _ => std::process::exit(128 + number),
        }
    }
    // The log entry comes last, because the code that writes it may be slow.
    for (tree, time) in receivers {
        tree.trace_signal(number, *time);
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        lock().running.retain(|tree| tree.id != self.0);
    }
}

/// Creates the runtime of the listener, and the signals that it waits for.
fn listen() -> io::Result<(Runtime, Signals)> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    // `signal` registers with the runtime that the thread has entered. The guard borrows the
    // runtime, so it is dropped before the runtime is returned.
    let entered = runtime.enter();
    let signals = Signals::new()?;
    drop(entered);
    Ok((runtime, signals))
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
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
        // The result is never `None`: tokio keeps the senders of signals in a static.
        self.terminate.poll_recv(cx).map(|_| SignalKind::terminate().as_raw_value())
    }
}

#[cfg(windows)]
struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
}

#[cfg(windows)]
impl Signals {
    fn new() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(|interrupt| Self { interrupt })
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<i32> {
        /// SIGINT has this number on every platform.
        const INTERRUPT: i32 = 2;
        self.interrupt.poll_recv(cx).map(|_| INTERRUPT)
    }
}

impl Signals {
    /// The number of the next signal.
    async fn next(&mut self) -> i32 {
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }
}
