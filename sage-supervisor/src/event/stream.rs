//! The stream of typed events that a tree sends to its subscribers.
//!
//! Invariants:
//!
//! 1. A slow subscriber holds up nobody: the [ring](super::ring) drops its oldest events to make room.
//! 2. No user code runs under a lock, neither a waker nor a destructor. An event may hold an error of a
//!    user's type.
//! 3. Without a subscriber, an event costs one load of a counter, and no event is kept.

use std::fmt;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use thiserror::Error;
use tokio::sync::Notify;
use tokio::task::coop::{self, cooperative};

use super::ring::{Cursor, Ring, Taken};
use super::{Event, weight};
use crate::contain::{contain, with_contained_waker};
#[cfg(feature = "signal")]
use crate::put_off::{Wakes, without_waking};

/// The stream of a tree, to which all its supervisors send.
#[derive(Default)]
pub(crate) struct Stream {
    subscribers: AtomicUsize,
    state: Mutex<State>,
    /// Notified of each event, and of the end.
    arrival: Notify,
}

#[derive(Default)]
struct State {
    ring: Ring<Arc<Event>>,
    /// `true` if the tree has ended.
    has_ended: bool,
}

impl Stream {
    /// Sends an event. `event` is called only if there is a subscriber.
    pub(super) fn send(&self, event: impl FnOnce() -> Event) {
        // A subscriber that is counted here has entered the ring before, under the lock.
        if self.subscribers.load(Ordering::Acquire) == 0 {
            return;
        }
        // The weight asks the error of a user for its text.
        let Ok((event, weight)) = contain(|| {
            let event = Arc::new(event());
            let weight = weight::of(&event);
            (event, weight)
        }) else {
            return;
        };
        let Some(displaced) = self.keep(event, weight) else { return };
        let _ = contain(|| self.arrival.notify_waiters());
        drop_each(displaced);
    }

    /// Sends an event that holds nothing of the user's, without running code of the user: the echo
    /// that is returned runs it when it is dropped.
    #[cfg(feature = "signal")]
    pub(super) fn send_first(&self, event: impl FnOnce() -> Event) -> Option<Echo> {
        if self.subscribers.load(Ordering::Acquire) == 0 {
            return None;
        }
        let event = Arc::new(event());
        let weight = weight::of(&event);
        let displaced = self.keep(event, weight)?;
        let ((), wakes) = without_waking(|| self.arrival.notify_waiters());
        Some(Echo { wakes: Some(wakes), displaced })
    }

    /// Keeps an event for the subscribers, and returns the events that it displaces. Returns `None`
    /// once the tree has ended.
    fn keep(&self, event: Arc<Event>, weight: usize) -> Option<Vec<Arc<Event>>> {
        // The lock covers the bookkeeping alone, see invariant 2.
        let mut state = self.lock();
        if state.has_ended { None } else { Some(state.ring.push(event, weight)) }
    }

    /// Ends the stream: subscribers receive the events that they have not received yet, and then `None`.
    pub(crate) fn end(&self) {
        self.lock().has_ended = true;
        let _ = contain(|| self.arrival.notify_waiters());
    }

    /// Waits for the next event of a subscriber. `None` is the end of the stream.
    async fn next(&self, cursor: &mut Cursor) -> Option<Taken<Arc<Event>>> {
        loop {
            // An event that arrives after this line is not missed.
            let mut arrival = pin!(self.arrival.notified());
            arrival.as_mut().enable();
            match self.take(cursor) {
                Some(Taken::Nothing) => arrival.await,
                taken => return taken,
            }
        }
    }

    /// Takes the next event for a subscriber, if there is one. `None` is the end of the stream.
    fn take(&self, cursor: &mut Cursor) -> Option<Taken<Arc<Event>>> {
        let mut state = self.lock();
        match state.ring.take(cursor) {
            Taken::Nothing if state.has_ended => None,
            taken => Some(taken),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops events, each contained by itself.
fn drop_each(events: Vec<Arc<Event>>) {
    for event in events {
        let _ = contain(|| drop(event));
    }
}

/// The rest of an event that was sent without running code of the user: subscribers to be woken, and
/// events to be dropped, which may hold errors of the user's types. Dropping the echo does both.
#[cfg(feature = "signal")]
#[must_use = "dropping it runs code of the user"]
pub(crate) struct Echo {
    wakes: Option<Wakes>,
    displaced: Vec<Arc<Event>>,
}

#[cfg(feature = "signal")]
impl Drop for Echo {
    fn drop(&mut self) {
        drop(self.wakes.take());
        drop_each(std::mem::take(&mut self.displaced));
    }
}

/// A subscription to the events of a tree, from the call of [`SupervisorHandle::tree_events`] on.
///
/// [`SupervisorHandle::tree_events`]: crate::SupervisorHandle::tree_events
pub struct Events {
    /// The stream, and the place in it; `None` if the tree had ended before the subscription.
    place: Option<(Arc<Stream>, Cursor)>,
    missed: u64,
    /// The wait for the next event, if the subscription was polled as a stream and had none.
    arrival: Option<Arrival>,
}

/// A wait for the next event that borrows nothing.
type Arrival = Pin<Box<dyn Future<Output = ()> + Send + Sync>>;

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
        let mut state = stream.lock();
        if state.has_ended {
            return Self::ended();
        }
        let cursor = state.ring.enter();
        // `Release` pairs with the `Acquire` in `send`. The count is raised under the lock, after the
        // subscriber has entered the ring.
        stream.subscribers.fetch_add(1, Ordering::Release);
        Self { place: Some((Arc::clone(stream), cursor)), missed: 0, arrival: None }
    }

    /// Makes the subscription to a tree that has ended, which receives nothing.
    pub(crate) fn ended() -> Self {
        Self { place: None, missed: 0, arrival: None }
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
    /// let mut events = running.handle().tree_events();
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
        let taken = {
            let (stream, cursor) = self.place.as_mut()?;
            // A subscriber that never has to wait lets other tasks run from time to time, and the panic of
            // its waker does not reach the supervisor that wakes it.
            let next = pin!(cooperative(stream.next(cursor)));
            with_contained_waker(next).await?
        };
        self.received(taken)
    }

    fn received(&mut self, taken: Taken<Arc<Event>>) -> Option<Result<Event, Lagged>> {
        match taken {
            Taken::Event(event) => Some(Ok(Arc::unwrap_or_clone(event))),
            Taken::Missed(missed) => {
                self.missed += missed;
                Some(Err(Lagged { missed }))
            }
            Taken::Nothing => None,
        }
    }

    /// Receives events until one fits, and returns that one. The events before it are dropped. Returns
    /// `None` once the tree has ended and no event was left that fits.
    ///
    /// # Errors
    ///
    /// [`Lagged`] as for [`recv`](Self::recv): an event that fits may be among those that were missed.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, EventKind, RestartConfig, Strategy, Supervisor};
    ///
    /// async fn worker(ctx: ChildContext) {
    ///     ctx.cancelled().await;
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .child("worker", worker)
    ///     .start();
    /// let mut events = app.handle().tree_events();
    /// app.started().await?;
    /// app.shutdown().await?;
    /// let exit = events.next_matching(|event| matches!(event.kind, EventKind::Exited { .. })).await;
    /// assert_eq!(exit.expect("it ended")?.path, "root/worker");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe: no event that fits is lost if the future is dropped.
    pub async fn next_matching(
        &mut self,
        mut fits: impl FnMut(&Event) -> bool,
    ) -> Option<Result<Event, Lagged>> {
        loop {
            match self.recv().await? {
                Ok(event) if !fits(&event) => {}
                found => return Some(found),
            }
        }
    }

    /// Returns the number of events that were missed in all, as far as [`recv`](Self::recv) has
    /// reported them.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.missed
    }
}

/// The same events as from [`recv`](Events::recv), for code that takes the `Stream` of the `futures` crates.
/// The two can be mixed.
impl futures_core::Stream for Events {
    type Item = Result<Event, Lagged>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        // A subscriber that never has to wait lets other tasks run from time to time.
        let budget = ready!(coop::poll_proceed(cx));
        loop {
            let Some((stream, cursor)) = &mut this.place else { return Poll::Ready(None) };
            let taken = stream.take(cursor);
            match (taken, &mut this.arrival) {
                (Some(Taken::Nothing), Some(arrival)) => {
                    ready!(arrival.as_mut().poll(cx));
                    this.arrival = None;
                }
                // The wait begins before the next look, so no event is missed in between.
                (Some(Taken::Nothing), arrival) => {
                    let mut wait = arrival_of(Arc::clone(stream));
                    if wait.as_mut().poll(cx).is_pending() {
                        *arrival = Some(wait);
                    }
                }
                (taken, _) => {
                    budget.made_progress();
                    this.arrival = None;
                    return Poll::Ready(taken.and_then(|taken| this.received(taken)));
                }
            }
        }
    }
}

/// Waits for the next event. The panic of the waker does not reach the supervisor that wakes it.
fn arrival_of(stream: Arc<Stream>) -> Arrival {
    Box::pin(async move {
        let arrival = pin!(stream.arrival.notified());
        with_contained_waker(arrival).await;
    })
}

impl Drop for Events {
    fn drop(&mut self) {
        let Some((stream, cursor)) = self.place.take() else { return };
        let unread = {
            let mut state = stream.lock();
            stream.subscribers.fetch_sub(1, Ordering::Release);
            state.ring.leave(&cursor)
        };
        drop_each(unread);
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("missed", &self.missed).finish_non_exhaustive()
    }
}
