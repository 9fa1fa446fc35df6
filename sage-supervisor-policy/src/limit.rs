//! The window of a restart limit.

use std::collections::VecDeque;
use std::ops::Sub;
use std::time::Duration;

use crate::RestartConfig;
use crate::time::display;

/// The history behind a [`RestartConfig`]: the restarts that still count.
///
/// Recording a restart takes O(1) amortised. The history holds at most `max_restarts` moments, none
/// without a limit, and allocates at the first restart. `I` is the instant of any clock, such as the
/// one of tokio or, in a calculation, the time since some origin.
#[derive(Debug)]
pub struct RestartTracker<I> {
    limit: Option<RestartConfig>,
    history: VecDeque<I>,
}

/// The answer of a [`RestartTracker`] to a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestartDecision {
    /// The restart is allowed, and was counted.
    Allowed {
        /// The number of restarts in the window, including this one. Zero without a limit.
        used: u32,
    },
    /// The restart is refused, and was not counted.
    Exceeded {
        /// The number of restarts that the window would hold with this one.
        used: u32,
        /// The limit that the restart would exceed.
        limit: RestartConfig,
    },
}

impl<I> RestartTracker<I>
where
    I: Copy + Sub<Output = Duration>,
{
    /// Creates an empty history. `None` is no limit.
    #[must_use]
    pub const fn new(limit: Option<RestartConfig>) -> Self {
        Self { limit, history: VecDeque::new() }
    }

    /// The number of restarts that a window may hold; `None` is no limit.
    #[must_use]
    pub fn allowed(&self) -> Option<u32> {
        self.limit.map(|limit| limit.max_restarts)
    }

    /// The number of restarts in the window that ends `now`.
    pub fn used(&self, now: I) -> u32 {
        let Some(limit) = self.limit else { return 0 };
        // Only `record` removes moments, so those that have left the window may still be here. The
        // moments are in the order of the clock, so the ones that count are at the back.
        let counts = |&then: &I| now - then <= limit.within;
        let used = self.history.iter().rev().copied().take_while(counts).count();
        u32::try_from(used).unwrap_or(u32::MAX)
    }

    /// Decides on a restart at `now`, and counts it if it is allowed.
    pub fn record(&mut self, now: I) -> RestartDecision {
        let Some(limit) = self.limit else { return RestartDecision::Allowed { used: 0 } };
        // Each moment is pushed and popped once, which makes this loop O(1) amortised. A restart
        // exactly `within` ago still counts.
        while self.history.front().is_some_and(|&then| now - then > limit.within) {
            self.history.pop_front();
        }
        // The history is never longer than `max_restarts`, so the conversion does not fail, and
        // `used + 1` cannot overflow for a restart that is allowed.
        let used = u32::try_from(self.history.len()).unwrap_or(u32::MAX);
        if used >= limit.max_restarts {
            return RestartDecision::Exceeded { used: used.saturating_add(1), limit };
        }
        self.history.push_back(now);
        RestartDecision::Allowed { used: used + 1 }
    }
}

/// The limit for a reader, as `5 restarts in 1m`.
#[must_use]
pub fn describe(max_restarts: u32, within_ms: u64) -> String {
    let restarts = if max_restarts == 1 { "restart" } else { "restarts" };
    format!("{max_restarts} {restarts} in {}", display(within_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::from_secs(1_000);

    fn tracker(max_restarts: u32, within: Duration) -> RestartTracker<Duration> {
        RestartTracker::new(Some(RestartConfig { max_restarts, within }))
    }

    #[test]
    fn a_restart_exactly_within_ago_still_counts() {
        let within = Duration::from_secs(10);
        let mut tracker = tracker(1, within);
        assert_eq!(tracker.record(START), RestartDecision::Allowed { used: 1 });
        assert_eq!(tracker.used(START + within), 1);
        assert!(matches!(tracker.record(START + within), RestartDecision::Exceeded { .. }));
        let after = START + within + Duration::from_nanos(1);
        assert_eq!(tracker.used(after), 0);
        assert_eq!(tracker.record(after), RestartDecision::Allowed { used: 1 });
    }

    #[test]
    fn every_window_is_checked_not_only_aligned_ones() {
        let mut tracker = tracker(2, Duration::from_secs(10));
        let at = |seconds| START + Duration::from_secs(seconds);
        assert!(matches!(tracker.record(at(0)), RestartDecision::Allowed { used: 1 }));
        assert!(matches!(tracker.record(at(9)), RestartDecision::Allowed { used: 2 }));
        assert!(matches!(tracker.record(at(11)), RestartDecision::Allowed { used: 2 }));
        let limit = RestartConfig { max_restarts: 2, within: Duration::from_secs(10) };
        assert_eq!(tracker.record(at(12)), RestartDecision::Exceeded { used: 3, limit });
    }

    #[test]
    fn zero_allows_none() {
        let mut tracker = tracker(0, Duration::from_secs(1));
        assert!(matches!(tracker.record(START), RestartDecision::Exceeded { used: 1, .. }));
    }

    #[test]
    fn without_a_limit_there_is_no_history() {
        let mut tracker = RestartTracker::new(None);
        for _ in 0..10_000 {
            assert_eq!(tracker.record(START), RestartDecision::Allowed { used: 0 });
        }
        assert_eq!(tracker.history.capacity(), 0);
    }

    #[test]
    fn the_history_never_holds_more_than_the_limit() {
        let mut tracker = tracker(3, Duration::from_secs(60));
        for _ in 0..10_000 {
            tracker.record(START);
        }
        assert_eq!(tracker.history.len(), 3);
    }
}
