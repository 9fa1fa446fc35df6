//! The signals that a tree has received, and the answer to the next one.

use std::time::{Duration, Instant};

/// The default of the time within which a signal is a repeat of the one before it.
pub(crate) const REPEAT_WITHIN: Duration = Duration::from_secs(1);

/// The signals that a tree has received so far.
#[derive(Debug, Default)]
pub(super) struct Received {
    /// The number of signals without the repeats.
    counted: u32,
    /// The moment of the last signal that was counted.
    last: Option<Instant>,
}

/// The answer to a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Stop the tree in order.
    Stop,
    /// Do nothing: the signal has been answered already.
    Repeat,
    /// Abort everything that is left of the tree.
    Abort,
    /// End the process.
    Exit,
}

impl Received {
    /// Returns whether a signal has been received.
    pub(super) fn any(&self) -> bool {
        self.counted > 0
    }

    /// Counts a signal that arrives at `now`, and returns the answer. A process manager that signals
    /// the process and its group delivers one request twice, so a signal within `within` of the last
    /// one that was counted is that one. `is_over` is true if the tree has ended already.
    pub(super) fn receive(&mut self, now: Instant, within: Duration, is_over: bool) -> Answer {
        if self.last.is_some_and(|last| now.duration_since(last) < within) {
            return Answer::Repeat;
        }
        self.counted += 1;
        self.last = Some(now);
        match self.counted {
            _ if is_over => Answer::Exit,
            1 => Answer::Stop,
            2 => Answer::Abort,
            // Neither the stop nor the abort has come to an end.
            _ => Answer::Exit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answers to signals at these moments, in milliseconds, of which the tree has ended at `over`.
    fn answers<const N: usize>(within: u64, over: u64, at: [u64; N]) -> [Answer; N] {
        let (mut received, start) = (Received::default(), Instant::now());
        at.map(|at| {
            let now = start + Duration::from_millis(at);
            received.receive(now, Duration::from_millis(within), at >= over)
        })
    }

    #[test]
    fn a_repeat_is_the_same_request() {
        use Answer::{Abort, Exit, Repeat, Stop};
        assert_eq!(REPEAT_WITHIN, Duration::from_secs(1));
        const NEVER: u64 = u64::MAX;
        let table = [
            (1_000, NEVER, [0, 2_000, 4_000, 6_000], [Stop, Abort, Exit, Exit]),
            (1_000, NEVER, [0, 0, 5, 999], [Stop, Repeat, Repeat, Repeat]),
            // Repeats do not make the time longer.
            (1_000, NEVER, [0, 999, 1_000, 1_500], [Stop, Repeat, Abort, Repeat]),
            // The request to abort may be delivered twice as well.
            (1_000, NEVER, [0, 2_000, 2_001, 3_000], [Stop, Abort, Repeat, Exit]),
            (0, NEVER, [0, 0, 0, 0], [Stop, Abort, Exit, Exit]),
            // A repeat that arrives after a quick end does not end the process with another code.
            (1_000, 10, [0, 20, 999, 1_000], [Stop, Repeat, Repeat, Exit]),
            (1_000, 0, [0, 0, 5, 5_000], [Exit, Repeat, Repeat, Exit]),
        ];
        for (within, over, at, expected) in table {
            assert_eq!(answers(within, over, at), expected, "{within} {over} {at:?}");
        }
    }
}
