//! The ticks of periodic work: a fixed rate, without any that were missed.

use std::time::Duration;

use crate::FOREVER;
use crate::backoff::{LEAST_FACTOR, fault as backoff_fault};

/// Ticks at every multiple of a period, counted from the start of a schedule. Each tick may be late by a
/// part of the period that is left to chance, which moves no other tick.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ticks {
    /// The time between two ticks, apart from the jitter.
    pub period: Duration,
    /// The largest part of the period by which a tick is late.
    pub jitter: f64,
}

impl Ticks {
    /// Ticks without a jitter, which is the default.
    #[must_use]
    pub const fn new(period: Duration) -> Self {
        Self { period, jitter: 0.0 }
    }

    /// The number of the next tick after the tick `last`, and its time on the schedule. A tick whose time
    /// is before `elapsed` was missed, and is skipped. `chance`, from 0 to 1, is how much of the jitter a
    /// tick has.
    #[must_use]
    pub fn next(
        &self,
        last: u64,
        elapsed: Duration,
        chance: impl Fn(u64) -> f64,
    ) -> (u64, Duration) {
        let passed = elapsed.as_nanos() / self.nanos();
        let passed = u64::try_from(passed).unwrap_or(u64::MAX);
        // The last tick that has passed may still come, if it is late.
        let tick = passed.max(last.saturating_add(1));
        let at = self.at(tick, chance(tick));
        if elapsed <= at {
            return (tick, at);
        }
        let tick = tick.saturating_add(1);
        (tick, self.at(tick, chance(tick)))
    }

    fn at(&self, tick: u64, chance: f64) -> Duration {
        let at = duration(self.nanos().saturating_mul(tick.into()));
        // `mul_f64` panics if the product is negative or too large. The factor is from 0 to 1, because
        // `fault` refuses any other jitter.
        at.saturating_add(self.period.min(FOREVER).mul_f64(self.jitter * chance))
    }

    /// The period in nanoseconds. A period of zero is refused before anything is counted with it.
    fn nanos(&self) -> u128 {
        self.period.as_nanos().max(1)
    }

    /// The reason why nothing can be counted with this jitter, if there is one.
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        backoff_fault(LEAST_FACTOR, self.jitter)
    }
}

fn duration(nanos: u128) -> Duration {
    const SECOND: u128 = 1_000_000_000;
    match u64::try_from(nanos / SECOND) {
        // The remainder is below a second, so it fits.
        Ok(seconds) => Duration::new(seconds, (nanos % SECOND) as u32),
        Err(_) => Duration::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLI: Duration = Duration::from_millis(1);
    const EVERY_TEN: Ticks = Ticks::new(Duration::from_millis(10));

    fn next(ticks: Ticks, last: u64, elapsed: Duration, chance: f64) -> (u64, u128) {
        let (tick, at) = ticks.next(last, elapsed, |_| chance);
        (tick, at.as_micros())
    }

    #[test]
    fn ticks_come_at_a_fixed_rate_and_missed_ones_are_skipped() {
        let table = [
            // The run of a tick took no time, or less than a period.
            (0, 0, (1, 10_000)),
            (0, 4_000, (1, 10_000)),
            (3, 39_999, (4, 40_000)),
            // A tick that comes at this very moment was not missed.
            (0, 10_000, (1, 10_000)),
            (0, 10_001, (2, 20_000)),
            (0, 20_000, (2, 20_000)),
            (3, 78_500, (8, 80_000)),
            // A schedule never goes back.
            (7, 0, (8, 80_000)),
        ];
        for (last, micros, expected) in table {
            let elapsed = Duration::from_micros(micros);
            assert_eq!(next(EVERY_TEN, last, elapsed, 0.0), expected, "{last} {elapsed:?}");
        }
    }

    #[test]
    fn jitter_makes_a_tick_late_and_moves_no_other() {
        let ticks = Ticks { jitter: 0.5, ..EVERY_TEN };
        assert_eq!(next(ticks, 0, MILLI, 0.0), (1, 10_000));
        assert_eq!(next(ticks, 0, MILLI, 1.0), (1, 15_000));
        assert_eq!(next(ticks, 1, 15 * MILLI, 1.0), (2, 25_000));
        // A tick that is late has not been missed.
        assert_eq!(next(ticks, 0, 15 * MILLI, 1.0), (1, 15_000));
        assert_eq!(next(ticks, 0, 16 * MILLI, 1.0), (2, 25_000));
        let whole = Ticks { jitter: 1.0, ..EVERY_TEN };
        assert_eq!(next(whole, 0, MILLI, 1.0), (1, 20_000));
        assert_eq!(next(whole, 0, 20 * MILLI, 1.0), (2, 30_000));
    }

    #[test]
    fn each_tick_has_a_chance_of_its_own() {
        let ticks = Ticks { jitter: 1.0, ..EVERY_TEN };
        let chance = |tick: u64| if tick == 1 { 0.25 } else { 0.75 };
        assert_eq!(ticks.next(0, Duration::ZERO, chance).1, Duration::from_micros(12_500));
        assert_eq!(ticks.next(1, 13 * MILLI, chance).1, Duration::from_micros(27_500));
    }

    #[test]
    fn no_time_is_too_long_or_too_short() {
        let ends = [Duration::ZERO, Duration::from_nanos(1), Duration::MAX];
        for period in ends {
            for elapsed in ends {
                for last in [0, 1, u64::MAX] {
                    let ticks = Ticks { period, jitter: 1.0 };
                    let (tick, at) = ticks.next(last, elapsed, |_| 1.0);
                    assert!(tick >= last && at >= period, "{period:?} {elapsed:?} {last}");
                }
            }
        }
    }

    #[test]
    fn a_jitter_without_a_meaning_is_a_fault() {
        for (jitter, is_fault) in [(0.0, false), (1.0, false), (-0.1, true), (1.1, true)] {
            assert_eq!(Ticks { jitter, ..EVERY_TEN }.fault().is_some(), is_fault, "{jitter}");
        }
        assert!(Ticks { jitter: f64::NAN, ..EVERY_TEN }.fault().is_some());
    }
}
