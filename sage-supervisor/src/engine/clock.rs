//! What time it is, for one engine.

use std::num::NonZeroU64;
use std::time::Duration;

use tokio::time::Instant;

/// The time of a turn, or of a part of a long one. What is delivered together happens at one moment: a
/// clock that is read at every step costs as much as the steps.
///
/// Deadlines do not count from it. A turn may be long, and they are promised from when they are set.
#[derive(Debug)]
pub(super) struct Clock {
    began: Instant,
    now: Instant,
    moment: Moment,
}

/// A moment in the life of one engine, in half the room of an [`Instant`]: in nanoseconds from its
/// begin, and one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(NonZeroU64);

impl Clock {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self { began: now, now, moment: Moment(NonZeroU64::MIN) }
    }

    pub(super) fn read(&mut self) {
        self.now = Instant::now();
        self.moment = self.moment_of(self.now);
    }

    pub(super) fn now(&self) -> Instant {
        self.now
    }

    /// The moment of this turn.
    pub(super) fn moment(&self) -> Moment {
        self.moment
    }

    /// The present moment, which may be later than that of the turn.
    pub(super) fn present(&self) -> Moment {
        self.moment_of(Instant::now())
    }

    fn moment_of(&self, instant: Instant) -> Moment {
        Moment(NonZeroU64::MIN).after(instant - self.began)
    }

    pub(super) fn instant(&self, moment: Moment) -> Instant {
        self.began + Duration::from_nanos(moment.0.get() - 1)
    }
}

impl Moment {
    pub(super) fn after(self, time: Duration) -> Self {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(nanos))
    }

    pub(super) fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.get().saturating_sub(earlier.0.get()))
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
        assert_eq!(clock.moment(), first, "it is read by turns");
        clock.read();
        assert_eq!(clock.moment().since(first), Duration::new(90_061, 7));
        assert_eq!(clock.instant(clock.moment()), clock.now());
        assert_eq!(clock.now(), Instant::now());
        assert_eq!(first.since(clock.moment()), Duration::ZERO);
    }
}
