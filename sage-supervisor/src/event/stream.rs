//! The stream of typed events that a tree sends to its subscribers.
//!
//! Invariants:
//!
//! 1. A slow subscriber holds up nobody: the channel drops its oldest events to make room.
//! 2. No user code runs under a lock, neither a waker nor a destructor. An event may hold an error of a
//!    user's type.
//! 3. Without a subscriber, an event costs one load of a counter.

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
#[cfg(feature = "signal")]
use crate::put_off::{Wakes, without_waking};

/// The number of events that are kept for a subscriber that lags.
const CAPACITY: usize = 1024;

/// The stream of a tree, to which all its supervisors send.
///
/// The channel is created for the first subscriber.
#[derive(Default)]
pub(crate) struct Stream {
    subscribers: AtomicUsize,
    channel: Mutex<Channel>,
}

#[derive(Default)]
enum Channel {
    /// The state before the first subscription.
    #[default]
    Unused,
    Open(Open),
    /// The tree has ended.
    Ended,
}

type Sender = broadcast::Sender<Arc<Event>>;

struct Open {
    sender: Sender,
    /// The latest events once more. The channel drops an event under its own lock, which must not run
    /// a user's destructor. An event that is held here as well is dropped later, without a lock.
    recent: VecDeque<Arc<Event>>,
}

/// The number of events in `Open::recent`, more than the channel holds: supervisors that send at
/// the same moment may reach the channel in another order than `recent`.
const RECENT: usize = CAPACITY + 256;

impl Stream {
    /// Sends an event. `event` is called only if there is a subscriber.
    pub(super) fn send(&self, event: impl FnOnce() -> Event) {
        // A subscriber that is counted here has opened the channel before, under the lock.
        if self.subscribers.load(Ordering::Acquire) == 0 {
            return;
        }
        let Ok(event) = contain(|| Arc::new(event())) else { return };
        let Some((sender, oldest)) = self.keep(&event) else { return };
        // This wakes subscribers, and may drop the oldest event of the channel.
        let _ = contain(|| drop(sender.send(event)));
        let _ = contain(|| drop(oldest));
    }

    /// Sends an event that holds nothing of the user's, without running code of the user: the echo
    /// that is returned runs it when it is dropped.
    #[cfg(feature = "signal")]
    pub(super) fn send_first(&self, event: impl FnOnce() -> Event) -> Option<Echo> {
        if self.subscribers.load(Ordering::Acquire) == 0 {
            return None;
        }
        let event = Arc::new(event());
        let (sender, oldest) = self.keep(&event)?;
        let (_, wakes) = without_waking(|| drop(sender.send(event)));
        Some(Echo { wakes: Some(wakes), sender: Some(sender), oldest })
    }

    /// Keeps an event, and returns the sender of the channel with the event that is kept no longer.
    fn keep(&self, event: &Arc<Event>) -> Option<(Sender, Option<Arc<Event>>)> {
        // The lock covers the bookkeeping alone, see invariant 2.
        match &mut *self.lock() {
            Channel::Open(Open { sender, recent }) => {
                recent.push_back(Arc::clone(event));
                let oldest = if recent.len() > RECENT { recent.pop_front() } else { None };
                // The clone outlives the lock, under which no waker of a subscriber may run.
                Some((sender.clone(), oldest))
            }
            Channel::Unused | Channel::Ended => None,
        }
    }

    /// Ends the stream: subscribers receive the events that they have not received yet, and then `None`.
    pub(crate) fn end(&self) {
        // The lock is released at the end of this statement, before the events of the channel are
        // dropped.
        let channel = std::mem::replace(&mut *self.lock(), Channel::Ended);
        let _ = contain(|| drop(channel));
    }

    fn lock(&self) -> MutexGuard<'_, Channel> {
        self.channel.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The rest of an event that was sent without running code of the user: subscribers to be woken, and
/// values to be dropped, which may hold errors of the user's types. Dropping the echo does both.
#[cfg(feature = "signal")]
#[must_use = "dropping it runs code of the user"]
pub(crate) struct Echo {
    wakes: Option<Wakes>,
    /// The channel ends with its last sender, which may be this one.
    sender: Option<Sender>,
    oldest: Option<Arc<Event>>,
}

#[cfg(feature = "signal")]
impl Drop for Echo {
    fn drop(&mut self) {
        drop(self.wakes.take());
        let (sender, oldest) = (self.sender.take(), self.oldest.take());
        let _ = contain(|| drop(sender));
        let _ = contain(|| drop(oldest));
    }
}

/// A subscription to the events of a tree, from the call of [`SupervisorHandle::subscribe`] on.
///
/// [`SupervisorHandle::subscribe`]: crate::SupervisorHandle::subscribe
pub struct Events {
    /// The receiver; `None` if the tree had ended before the subscription.
    receiver: Option<broadcast::Receiver<Arc<Event>>>,
    /// A weak reference, because a subscription must not keep the stream open.
    stream: Weak<Stream>,
    missed: u64,
}

/// The error of a subscriber that has missed events, because it did not keep up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[error("{missed} events were missed")]
#[non_exhaustive]
pub struct Lagged {
    /// The number of events that were missed.
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
        // `Release` pairs with the `Acquire` in `send`. The count is raised under the lock, after
        // the channel has been opened.
        stream.subscribers.fetch_add(1, Ordering::Release);
        Self { receiver: Some(receiver), stream: Arc::downgrade(stream), missed: 0 }
    }

    /// Makes the subscription to a tree that has ended, which receives nothing.
    pub(crate) fn ended() -> Self {
        Self { receiver: None, stream: Weak::new(), missed: 0 }
    }

    /// Receives the next event. Returns `None` once the tree has ended and all its events have been
    /// received.
    ///
    /// # Errors
    ///
    /// [`Lagged`] if the oldest events that had not been received were dropped to make room for
    /// newer ones. The stream goes on after that with the oldest event that is still kept.
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
    /// This method is cancel safe: no event is lost if the future is dropped.
    pub async fn recv(&mut self) -> Option<Result<Event, Lagged>> {
        let receiver = self.receiver.as_mut()?;
        // The sender wakes all subscribers in a row, so the panic of one waker must not reach it.
        match with_contained_waker(pin!(receiver.recv())).await {
            // The event is cloned as a rule, because `recent` still holds it.
            Ok(event) => Some(Ok(Arc::unwrap_or_clone(event))),
            Err(RecvError::Lagged(missed)) => {
                self.missed += missed;
                Some(Err(Lagged { missed }))
            }
            Err(RecvError::Closed) => None,
        }
    }

    /// Returns the number of events that were missed in all, as far as [`recv`](Self::recv) has
    /// reported them.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.missed
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        if let Some(stream) = self.stream.upgrade() {
            // The channel stays open for the next subscriber, and `recent` keeps its events until
            // the tree ends.
            stream.subscribers.fetch_sub(1, Ordering::Release);
        }
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("missed", &self.missed).finish_non_exhaustive()
    }
}
