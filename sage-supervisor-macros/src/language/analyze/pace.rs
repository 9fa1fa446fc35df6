//! The shortest times between the restarts of a child with a backoff.

use std::time::Duration;

use sage_supervisor_policy::backoff::{
    DEFAULT_FACTOR, DEFAULT_JITTER, DEFAULT_RESET_AFTER, Exponential, LEAST_FACTOR, jittered,
};
use sage_supervisor_policy::time::milliseconds;

use crate::language::args::{Value, known};
use crate::language::backoff::{Backoff, DEFAULT_MAX, Delays};

/// The delays of a backoff. A factor and a reset that are not known count as the values that make the
/// delays shortest.
pub(super) struct Pace {
    delays: Exponential,
    jitter: f64,
    reset_after: u64,
}

impl Pace {
    /// The delays, unless too little is known of them, or unless they can be zero.
    pub(super) fn new(backoff: &Backoff) -> Option<Self> {
        let Delays::Exponential(delays) = &backoff.delays else { return None };
        let Some(Value::Known(initial, _)) = delays.initial else { return None };
        let max = known(delays.max.as_ref(), DEFAULT_MAX)?;
        let reset_after = known(delays.reset_after.as_ref(), milliseconds(DEFAULT_RESET_AFTER));
        let pace = Self {
            delays: Exponential {
                initial: Duration::from_millis(initial),
                max: Duration::from_millis(max),
                factor: known(delays.factor.as_ref(), DEFAULT_FACTOR).unwrap_or(LEAST_FACTOR),
            },
            jitter: known(delays.jitter.as_ref(), DEFAULT_JITTER)?,
            reset_after: reset_after.unwrap_or(0),
        };
        (initial <= max && pace.delay(1) > 0).then_some(pace)
    }

    /// The shortest delay after this number of failures in a row, in milliseconds.
    fn delay(&self, failures: u32) -> u64 {
        let shortest = jittered(self.delays.delay(failures), self.jitter, 1.0);
        u64::try_from(shortest.as_millis()).unwrap_or(u64::MAX)
    }
}

/// The shortest ways from one restart to each of the later ones. An instance fails at once, or has been
/// up for just long enough that its failures are forgotten, whichever is faster.
pub(super) struct Ways {
    delays: Vec<u64>,
    reset_after: u64,
    pub(super) has_jitter: bool,
    /// For the nth restart after the first: the time until then, and the number of failures in a row
    /// before it.
    steps: Vec<(u64, usize)>,
}

impl Ways {
    /// The ways to each of `restarts` after the first one.
    pub(super) fn new(pace: &Pace, restarts: u32) -> Self {
        let delays = (1..=restarts).map(|failures| pace.delay(failures)).collect::<Vec<_>>();
        let mut steps = vec![(0_u64, 0)];
        for restart in 1..=delays.len() {
            let mut row = 0_u64;
            let shortest = (1..=restart).map(|length| {
                row = row.saturating_add(delays[length - 1]);
                let before = match restart - length {
                    0 => 0,
                    earlier => steps[earlier].0.saturating_add(pace.reset_after),
                };
                (before.saturating_add(row), length)
            });
            // The longest row is the best of equal ways: no failure is forgotten without need.
            let shortest = shortest.min_by_key(|&(time, length)| (time, restart - length));
            steps.extend(shortest);
        }
        Self { delays, reset_after: pace.reset_after, has_jitter: pace.jitter > 0.0, steps }
    }

    /// The earliest time of each restart, from the first one on.
    pub(super) fn times(&self) -> impl Iterator<Item = u64> {
        self.steps.iter().map(|(time, _)| *time)
    }

    /// The time that an instance is up on the way to the last restart, if that is faster than to fail at
    /// once.
    pub(super) fn begins_anew(&self) -> Option<u64> {
        let is_anew = self.steps.last().is_some_and(|(_, row)| *row < self.delays.len());
        is_anew.then_some(self.reset_after)
    }

    /// The times between the restarts.
    pub(super) fn gaps(&self) -> Vec<u64> {
        self.gaps_to(self.delays.len())
    }

    /// The times between the restarts, up to the nth after the first.
    pub(super) fn gaps_to(&self, restart: usize) -> Vec<u64> {
        let (_, length) = self.steps[restart];
        if restart == 0 {
            return Vec::new();
        }
        let mut gaps = self.gaps_to(restart - length);
        let anew = if gaps.is_empty() { 0 } else { self.reset_after };
        let row = self.delays[..length].iter().enumerate();
        gaps.extend(
            row.map(|(at, delay)| if at == 0 { delay.saturating_add(anew) } else { *delay }),
        );
        gaps
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Exponential, Pace, Ways};

    fn pace(initial: u64, max: u64, factor: f64, jitter: f64, reset_after: u64) -> Pace {
        let (initial, max) = (Duration::from_millis(initial), Duration::from_millis(max));
        Pace { delays: Exponential { initial, max, factor }, jitter, reset_after }
    }

    fn gaps(pace: &Pace, restarts: u32) -> Vec<u64> {
        let ways = Ways::new(pace, restarts);
        let gaps = ways.gaps();
        assert_eq!(Some(gaps.iter().sum()), ways.times().last());
        gaps
    }

    #[test]
    fn delays_grow_up_to_the_maximum_less_the_jitter() {
        assert_eq!(
            gaps(&pace(1_000, 5_000, 2.0, 0.0, 60_000), 5),
            [1_000, 2_000, 4_000, 5_000, 5_000]
        );
        assert_eq!(gaps(&pace(1_000, 60_000, 2.0, 0.1, 60_000), 3), [900, 1_800, 3_600]);
        assert_eq!(gaps(&pace(1_000, 60_000, 1.0, 0.5, 60_000), 3), [500, 500, 500]);
        assert_eq!(gaps(&pace(1_000, 60_000, 2.0, 0.0, 60_000), 0), [0; 0]);
    }

    #[test]
    fn an_instance_that_is_up_for_long_enough_can_be_faster() {
        // The delays are 1, 10 and 100 s, or 1 s again after an instance that was up for 5 s.
        let pace = pace(1_000, 100_000, 10.0, 0.0, 5_000);
        assert_eq!(gaps(&pace, 2), [1_000, 6_000]);
        assert_eq!(gaps(&pace, 4), [1_000, 6_000, 6_000, 6_000]);
    }

    #[test]
    fn a_time_without_end_is_no_overflow() {
        let ways = Ways::new(&pace(u64::MAX / 2, u64::MAX, f64::MAX, 0.0, u64::MAX), 9);
        // No delay is longer than a year.
        assert_eq!(ways.times().last(), Some(9 * 365 * 24 * 3_600_000));
    }
}
