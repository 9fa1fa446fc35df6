//! The events of one tree, for those who subscribe.

use std::collections::VecDeque;
use std::fmt;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use thiserror::Error;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::Event;
use crate::contain::{contain, with_contained_waker};

/// How many events are kept for a subscriber that lags.
const CAPACITY: usize = 1024;

/// The one stream of a tree, which all its supervisors feed.
///
/// Without a subscriber an event costs one look at a counter; the channel is made for the first.
#[derive(Default)]
pub(crate) struct Stream {
    subscribers: AtomicUsize,
    channel: Mutex<Channel>,
}

#[derive(Default)]
enum Channel {
    /// Nobody has subscribed yet.
    #[default]
    Unused,
    Open(Open),
    /// The tree has ended.
    Ended,
}

struct Open {
    sender: broadcast::Sender<Arc<Event>>,
    /// The latest events once more. What the channel drops to make room, it drops under a lock, and an
    /// event may hold an error of a user's: here it lives on until it can be dropped without one.
    recent: VecDeque<Arc<Event>>,
}

/// Several supervisors may send at once, and not in the order in which they are noted here.
const RECENT: usize = CAPACITY + 256;

impl Stream {
    /// Sends an event, which is made only if there is a subscriber.
    pub(super) fn send(&self, event: impl FnOnce() -> Event) {
        if self.subscribers.load(Ordering::Acquire) == 0 {
            return;
        }
        // Nothing of a user's runs under the lock: no waker, no destructor.
        let Ok(event) = contain(|| Arc::new(event())) else { return };
        let (sender, oldest) = match &mut *self.lock() {
            Channel::Open(Open { sender, recent }) => {
                recent.push_back(Arc::clone(&event));
                let oldest = if recent.len() > RECENT { recent.pop_front() } else { None };
                (sender.clone(), oldest)
            }
            Channel::Unused | Channel::Ended => return,
        };
        let _ = contain(|| drop(sender.send(event)));
        let _ = contain(|| drop(oldest));
    }

    /// Ends the stream: subscribers get what they have not seen yet, and then nothing more.
    pub(crate) fn end(&self) {
        let channel = std::mem::replace(&mut *self.lock(), Channel::Ended);
        let _ = contain(|| drop(channel));
    }

    fn lock(&self) -> MutexGuard<'_, Channel> {
        self.channel.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The events of a tree, from the moment of [`SupervisorHandle::subscribe`] on.
///
/// [`SupervisorHandle::subscribe`]: crate::SupervisorHandle::subscribe
pub struct Events {
    /// `None` if the tree had ended before.
    receiver: Option<broadcast::Receiver<Arc<Event>>>,
    /// Does not keep the stream open.
    stream: Weak<Stream>,
    missed: u64,
}

/// Events that a subscriber has missed, because it did not keep up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[error("{missed} events were missed")]
#[non_exhaustive]
pub struct Lagged {
    /// How many.
    pub missed: u64,
}

impl Events {
    pub(crate) fn of(stream: &Arc<Stream>) -> Self {
        let mut channel = stream.lock();
        let receiver = match &mut *channel {
            Channel::Ended => return Self::ended(),
            Channel::Open(Open { sender, .. }) => sender.subscribe(),
            unused @ Channel::Unused => {
                let (sender, receiver) = broadcast::channel(CAPACITY);
                *unused = Channel::Open(Open { sender, recent: VecDeque::new() });
                receiver
            }
        };
        stream.subscribers.fetch_add(1, Ordering::Release);
        Self { receiver: Some(receiver), stream: Arc::downgrade(stream), missed: 0 }
    }

    /// Those of a tree that has ended.
    pub(crate) fn ended() -> Self {
        Self { receiver: None, stream: Weak::new(), missed: 0 }
    }

    /// The next event; `None` once the tree has ended and all have been received.
    ///
    /// # Errors
    ///
    /// [`Lagged`] if the oldest events that had not been received were dropped to make room for
    /// newer ones. That is not the end: what follows is the oldest that is still there.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{EventKind, RestartConfig, RestartPolicy, SageError};
    /// use sage_supervisor::{Strategy, Supervisor};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), SageError> {
    /// let mut batch = Supervisor::new(Strategy::OneForOne, RestartConfig::default());
    /// batch.add_child("import", RestartPolicy::Temporary, async || {
    ///     Err(SageError::other("no such file"))
    /// });
    /// let running = batch.start();
    /// let mut events = running.handle().subscribe();
    /// running.wait().await?;
    ///
    /// let mut failures = vec![];
    /// while let Some(event) = events.recv().await {
    ///     match event {
    ///         Ok(event) => match event.kind {
    ///             EventKind::Exited { exit, .. } if exit.is_failure() => {
    ///                 failures.push(format!("{}: {exit}", event.path));
    ///             }
    ///             _ => {}
    ///         },
    ///         Err(lagged) => eprintln!("{lagged}"),
    ///     }
    /// }
    /// assert_eq!(failures, ["root/import: error: no such file"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe: an event is not lost when the future is dropped.
    pub async fn recv(&mut self) -> Option<Result<Event, Lagged>> {
        let receiver = self.receiver.as_mut()?;
        match with_contained_waker(pin!(receiver.recv())).await {
            Ok(event) => Some(Ok(Arc::unwrap_or_clone(event))),
            Err(RecvError::Lagged(missed)) => {
                self.missed += missed;
                Some(Err(Lagged { missed }))
            }
            Err(RecvError::Closed) => None,
        }
    }

    /// How many events were missed in all, as far as [`recv`](Self::recv) has told.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.missed
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        if let Some(stream) = self.stream.upgrade() {
            stream.subscribers.fetch_sub(1, Ordering::Release);
        }
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("missed", &self.missed).finish_non_exhaustive()
    }
}
