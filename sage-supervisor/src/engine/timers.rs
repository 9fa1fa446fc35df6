//! The deadlines of one engine.

use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::time::DelayQueue;
use tokio_util::time::delay_queue::Key;

use super::id::ChildId;
use super::slot::Phase;
use crate::shutdown::FOREVER;

/// What a deadline is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alarm {
    /// A child whose instance may be in this phase no longer than that.
    Child { child: ChildId, instance: u64, phase: Phase },
    /// A group that is down, and waits to be started.
    Group,
    /// Nothing: the queue takes note of the time.
    Tick,
    /// All children of a dynamic supervisor that were given this time to stop.
    Overdue(Duration),
    /// All that were killed together, in this wave.
    Wave(u32),
}

/// The deadlines of one engine. Without any it is empty, and asks for no wake-up.
#[derive(Default)]
pub(super) struct Timers(Option<Box<Queue>>);

struct Queue {
    alarms: DelayQueue<Alarm>,
    since: Instant,
}

/// A queue measures from when it was made, and takes no deadline more than two years after the last
/// one that passed. One that stands empty for longer than this is replaced, and in another one passes
/// at once. What it holds is never further away than a year, so two years are never reached.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);

/// How many deadlines may have room for ever.
const LARGE: usize = 1024;

impl Timers {
    pub(super) fn set(&mut self, alarm: Alarm, after: Duration) -> Key {
        let stale = |queue: &Queue| queue.alarms.is_empty() && queue.since.elapsed() > STALE;
        if self.0.as_deref().is_some_and(stale) {
            self.0 = None;
        }
        let fresh = || Box::new(Queue { alarms: DelayQueue::new(), since: Instant::now() });
        let queue = self.0.get_or_insert_with(fresh);
        if queue.since.elapsed() > STALE {
            queue.alarms.insert(Alarm::Tick, Duration::ZERO);
        }
        queue.alarms.insert(alarm, after.min(FOREVER))
    }

    pub(super) fn deadline(&self, key: &Key) -> Option<Instant> {
        self.0.as_ref().map(|queue| queue.alarms.deadline(key))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(|queue| queue.alarms.is_empty())
    }

    /// Forgets a deadline that has not fired. The key of one that has may be another's by now.
    pub(super) fn clear(&mut self, key: &Key) {
        if let Some(queue) = &mut self.0 {
            queue.alarms.try_remove(key);
            // Many deadlines at once leave no large queue behind.
            if queue.alarms.is_empty() && queue.alarms.capacity() > LARGE {
                self.0 = None;
            }
        }
    }

    /// Moves every deadline that has passed to `fired`; ready if there is any.
    pub(super) fn poll_fired(&mut self, cx: &mut Context<'_>, fired: &mut Vec<Alarm>) -> Poll<()> {
        let Some(queue) = &mut self.0 else { return Poll::Pending };
        while let Poll::Ready(Some(expired)) = queue.alarms.poll_expired(cx) {
            queue.since = Instant::now();
            match expired.into_inner() {
                Alarm::Tick => {}
                alarm => fired.push(alarm),
            }
        }
        if fired.is_empty() { Poll::Pending } else { Poll::Ready(()) }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |queue| queue.alarms.len())
    }
}
