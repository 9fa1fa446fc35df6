//! The window of a restart limit.

use std::collections::VecDeque;
use std::ops::Sub;
use std::time::Duration;

use crate::RestartConfig;
use crate::time::display;

/// The number of entries up to which each restart has an entry of its own.
const EXACT: usize = 3_000;

/// The part of the window over which further restarts share an entry. Together with [`EXACT`] this
/// keeps the history below 4,096 entries, which are 64 KiB in an engine.
const GRAIN: u32 = 1_000;

/// The history behind a [`RestartConfig`]: the restarts that still count.
///
/// Recording a restart takes O(1) amortised. A history without a limit holds nothing, and a history
/// allocates at the first restart.
///
/// The memory is bounded, whatever the limit is. As long as a window holds no more than 3,000 restarts,
/// the answers are exact. Beyond that, restarts within a thousandth of the window share one entry with
/// the moment of the last of them, so a restart may count for up to a thousandth of the window too
/// long. It never counts for less than the window: no window ever holds more restarts than the limit
/// allows.
///
/// `I` is the instant of any clock, such as the one of an engine or, in a calculation, the time since
/// some origin. `W` tells whom a restart is charged to, so that it can be [forgiven](Self::forgive).
/// The default of `W` is nobody.
#[derive(Debug)]
pub struct RestartTracker<I, W = ()> {
    limit: Option<RestartConfig>,
    /// The restarts that count, the oldest first.
    history: VecDeque<Entry<I, W>>,
    /// The number of restarts in all entries.
    used: u32,
    /// The moment of the first restart in the last entry, if others may join it.
    since: Option<I>,
    /// `true` if some restart in the history may be charged to somebody.
    has_debtors: bool,
}

/// An entry is one restart, or several that were close to each other.
#[derive(Debug)]
struct Entry<I, W> {
    /// The moment of the last restart.
    at: I,
    count: u32,
    charged_to: W,
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

impl<I, W> RestartTracker<I, W>
where
    I: Copy + Sub<Output = Duration>,
    W: Copy + Default + PartialEq,
{
    /// Creates an empty history. `None` is no limit.
    #[must_use]
    pub const fn new(limit: Option<RestartConfig>) -> Self {
        Self { limit, history: VecDeque::new(), used: 0, since: None, has_debtors: false }
    }

    /// The number of restarts that a window may hold; `None` is no limit.
    #[must_use]
    pub fn allowed(&self) -> Option<u32> {
        self.limit.map(|limit| limit.max_restarts)
    }

    /// The number of restarts in the window that ends `now`, without those of `forgiven` debtors.
    pub fn used(&self, now: I, mut is_forgiven: impl FnMut(W) -> bool) -> u32 {
        let Some(limit) = self.limit else { return 0 };
        // Only `record` removes restarts that have left the window, so some may still be here. The
        // entries are in the order of the clock, so the ones that count are at the back.
        let counts = |entry: &&Entry<I, W>| now - entry.at <= limit.within;
        let counted = self.history.iter().rev().take_while(counts);
        counted.filter(|entry| !is_forgiven(entry.charged_to)).map(|entry| entry.count).sum()
    }

    /// Decides on a restart at `now`, and counts it if it is allowed.
    pub fn record(&mut self, now: I, charged_to: W) -> RestartDecision {
        let Some(limit) = self.limit else { return RestartDecision::Allowed { used: 0 } };
        // Each entry is pushed and popped once, which makes this loop O(1) amortised. A restart
        // exactly `within` ago still counts.
        while let Some(entry) = self.history.front().filter(|entry| now - entry.at > limit.within) {
            self.used -= entry.count;
            self.history.pop_front();
        }
        let used = self.used;
        if used >= limit.max_restarts {
            return RestartDecision::Exceeded { used: used.saturating_add(1), limit };
        }
        // The number stays below `max_restarts`, so it cannot overflow.
        self.used = used + 1;
        self.push(now, charged_to, limit.within);
        RestartDecision::Allowed { used: used + 1 }
    }

    fn push(&mut self, now: I, charged_to: W, within: Duration) {
        self.has_debtors |= charged_to != W::default();
        let is_near = |since| now - since <= within / GRAIN;
        if self.history.len() >= EXACT && self.since.is_some_and(is_near) {
            if let Some(last) = self.history.back_mut() {
                // A later moment keeps all of them in the window for too long rather than too short.
                last.at = now;
                last.count += 1;
                // Restarts of several debtors cannot be told apart any more. They are not forgiven.
                if last.charged_to != charged_to {
                    last.charged_to = W::default();
                }
                return;
            }
        }
        self.since = Some(now);
        self.history.push_back(Entry { at: now, count: 1, charged_to });
    }

    /// Returns `true` if there may be a restart that can be forgiven, because somebody is charged with
    /// it.
    #[must_use]
    pub fn has_debtors(&self) -> bool {
        self.has_debtors
    }

    /// Forgets the restarts that are charged to `forgiven` debtors. This walks over the history.
    pub fn forgive(&mut self, mut is_forgiven: impl FnMut(W) -> bool) {
        let (mut forgiven, mut has_debtors, mut is_last_kept) = (0, false, true);
        self.history.retain(|entry| {
            let is_kept = !is_forgiven(entry.charged_to);
            is_last_kept = is_kept;
            forgiven += if is_kept { 0 } else { entry.count };
            has_debtors |= is_kept && entry.charged_to != W::default();
            is_kept
        });
        self.used -= forgiven;
        self.has_debtors = has_debtors;
        // `since` is that of the last entry, and later than the one before. An entry that stays may still
        // be joined: an engine calls this before every restart, which must not begin an entry each time.
        if !is_last_kept {
            self.since = None;
        }
    }

    /// Lets the restarts of a debtor count without one: nobody can make up for them any more.
    pub fn disown(&mut self, debtor: W) {
        let of_debtor = self.history.iter_mut().filter(|entry| entry.charged_to == debtor);
        of_debtor.for_each(|entry| entry.charged_to = W::default());
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
    use crate::backoff::chance;

    const START: Duration = Duration::from_secs(1_000);

    type Tracker<W = ()> = RestartTracker<Duration, W>;

    fn tracker<W>(max_restarts: u32, within: Duration) -> Tracker<W>
    where
        W: Copy + Default + PartialEq,
    {
        RestartTracker::new(Some(RestartConfig { max_restarts, within }))
    }

    fn used<W>(tracker: &Tracker<W>, now: Duration) -> u32
    where
        W: Copy + Default + PartialEq,
    {
        tracker.used(now, |_| false)
    }

    #[test]
    fn a_restart_exactly_within_ago_still_counts() {
        let within = Duration::from_secs(10);
        let mut tracker: Tracker = tracker(1, within);
        assert_eq!(tracker.record(START, ()), RestartDecision::Allowed { used: 1 });
        assert_eq!(used(&tracker, START + within), 1);
        assert!(matches!(tracker.record(START + within, ()), RestartDecision::Exceeded { .. }));
        let after = START + within + Duration::from_nanos(1);
        assert_eq!(used(&tracker, after), 0);
        assert_eq!(tracker.record(after, ()), RestartDecision::Allowed { used: 1 });
    }

    #[test]
    fn every_window_is_checked_not_only_aligned_ones() {
        let mut tracker: Tracker = tracker(2, Duration::from_secs(10));
        let at = |seconds| START + Duration::from_secs(seconds);
        assert!(matches!(tracker.record(at(0), ()), RestartDecision::Allowed { used: 1 }));
        assert!(matches!(tracker.record(at(9), ()), RestartDecision::Allowed { used: 2 }));
        assert!(matches!(tracker.record(at(11), ()), RestartDecision::Allowed { used: 2 }));
        let limit = RestartConfig { max_restarts: 2, within: Duration::from_secs(10) };
        assert_eq!(tracker.record(at(12), ()), RestartDecision::Exceeded { used: 3, limit });
    }

    #[test]
    fn zero_allows_none() {
        let mut tracker: Tracker = tracker(0, Duration::from_secs(1));
        assert!(matches!(tracker.record(START, ()), RestartDecision::Exceeded { used: 1, .. }));
    }

    #[test]
    fn without_a_limit_there_is_no_history() {
        let mut tracker: Tracker = RestartTracker::new(None);
        for _ in 0..10_000 {
            assert_eq!(tracker.record(START, ()), RestartDecision::Allowed { used: 0 });
        }
        assert_eq!(tracker.history.capacity(), 0);
    }

    #[test]
    fn the_history_never_holds_more_than_the_limit() {
        let mut tracker: Tracker = tracker(3, Duration::from_secs(60));
        for _ in 0..10_000 {
            tracker.record(START, ());
        }
        assert_eq!(tracker.history.len(), 3);
    }

    #[test]
    fn the_memory_is_bounded_whatever_the_limit_is() {
        // Restarts a nanosecond apart, one for each thousandth of the window, and all at once.
        for gap in [1, 1_000_000, 0] {
            let mut tracker: Tracker = tracker(u32::MAX, Duration::from_secs(1));
            for number in 0..100_000 {
                tracker.record(START + Duration::from_nanos(number * gap), ());
            }
            assert!(tracker.history.capacity() <= 4_096, "{}", tracker.history.capacity());
        }
        // An engine has a moment of 8 bytes, and names the child in 4.
        type OfEngine = Entry<std::num::NonZeroU64, Option<std::num::NonZeroU32>>;
        assert_eq!(size_of::<OfEngine>() * 4_096, 64 * 1_024);
    }

    #[test]
    fn the_memory_is_bounded_however_often_restarts_are_forgiven() {
        let mut tracker = tracker(u32::MAX, Duration::from_secs(1_000));
        for number in 0..10_000 {
            // An engine asks before each restart, and mostly nothing is forgiven.
            tracker.forgive(|debtor| debtor == 'b');
            let debtor = if number % 7 == 0 { 'b' } else { 'a' };
            tracker.record(START + Duration::from_micros(number), debtor);
        }
        assert!(tracker.history.capacity() <= 4_096, "{}", tracker.history.capacity());
    }

    /// A naive history keeps every restart. Up to 3,000 in a window the answers are the same. Beyond
    /// that, a restart counts for up to a thousandth of the window too long, and never too short.
    #[test]
    fn the_answers_are_those_of_a_naive_history_within_a_thousandth_of_the_window() {
        let within = Duration::from_millis(100);
        for seed in 0..40 {
            // The larger gaps keep the window below 3,000 restarts.
            let largest = [10.0, 1_000.0, 60_000.0, 300_000.0][seed as usize % 4];
            let most = [2_000, 8_000, 50_000][seed as usize % 3];
            let (mut tracker, mut all): (Tracker, Vec<Duration>) = (tracker(most, within), vec![]);
            // The numbers of restarts that are older than the window, and than a longer one.
            let (mut now, mut outside, mut longer_ago, mut is_exact) = (START, 0, 0, true);
            let is_older = |all: &[Duration], from: usize, now: Duration, age: Duration| {
                all.get(from).is_some_and(|&then| now - then > age)
            };
            for number in 0..20_000 {
                let gap = chance(seed, number, 0) * largest;
                now += Duration::from_nanos(gap as u64);
                while is_older(&all, outside, now, within) {
                    outside += 1;
                }
                while is_older(&all, longer_ago, now, within + within / GRAIN) {
                    longer_ago += 1;
                }
                is_exact &= all.len() - outside <= EXACT;
                let from = if is_exact { outside } else { longer_ago };
                let [inside, longer] = [outside, from]
                    .map(|from| u32::try_from(all.len() - from).expect("they are few"));
                let shown = (number % 101 == 0).then(|| used(&tracker, now));
                let counted = match tracker.record(now, ()) {
                    RestartDecision::Allowed { used } => {
                        all.push(now);
                        used - 1
                    }
                    RestartDecision::Exceeded { used, .. } => {
                        assert_eq!(used, most + 1);
                        most
                    }
                };
                assert!((inside..=longer).contains(&counted), "{inside} {counted} {longer}");
                assert!(shown.is_none_or(|shown| shown == counted), "{shown:?} {counted}");
            }
            assert!(is_exact || most > 3_000);
        }
    }

    #[test]
    fn what_is_forgiven_does_not_count_and_what_is_disowned_cannot_be_forgiven() {
        let mut tracker = tracker(4, Duration::from_secs(60));
        assert!(!tracker.has_debtors());
        for debtor in ['a', 'b', 'a', '\0'] {
            tracker.record(START, debtor);
        }
        assert_eq!(tracker.used(START, |debtor| debtor == 'a'), 2);
        assert_eq!(used(&tracker, START), 4, "to ask changes nothing");
        tracker.forgive(|debtor| debtor == 'a');
        assert_eq!(tracker.record(START, 'b'), RestartDecision::Allowed { used: 3 });
        assert!(tracker.has_debtors());
        tracker.disown('b');
        tracker.forgive(|debtor| debtor == 'b');
        assert_eq!(used(&tracker, START), 3);
        assert!(!tracker.has_debtors(), "nobody can be forgiven any more");
    }

    #[test]
    fn an_entry_of_several_debtors_is_not_forgiven_and_a_gap_is_not_bridged() {
        let within = Duration::from_secs(1_000);
        let mut tracker = tracker(u32::MAX, within);
        for _ in 0..EXACT {
            tracker.record(START, 'a');
        }
        tracker.record(START, 'b');
        tracker.record(START + Duration::from_secs(1), 'c');
        tracker.record(START + Duration::from_secs(2), 'c');
        tracker.forgive(|debtor| debtor == 'a' || debtor == 'b');
        let late = START + within;
        assert_eq!(
            used(&tracker, late),
            4,
            "the last of a, and b, share an entry with the first c"
        );
        tracker.forgive(|debtor| debtor == 'c');
        assert_eq!(used(&tracker, late + Duration::from_secs(1)), 3);
        assert_eq!(used(&tracker, late + Duration::from_secs(2)), 0);
    }
}
