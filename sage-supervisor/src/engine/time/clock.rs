//! The clock of one engine.

use std::num::NonZeroU64;
use std::ops::Sub;
use std::time::Duration;

use tokio::time::Instant;

/// The time of a turn, or of a part of a long turn. Messages that are delivered together happen at one
/// moment, because reading the system clock at every step would cost as much as the steps.
///
/// Deadlines do not count from the time of the turn, but from the [present](Self::present): a turn may
/// be long, and a timeout is promised from the moment at which it is set.
#[derive(Debug)]
pub(crate) struct Clock {
    began: Instant,
    now: Instant,
    moment: Moment,
}

/// A moment in the life of one engine, in half the size of an [`Instant`]: the nanoseconds since the
/// engine began, plus one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(NonZeroU64);

impl Clock {
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        Self { began: now, now, moment: Moment(NonZeroU64::MIN) }
    }

    /// Reads the system clock for the next turn.
    pub(crate) fn read(&mut self) {
        self.now = Instant::now();
        self.moment = self.moment_of(self.now);
    }

    /// Returns the time of this turn.
    pub(crate) fn now(&self) -> Instant {
        self.now
    }

    /// Returns the moment of this turn.
    pub(crate) fn moment(&self) -> Moment {
        self.moment
    }

    /// Reads the system clock. The present moment may be later than that of the turn.
    pub(crate) fn present(&self) -> Moment {
        self.moment_of(Instant::now())
    }

    fn moment_of(&self, instant: Instant) -> Moment {
        Moment(NonZeroU64::MIN).after(instant - self.began)
    }

    /// Returns whether the clock of the runtime shows the time of the system. A test may have paused
    /// the clock, or have moved it.
    pub(crate) fn is_real() -> bool {
        let before = std::time::Instant::now();
        let now = Instant::now().into_std();
        before <= now && now <= std::time::Instant::now()
    }

    pub(crate) fn instant(&self, moment: Moment) -> Instant {
        self.began + Duration::from_nanos(moment.0.get() - 1)
    }
}

impl Moment {
    pub(crate) fn after(self, time: Duration) -> Self {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(nanos))
    }

    pub(crate) fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.get().saturating_sub(earlier.0.get()))
    }
}

impl Sub for Moment {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.since(earlier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_moment_is_the_time_of_its_turn() {
        let mut clock = Clock::new();
        let first = clock.moment();
        assert_eq!(clock.instant(first), clock.began);
        tokio::time::advance(Duration::new(90_061, 7)).await;
        assert_eq!(clock.moment(), first, "the clock is read once a turn");
        clock.read();
        assert_eq!(clock.moment().since(first), Duration::new(90_061, 7));
        assert_eq!(clock.instant(clock.moment()), clock.now());
        assert_eq!(clock.now(), Instant::now());
        assert_eq!(first.since(clock.moment()), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_is_paused_or_was_moved_is_not_real() {
        assert!(!Clock::is_real());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(!Clock::is_real());
        tokio::time::resume();
        assert!(!Clock::is_real());
    }

    #[tokio::test]
    async fn a_clock_that_was_never_paused_is_real() {
        assert!(Clock::is_real());
    }
}
