//! The rate of work that is done again and again.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use crate::policy::{Ticks, backoff};

/// The rate at which the work of a child is done, for [`ChildSpec::every`](crate::ChildSpec::every).
///
/// # Defaults
///
/// | | default |
/// |---|---|
/// | [`first_after_period`](Self::first_after_period) | the first run is at once |
/// | [`jitter`](Self::jitter) | 0 |
///
/// # Examples
///
/// ```
/// use sage_supervisor::{ChildContext, ChildSpec, Every};
/// use std::time::Duration;
///
/// async fn report(_: ChildContext) {
///     println!("one more day");
/// }
///
/// let day = Duration::from_secs(24 * 60 * 60);
/// let report = ChildSpec::new("report", report)
///     .every(Every::new(day).first_after_period().jitter(0.1));
/// assert_eq!(report.every_setting().unwrap().period(), day);
/// ```
#[derive(Clone)]
#[must_use = "a period does nothing until it is set for a child"]
pub struct Every {
    ticks: Ticks,
    seed: u64,
    waits_first: bool,
}

impl Every {
    /// Creates a period, which has to be longer than zero. As with any timer of tokio, the resolution is a
    /// millisecond.
    pub fn new(period: Duration) -> Self {
        // `RandomState` is the only source of random numbers in the standard library.
        let seed = RandomState::new().hash_one(0);
        Self { ticks: Ticks::new(period), seed, waits_first: false }
    }

    /// Sets that the first run is after one period. By default it is at once.
    ///
    /// The setting is about the first instance in each run of the supervisor. An instance that follows
    /// another one, after a failure or a restart by hand, does its work at once.
    pub fn first_after_period(mut self) -> Self {
        self.waits_first = true;
        self
    }

    /// Sets by how much a run may come late, as a part of the period from 0 to 1: a period of 10 s and a
    /// jitter of 0.2 make a run come up to 2 s after its tick. How much it is, is left to chance for each
    /// run. The default is 0.
    ///
    /// The ticks themselves stay where they are, so the runs keep their rate. A run that is at once is never
    /// late. With a jitter, children that were started together do not work together.
    pub fn jitter(mut self, part: f64) -> Self {
        self.ticks.jitter = part;
        self
    }

    /// Sets the seed of the random numbers: equal seeds give equal delays. By default every period has a
    /// random seed.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The time between two ticks.
    #[must_use]
    pub fn period(&self) -> Duration {
        self.ticks.period
    }

    /// Returns whether the first instance waits for a period before it does its work.
    pub(super) fn waits_first(&self) -> bool {
        self.waits_first
    }

    /// Returns the number and the time of the next tick, in the schedule of this instance.
    pub(super) fn next(&self, last: u64, elapsed: Duration, instance: u64) -> (u64, Duration) {
        self.ticks.next(last, elapsed, |tick| backoff::chance(self.seed, instance, tick))
    }

    /// Returns whether two periods are the same, apart from their random numbers.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let same_bits = self.ticks.jitter.to_bits() == other.ticks.jitter.to_bits();
        same_bits
            && self.ticks.period == other.ticks.period
            && self.waits_first == other.waits_first
    }

    /// The reason why no run can be scheduled, if there is one.
    pub(super) fn fault(&self) -> Option<&'static str> {
        self.ticks.fault()
    }
}

impl From<Duration> for Every {
    fn from(period: Duration) -> Self {
        Self::new(period)
    }
}

impl fmt::Debug for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Every")
            .field("period", &self.ticks.period)
            .field("jitter", &self.ticks.jitter)
            .field("first_after_period", &self.waits_first)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_seed_repeats_the_delays_of_each_instance() {
        let of = |seed: u64, instance: u64| {
            let every = Every::new(SECOND).jitter(1.0).seed(seed);
            [0, 1, 2].map(|last| every.next(last, Duration::from_secs(last), instance))
        };
        assert_eq!(of(7, 1), of(7, 1));
        assert_ne!(of(7, 1), of(8, 1));
        assert_ne!(of(7, 1), of(7, 2));
        let late = of(7, 1).map(|(tick, at)| at - Duration::from_secs(tick));
        assert!(late[0] != late[1] && late[1] != late[2], "{late:?}");
    }

    #[test]
    fn every_setting_makes_a_difference() {
        let every = || Every::new(SECOND);
        assert!(every().is_same(&every()) && every().is_same(&Every::from(SECOND).seed(7)));
        for other in [every().jitter(0.1), every().first_after_period(), Every::new(SECOND * 2)] {
            assert!(!every().is_same(&other), "{other:?}");
        }
        assert!(every().fault().is_none() && every().jitter(1.1).fault().is_some());
    }
}
