//! Whether a child is restarted, and how often.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::exit::Exit;

/// Which exits of a child lead to a restart.
///
/// | exit | permanent | transient | temporary |
/// |---|---|---|---|
/// | normal | restart | stays down | stays down |
/// | error, panic, killed | restart | restart | stays down |
///
/// A child that stays down keeps its place: a restart of its group starts it again, a temporary one
/// too. (Erlang/OTP removes temporary siblings in a group restart.)
///
/// # Examples
///
/// A child that fails twice and succeeds the third time, under each of them:
///
/// ```
/// use sage_supervisor::{RestartConfig, RestartPolicy, SageError, Strategy, Supervisor};
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use RestartPolicy::{Permanent, Temporary, Transient};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), sage_supervisor::SageError> {
/// // A permanent one is started again also when it has succeeded, until the limit is reached.
/// for (policy, starts) in [(Permanent, 6), (Transient, 3), (Temporary, 1)] {
///     let counter = Arc::new(AtomicU32::new(0));
///     let counted = Arc::clone(&counter);
///     let mut app = Supervisor::new(Strategy::OneForOne, RestartConfig::default());
///     app.add_child("import", policy, move || {
///         let earlier = counted.fetch_add(1, Ordering::Relaxed);
///         async move { if earlier < 2 { Err(SageError::other("busy")) } else { Ok(()) } }
///     });
///     assert_eq!(app.run().await.is_err(), policy == Permanent);
///     assert_eq!(counter.load(Ordering::Relaxed), starts);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum RestartPolicy {
    /// Restarted after every exit. The default of a worker.
    #[default]
    Permanent,
    /// Restarted after a failure; a normal exit is the end of its work. The default of a nested
    /// supervisor.
    Transient,
    /// Never restarted by its own exit.
    Temporary,
}

impl RestartPolicy {
    /// Whether an instance that ended by itself this way is followed by another.
    pub(crate) fn restarts_after(self, exit: &Exit) -> bool {
        match self {
            Self::Permanent => true,
            Self::Transient => exit.is_failure(),
            Self::Temporary => false,
        }
    }
}

/// The restart intensity: at most `max_restarts` automatic restarts within any window of length
/// `within`. The next one exceeds the limit, and the supervisor ends.
///
/// The default is 5 restarts within 60 seconds. (Erlang/OTP: 1 within 5 seconds.) A restart
/// exactly `within` ago still counts; a restart of a whole group counts once; `max_restarts: 0`
/// allows none. The clock is tokio's, so it follows paused time. For no limit at all see
/// [`Supervisor::unlimited_restarts`], which unlike a very large `max_restarts` needs no memory for
/// the restarts that still count.
///
/// # Examples
///
/// ```
/// use sage_supervisor::RestartConfig;
/// use std::time::Duration;
///
/// let config = RestartConfig { max_restarts: 3, ..RestartConfig::default() };
/// assert_eq!(config.within, Duration::from_secs(60));
/// ```
///
/// [`Supervisor::unlimited_restarts`]: crate::Supervisor::unlimited_restarts
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RestartConfig {
    /// How many restarts are allowed within the window. The default is 5.
    pub max_restarts: u32,
    /// The length of the window, longer than zero. The default is 60 s.
    pub within: Duration,
}

impl RestartConfig {
    pub(crate) const DEFAULT: Self = Self { max_restarts: 5, within: Duration::from_secs(60) };
}

impl Default for RestartConfig {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The history behind a [`RestartConfig`]: which restarts still count.
///
/// Recording is O(1) amortised. The history holds at most `max_restarts` entries, none without a
/// limit, and allocates at the first restart.
#[derive(Debug)]
pub(crate) struct RestartTracker {
    limit: Option<RestartConfig>,
    history: VecDeque<Instant>,
}

/// What the tracker says to a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RestartDecision {
    /// Allowed, and counted: this many restarts are in the window now. Zero without a limit.
    Allowed { used: u32 },
    /// Refused, because `used` restarts fill the window of `limit`. The refused restart was not counted.
    Exceeded { used: u32, limit: RestartConfig },
}

impl RestartTracker {
    /// `None` is no limit.
    pub(crate) fn new(limit: Option<RestartConfig>) -> Self {
        Self { limit, history: VecDeque::new() }
    }

    /// How many restarts a window may hold; `None` is no limit.
    pub(crate) fn allowed(&self) -> Option<u32> {
        self.limit.map(|limit| limit.max_restarts)
    }

    /// How many restarts are in the window that ends `now`.
    pub(crate) fn used(&self, now: Instant) -> u32 {
        let Some(limit) = self.limit else { return 0 };
        let counts = |&then: &Instant| now.duration_since(then) <= limit.within;
        let used = self.history.iter().rev().copied().take_while(counts).count();
        u32::try_from(used).unwrap_or(u32::MAX)
    }

    /// Decides on a restart at `now`, and counts it if it is allowed.
    pub(crate) fn record(&mut self, now: Instant) -> RestartDecision {
        let Some(limit) = self.limit else { return RestartDecision::Allowed { used: 0 } };
        while self.history.front().is_some_and(|&then| now.duration_since(then) > limit.within) {
            self.history.pop_front();
        }
        let used = u32::try_from(self.history.len()).unwrap_or(u32::MAX);
        if used >= limit.max_restarts {
            return RestartDecision::Exceeded { used, limit };
        }
        self.history.push_back(now);
        RestartDecision::Allowed { used: used + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contain::contain;
    use crate::exit::ExitError;

    #[test]
    fn the_restart_table_is_the_contracts() {
        let exits = [
            Exit::Normal,
            Exit::Error(ExitError::new("boom")),
            Exit::Panic(contain(|| panic!("boom")).unwrap_err()),
            Exit::Killed,
        ];
        let table = [
            (RestartPolicy::Permanent, [true, true, true, true]),
            (RestartPolicy::Transient, [false, true, true, true]),
            (RestartPolicy::Temporary, [false, false, false, false]),
        ];
        for (policy, expected) in table {
            for (exit, expected) in exits.iter().zip(expected) {
                assert_eq!(policy.restarts_after(exit), expected, "{policy:?} after {exit}");
            }
        }
    }

    fn tracker(max_restarts: u32, within: Duration) -> RestartTracker {
        RestartTracker::new(Some(RestartConfig { max_restarts, within }))
    }

    #[test]
    fn a_restart_exactly_within_ago_still_counts() {
        let within = Duration::from_secs(10);
        let start = Instant::now();
        let mut tracker = tracker(1, within);
        assert_eq!(tracker.record(start), RestartDecision::Allowed { used: 1 });
        assert!(matches!(tracker.record(start + within), RestartDecision::Exceeded { .. }));
        let after = start + within + Duration::from_nanos(1);
        assert_eq!(tracker.record(after), RestartDecision::Allowed { used: 1 });
    }

    #[test]
    fn every_window_is_checked_not_only_aligned_ones() {
        let start = Instant::now();
        let mut tracker = tracker(2, Duration::from_secs(10));
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!(matches!(tracker.record(at(0)), RestartDecision::Allowed { used: 1 }));
        assert!(matches!(tracker.record(at(9)), RestartDecision::Allowed { used: 2 }));
        assert!(matches!(tracker.record(at(11)), RestartDecision::Allowed { used: 2 }));
        let limit = RestartConfig { max_restarts: 2, within: Duration::from_secs(10) };
        assert_eq!(tracker.record(at(12)), RestartDecision::Exceeded { used: 2, limit });
    }

    #[test]
    fn zero_allows_none() {
        let mut tracker = tracker(0, Duration::from_secs(1));
        let decision = tracker.record(Instant::now());
        assert!(matches!(decision, RestartDecision::Exceeded { used: 0, .. }));
    }

    #[test]
    fn without_a_limit_there_is_no_history() {
        let mut tracker = RestartTracker::new(None);
        for _ in 0..10_000 {
            assert_eq!(tracker.record(Instant::now()), RestartDecision::Allowed { used: 0 });
        }
        assert_eq!(tracker.history.capacity(), 0);
    }

    #[test]
    fn the_history_never_holds_more_than_the_limit() {
        let start = Instant::now();
        let mut tracker = tracker(3, Duration::from_secs(60));
        for _ in 0..10_000 {
            tracker.record(start);
        }
        assert_eq!(tracker.history.len(), 3);
    }
}
