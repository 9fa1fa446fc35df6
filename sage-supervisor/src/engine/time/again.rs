//! The time that a limit gives again, because nobody could use it.
//!
//! An engine that hears of a deadline late was held up: its process was frozen, or its thread was
//! blocked. The children were held up too, so the limit begins again, once. An engine that hears of a
//! deadline in time may still have a child that waits behind a blocked thread. If the child can be
//! [asked](crate::child::Probe), it is judged only once it has been polled. Nothing of this is done on
//! a clock that a test has paused, which stands still while anything can run.

use std::time::Duration;

use crate::child::Reach;

/// The lateness up to which an engine was not held up. Timers are a few milliseconds late on a busy
/// system.
const TOLERANCE: Duration = Duration::from_millis(20);

/// The time in which a child that is not held up answers a probe.
const ANSWER: Duration = Duration::from_millis(20);

/// The least time after which a child that waits for a thread is looked at again.
const QUEUE: Duration = Duration::from_millis(500);

/// The longest time that is given again, unless the engine was held up for longer than that.
const LONGEST: Duration = Duration::from_secs(10);

/// The number of times that a limit has begun again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Again(u8);

impl Again {
    pub(crate) const NEVER: Self = Self(0);
    /// The number of a limit that is acted upon when its time is over.
    pub(crate) const LAST: Self = Self(u8::MAX);
    const ONCE: Self = Self(1);

    /// Returns how often a child has been found waiting for a thread, after it was asked.
    fn waits(self) -> u32 {
        u32::from(self.0).saturating_sub(1)
    }

    fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// Returns the time that a limit gives again, with the number of times that it will have begun again.
/// The limit of this `length` was heard of so `late`. The result is `None` if the limit is acted upon.
pub(crate) fn time_again(
    length: Duration,
    late: Duration,
    again: Again,
    reach: Reach,
) -> Option<(Duration, Again)> {
    let own = length.min(LONGEST.max(late));
    let waited = own.max(QUEUE);
    match reach {
        _ if again == Again::NEVER && late > TOLERANCE => Some((own, again.next())),
        Reach::Asked => Some((own.min(ANSWER), again.next())),
        Reach::Queued if waited * again.waits() < LONGEST => Some((waited, again.next())),
        // The child has answered after it had been found waiting. Its own time begins now.
        Reach::Answered if again > Again::ONCE && again < Again::LAST => Some((own, Again::LAST)),
        Reach::Queued | Reach::Answered | Reach::Running | Reach::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const MINUTE: Duration = Duration::from_secs(60);
    const REACHES: [Reach; 5] =
        [Reach::Unknown, Reach::Asked, Reach::Running, Reach::Queued, Reach::Answered];

    #[test]
    fn a_limit_that_was_heard_of_late_begins_again_once() {
        let table = [
            (SECOND, SECOND * 2, SECOND),
            (SECOND, TOLERANCE + Duration::from_nanos(1), SECOND),
            (MINUTE, SECOND * 2, LONGEST),
            (MINUTE, SECOND * 30, SECOND * 30),
            (MINUTE, MINUTE * 9, MINUTE),
        ];
        for (length, late, time) in table {
            for reach in REACHES {
                let given = time_again(length, late, Again::NEVER, reach);
                assert_eq!(given, Some((time, Again::ONCE)), "{length:?} {late:?} {reach:?}");
            }
            assert_eq!(time_again(length, late, Again::ONCE, Reach::Unknown), None);
        }
        assert_eq!(time_again(SECOND, TOLERANCE, Again::NEVER, Reach::Unknown), None);
    }

    #[test]
    fn a_child_is_judged_once_it_could_run() {
        let given = |again, reach| time_again(SECOND, Duration::ZERO, Again(again), reach);
        assert_eq!(given(0, Reach::Asked), Some((ANSWER, Again(1))));
        assert_eq!([given(1, Reach::Answered), given(1, Reach::Running)], [None; 2]);
        for again in 0..=10 {
            assert_eq!(given(again, Reach::Queued), Some((SECOND, Again(again + 1))));
        }
        assert_eq!(given(11, Reach::Queued), None, "the wait is bounded");
        let long = |again| time_again(MINUTE, Duration::ZERO, Again(again), Reach::Queued);
        assert_eq!([long(1), long(2)], [Some((LONGEST, Again(2))), None]);
        for again in 2..u8::MAX {
            assert_eq!(given(again, Reach::Answered), Some((SECOND, Again::LAST)));
        }
        for reach in REACHES.into_iter().filter(|&reach| reach != Reach::Asked) {
            assert_eq!(given(u8::MAX, reach), None, "{reach:?}");
        }
    }

    #[test]
    fn a_short_limit_does_not_end_the_wait_for_a_thread_early() {
        let given = |again| time_again(TOLERANCE, Duration::ZERO, Again(again), Reach::Queued);
        assert_eq!(given(20), Some((QUEUE, Again(21))));
        assert_eq!(given(21), None);
    }
}
