//! The deadlines of one engine.

use std::task::{Context, Poll};
use std::time::Duration;

use tokio_util::time::DelayQueue;
use tokio_util::time::delay_queue::Key;

use super::slot::Phase;

/// What a deadline is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alarm {
    /// A child that may be in this phase no longer than that.
    Child { child: u32, phase: Phase },
    /// Everything that was killed at once.
    Everyone,
}

/// The deadlines of one engine. Without any it is empty, and asks for no wake-up.
#[derive(Default)]
pub(super) struct Timers(Option<Box<DelayQueue<Alarm>>>);

impl Timers {
    pub(super) fn set(&mut self, alarm: Alarm, after: Duration) -> Key {
        self.0.get_or_insert_with(Box::default).insert(alarm, after)
    }

    /// Forgets a deadline that has not fired. The key of one that has may be another's by now.
    pub(super) fn clear(&mut self, key: &Key) {
        if let Some(queue) = &mut self.0 {
            queue.try_remove(key);
        }
    }

    /// Moves every deadline that has passed to `fired`; ready if there is any.
    pub(super) fn poll_fired(&mut self, cx: &mut Context<'_>, fired: &mut Vec<Alarm>) -> Poll<()> {
        let Some(queue) = &mut self.0 else { return Poll::Pending };
        while let Poll::Ready(Some(expired)) = queue.poll_expired(cx) {
            fired.push(expired.into_inner());
        }
        if fired.is_empty() { Poll::Pending } else { Poll::Ready(()) }
    }
}
