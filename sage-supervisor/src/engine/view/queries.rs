//! The questions about all children.
//!
//! Such a question takes a walk over all children, of which there may be a million. Therefore one walk
//! answers everybody who asks in the same turn, at the end of that turn, and every caller copies the
//! answer in its own task. Walks and copies hold up what the supervisor and its children have to do, so
//! that a rest of at least the same length follows if they take long.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use crate::command::{ChildStatus, Counts};
use crate::scope::{Collectors, Reply};

/// The time that a walk may take without a rest after it. A timer ticks only once in a millisecond, so
/// a rest after every short walk would slow down whoever asks again and again.
const SHORT_WALK: Duration = Duration::from_micros(100);

/// The longest rest. A few questions must not wait for long because of many others.
const LONGEST_REST: Duration = Duration::from_secs(1);

/// The questions about all children that have not been answered yet.
#[derive(Default)]
pub(crate) struct Queries {
    pending: Option<Box<Pending>>,
    /// The end of the rest after the last walk.
    rests_until: Option<Instant>,
}

#[derive(Default)]
pub(super) struct Pending {
    pub(super) children: Vec<Reply<Arc<Vec<ChildStatus>>>>,
    pub(super) counts: Vec<Reply<Counts>>,
    pub(super) collectors: Vec<Collectors>,
    /// The rest that has to be over first, while the engine waits for that.
    rest: Option<Pin<Box<Sleep>>>,
}

impl Queries {
    pub(crate) fn ask_children(&mut self, reply: Reply<Arc<Vec<ChildStatus>>>) {
        self.pending.get_or_insert_default().children.push(reply);
    }

    pub(crate) fn ask_count(&mut self, reply: Reply<Counts>) {
        self.pending.get_or_insert_default().counts.push(reply);
    }

    pub(crate) fn ask_snapshot(&mut self, collectors: Collectors) {
        self.pending.get_or_insert_default().collectors.push(collectors);
    }

    #[inline]
    pub(crate) fn is_any_pending(&self) -> bool {
        self.pending.is_some()
    }

    /// Returns [`Poll::Ready`] if there are questions and the rest is over.
    #[cold]
    pub(crate) fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match (&mut self.pending, self.rests_until) {
            (Some(pending), Some(until)) => {
                let rest = || Box::pin(tokio::time::sleep_until(until));
                pending.rest.get_or_insert_with(rest).as_mut().poll(cx)
            }
            _ => Poll::Pending,
        }
    }

    /// Takes the questions out that are to be answered now.
    pub(super) fn take_due(&mut self, at_once: bool) -> Option<Box<Pending>> {
        if !at_once && self.rests_until.is_some_and(|until| Instant::now() < until) {
            return None;
        }
        self.pending.take()
    }

    /// Begins the rest after a walk whose result is copied by so many callers.
    pub(super) fn rest(&mut self, walk: Duration, copies: usize, threads: usize) {
        self.rests_until = rest_after(walk, copies, threads).map(|rest| Instant::now() + rest);
    }
}

/// Returns how long a supervisor answers no further question after a walk over its children.
fn rest_after(walk: Duration, copies: usize, threads: usize) -> Option<Duration> {
    // A copy takes about as long as the walk, and the copies are made during the rest.
    let copying = walk.saturating_mul(u32::try_from(copies.div_ceil(threads)).unwrap_or(u32::MAX));
    let rest = walk.saturating_add(copying).saturating_add(copying).min(LONGEST_REST);
    (walk > SHORT_WALK).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_long_walk_is_followed_by_a_rest() {
        let long = Duration::from_millis(3);
        let table = [
            (Duration::ZERO, 100, 1, None),
            (SHORT_WALK, 100, 1, None),
            (long, 0, 1, Some(long)),
            (long, 1, 1, Some(3 * long)),
            (long, 4, 4, Some(3 * long)),
            (long, 5, 4, Some(5 * long)),
            (long, 10_000, 4, Some(LONGEST_REST)),
            (Duration::MAX, usize::MAX, 1, Some(LONGEST_REST)),
        ];
        for (walk, copies, threads, rest) in table {
            assert_eq!(rest_after(walk, copies, threads), rest, "{walk:?} {copies} {threads}");
        }
    }
}
