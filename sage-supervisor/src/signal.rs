//! The end of a tree on a signal.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::thread;

use tokio::runtime::{Builder, Runtime};

use crate::event;
use crate::handle::SupervisorHandle;
use crate::report::Requester;
use crate::running::RunningSupervisor;

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
pub(crate) struct Entered(u64);

/// A signal that comes meanwhile waits for the lock.
pub(crate) fn start_listed(
    start: impl FnOnce() -> RunningSupervisor,
) -> io::Result<(RunningSupervisor, Entered)> {
    let mut trees = lock();
    trees.listen()?;
    let running = start();
    let entered = trees.enter(running.handle());
    Ok((running, entered))
}

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
        tree.tell_signal(number);
        match time {
            1 => tree.request_shutdown(Requester::Signal { number }, None),
            2 => tree.request_kill(Requester::Signal { number }),
            _ => std::process::exit(128 + number),
        }
    }
    // Written down last: that may take its time.
    for (_, time) in heard {
        event::signal(number, *time);
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
