//! What is remembered of a child for those who look at the tree.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::clock::{Clock, Moment};
use crate::backoff::Backoff;
use crate::exit::Exit;
use crate::policy::{RestartConfig, RestartDecision, RestartTracker};
use crate::tree::PastExit;

/// How many exits of a child are remembered.
const EXITS: usize = 4;

/// When a child was started, and how it has ended so far. What most children never need is
/// allocated at the first readiness or restart.
#[derive(Default)]
pub(super) struct Record {
    started_at: Option<Moment>,
    /// `None` as long as that instance lives.
    ended_at: Option<Moment>,
    /// How the last instance that has ended did so.
    last_exit: Option<Exit>,
    more: Option<Box<History>>,
}

#[derive(Default)]
struct History {
    ready_after: Option<Duration>,
    /// When the last exit was, and how long that instance had lived; once another was started.
    last: Option<(Moment, Duration)>,
    /// The exits before the last one, oldest first.
    earlier: VecDeque<Past>,
    /// How many restarts there were in a row, without one being up for long.
    streak: u32,
    /// The restarts that count for the child's own limit.
    limit: Option<RestartTracker>,
    /// If it is significant and has failed for good: which of such failures that was.
    departure: Option<u64>,
}

struct Past {
    exit: Exit,
    at: Moment,
    lifetime: Duration,
}

impl Record {
    pub(super) fn started(&mut self, now: Moment) {
        let ended = self.ended_at.take();
        if let (Some(started_at), Some(ended_at)) = (self.started_at.replace(now), ended) {
            let more = self.more.get_or_insert_default();
            more.last = Some((ended_at, ended_at.since(started_at)));
        }
        if let Some(more) = &mut self.more {
            more.ready_after = None;
            more.departure = None;
        }
    }

    pub(super) fn ready(&mut self, now: Moment) {
        let after = self.lifetime(now);
        self.more.get_or_insert_default().ready_after = Some(after);
    }

    pub(super) fn ended(&mut self, exit: Exit, now: Moment) {
        let before = self.last_exit.replace(exit);
        self.ended_at = Some(now);
        let Some(more) = &mut self.more else { return };
        if let (Some(exit), Some((at, lifetime))) = (before, more.last.take()) {
            if more.earlier.len() == EXITS - 1 {
                more.earlier.pop_front();
            }
            more.earlier.push_back(Past { exit, at, lifetime });
        }
    }

    /// How the last instance that has ended did so.
    pub(super) fn last_exit(&self) -> Option<&Exit> {
        self.last_exit.as_ref()
    }

    pub(super) fn into_last_exit(self) -> Option<Exit> {
        self.last_exit
    }

    /// Counts one more restart in a row, unless the last instance has made up for those before it.
    pub(super) fn restarts_in_a_row(&mut self, backoff: &Backoff) -> u32 {
        let up_for = self.was_up_for();
        let more = self.more.get_or_insert_default();
        if backoff.forgives(up_for) {
            more.streak = 0;
        }
        more.streak = more.streak.saturating_add(1);
        more.streak
    }

    /// How long the last instance was up, which has ended. One whose start failed was never up.
    fn was_up_for(&self) -> Duration {
        match (&self.last_exit, self.ended_at) {
            (None | Some(Exit::FailedStart(_)), _) | (_, None) => Duration::ZERO,
            (_, Some(ended_at)) => self.lifetime(ended_at) - self.ready_after().unwrap_or_default(),
        }
    }

    /// What the child's own limit says to a restart.
    pub(super) fn count(&mut self, limit: RestartConfig, now: Instant) -> RestartDecision {
        let tracker = &mut self.more.get_or_insert_default().limit;
        tracker.get_or_insert_with(|| RestartTracker::new(Some(limit))).record(now)
    }

    pub(super) fn limit(&self) -> Option<&RestartTracker> {
        self.more.as_ref()?.limit.as_ref()
    }

    /// It is significant and has failed for good, as the `number`th.
    pub(super) fn failed_for_good(&mut self, number: u64) {
        self.more.get_or_insert_default().departure = Some(number);
    }

    /// Which failure for good its last exit was, if it has not been started again.
    pub(super) fn departure(&self) -> Option<u64> {
        self.more.as_ref()?.departure
    }

    pub(super) fn started_at(&self) -> Option<Moment> {
        self.started_at
    }

    /// How long the present instance has lived, or the last one had it lived on.
    pub(super) fn lifetime(&self, now: Moment) -> Duration {
        self.started_at.map_or(Duration::ZERO, |started_at| now.since(started_at))
    }

    pub(super) fn ready_after(&self) -> Option<Duration> {
        self.more.as_ref()?.ready_after
    }

    /// The last exits, the latest first.
    pub(super) fn last_exits(&self, clock: &Clock) -> Vec<PastExit> {
        let now = clock.now();
        let past = |exit: &Exit, at: Moment, lifetime| {
            let ended_at = clock.instant(at);
            PastExit { exit: exit.clone(), lifetime, ended_at, ago: now - ended_at }
        };
        let last = match self.ended_at {
            Some(ended_at) => Some((ended_at, self.lifetime(ended_at))),
            None => self.more.as_ref().and_then(|more| more.last),
        };
        let last = self.last_exit.iter().zip(last).map(|(exit, (at, lived))| past(exit, at, lived));
        let earlier = self.more.iter().flat_map(|more| more.earlier.iter().rev());
        last.chain(earlier.map(|it| past(&it.exit, it.at, it.lifetime))).collect()
    }
}
