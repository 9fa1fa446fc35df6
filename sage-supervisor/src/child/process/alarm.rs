//! A timer on the real clock, for the programs of a test that has paused the clock of tokio.

use std::sync::mpsc;
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};
use std::{future::Future, pin::Pin};

use tokio::sync::oneshot;

/// A point in real time that a task waits for. A dropped alarm ends the thread behind it.
pub(super) struct Alarm {
    rings: oneshot::Receiver<()>,
    // The thread waits for a message that never comes, or for the end of this sender.
    _kept: mpsc::Sender<()>,
}

impl Alarm {
    pub(super) fn at(moment: Instant) -> Self {
        Self::after(moment.saturating_duration_since(Instant::now()))
    }

    pub(super) fn after(time: Duration) -> Self {
        let (ring, rings) = oneshot::channel();
        let (kept, dropped) = mpsc::channel::<()>();
        let wait = move || {
            if dropped.recv_timeout(time) == Err(mpsc::RecvTimeoutError::Timeout) {
                let _ = ring.send(());
            }
        };
        // The sender is dropped if the thread cannot be spawned, which rings at once. Then nobody could
        // wait, and a stop that is too early is better than one that never comes.
        let _ = thread::Builder::new().name("sage-alarm".to_owned()).spawn(wait);
        Self { rings, _kept: kept }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.rings).poll(cx).map(drop)
    }
}
