//! The thread that waits for the signals to the process.

use std::io;
use std::task::{Context, Poll};
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

#[cfg(windows)]
use tokio::signal::windows::CtrlC as Source;

#[cfg(unix)]
use tokio::signal::unix::Signal as Source;

use super::hangup;

/// The number of SIGHUP on every Unix.
pub(super) const HANGUP: i32 = 1;
/// The number of SIGINT on every platform.
const INTERRUPT: i32 = 2;
/// The number of SIGTERM on every Unix.
const TERMINATE: i32 = 15;

/// The signals that are always listened to.
const ALWAYS: &[i32] = if cfg!(unix) { &[INTERRUPT, TERMINATE] } else { &[INTERRUPT] };

/// The listener of the process.
pub(super) struct Listener {
    /// The runtime of the thread, with which a signal has to be registered.
    runtime: Handle,
    added: UnboundedSender<(i32, Source)>,
    hears_hangups: bool,
    hangup_stops: bool,
}

impl Listener {
    /// Starts the thread, which calls `hear` with the number of each signal. The process listens to the
    /// signals when this returns.
    pub(super) fn start(mut hear: impl FnMut(i32) + Send + 'static) -> io::Result<Self> {
        let (report, started) = std::sync::mpsc::sync_channel(1);
        let (added, sources) = unbounded_channel();
        let thread = thread::Builder::new().name("sage-supervisor-signals".to_owned());
        thread.spawn(move || {
            // The starter waits for this report while it holds the lock of the list, so nothing
            // before it may take that lock.
            let runtime = match Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => return drop(report.send(Err(error))),
            };
            let _ = report.send(Ok(runtime.handle().clone()));
            let mut sources = Sources { open: Vec::new(), added: sources };
            while let Some(number) = runtime.block_on(sources.next()) {
                hear(number);
            }
        })?;
        // The first error is that of a thread that has panicked before its report.
        let runtime = started.recv().map_err(io::Error::other)??;
        let mut listener = Self { runtime, added, hears_hangups: false, hangup_stops: false };
        if hangup::is_request_to_stop() {
            listener.hear_hangups()?;
            listener.hangup_stops = true;
        }
        for &number in ALWAYS {
            listener.open(number)?;
        }
        Ok(listener)
    }

    /// Returns whether a hangup asks a tree to stop.
    pub(super) fn hangup_stops(&self) -> bool {
        self.hangup_stops
    }

    /// Listens to hangups, for a tree that has a function for them. Only Unix has them.
    pub(super) fn hear_hangups(&mut self) -> io::Result<()> {
        if cfg!(unix) && !self.hears_hangups {
            self.open(HANGUP)?;
            self.hears_hangups = true;
        }
        Ok(())
    }

    fn open(&self, number: i32) -> io::Result<()> {
        let _entered = self.runtime.enter();
        // The thread runs for as long as the listener does, so it receives the source.
        let _ = self.added.send((number, source(number)?));
        Ok(())
    }
}

#[cfg(unix)]
fn source(number: i32) -> io::Result<Source> {
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::from_raw(number))
}

#[cfg(windows)]
fn source(_: i32) -> io::Result<Source> {
    tokio::signal::windows::ctrl_c()
}

/// The signals that the thread waits for.
struct Sources {
    open: Vec<(i32, Source)>,
    added: UnboundedReceiver<(i32, Source)>,
}

impl Sources {
    /// The number of the next signal; `None` if the listener could not be started.
    async fn next(&mut self) -> Option<i32> {
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<i32>> {
        while let Poll::Ready(added) = self.added.poll_recv(cx) {
            let Some(added) = added else { return Poll::Ready(None) };
            self.open.push(added);
        }
        for (number, source) in &mut self.open {
            // The result is never `None`: tokio keeps the senders of signals in a static.
            if source.poll_recv(cx).is_ready() {
                return Poll::Ready(Some(*number));
            }
        }
        Poll::Pending
    }
}
