//! The history of one child: starts, exits and failures.

use std::collections::VecDeque;
use std::time::Duration;

use crate::engine::time::{Clock, Moment};
use crate::exit::Exit;
use crate::policy::{RestartConfig, RestartDecision, RestartTracker};
use crate::tree::PastExit;

/// The number of exits that are kept for each child.
const EXITS: usize = 4;

/// The history of one child. The part that most children never need is allocated at the first
/// readiness or restart.
#[derive(Default)]
pub(crate) struct Record {
    started_at: Option<Moment>,
    /// The end of the last instance; `None` while it lives.
    ended_at: Option<Moment>,
    /// The exit of the last instance that has ended.
    last_exit: Option<Exit>,
    more: Option<Box<History>>,
}

#[derive(Default)]
struct History {
    ready_after: Option<Duration>,
    /// The moment of the last exit and the lifetime of that instance, once another one was started.
    last: Option<(Moment, Duration)>,
    /// The exits before the last one, the oldest first.
    earlier: VecDeque<Past>,
    /// The number of restarts in a row since an instance was up for long.
    streak: u32,
    /// The restarts within the window of the child's own restart limit.
    limit: Option<RestartTracker<Moment>>,
    /// The number of the child's failure for good among those of all significant children.
    departure: Option<u64>,
}

struct Past {
    exit: Exit,
    at: Moment,
    lifetime: Duration,
}

impl Record {
    pub(crate) fn started(&mut self, now: Moment) {
        // The times of the last exit are kept for later: when the next exit comes, `started_at` is
        // that of the new instance.
        let ended = self.ended_at.take();
        if let (Some(started_at), Some(ended_at)) = (self.started_at.replace(now), ended) {
            let more = self.more.get_or_insert_default();
            more.last = Some((ended_at, ended_at.since(started_at)));
        }
        if let Some(more) = &mut self.more {
            // Both facts are about the instance before.
            more.ready_after = None;
            more.departure = None;
        }
    }

    pub(crate) fn ready(&mut self, now: Moment) {
        let after = self.lifetime(now);
        self.more.get_or_insert_default().ready_after = Some(after);
    }

    /// Notes the end of the present instance. Returns `true` if the child has restarts of its own that
    /// an instance which was up for long makes up for.
    #[inline]
    pub(crate) fn ended(&mut self, exit: Exit, now: Moment) -> bool {
        let before = self.last_exit.replace(exit);
        self.ended_at = Some(now);
        // The exit before this one moves to the history only now. A child that has never been
        // restarted therefore allocates no history.
        let Some(more) = &mut self.more else { return false };
        if let (Some(exit), Some((at, lifetime))) = (before, more.last.take()) {
            if more.earlier.len() == EXITS - 1 {
                more.earlier.pop_front();
            }
            more.earlier.push_back(Past { exit, at, lifetime });
        }
        more.streak > 0 || more.limit.is_some()
    }

    /// Returns the exit of the last instance that has ended.
    pub(crate) fn last_exit(&self) -> Option<&Exit> {
        self.last_exit.as_ref()
    }

    pub(super) fn into_last_exit(self) -> Option<Exit> {
        self.last_exit
    }

    /// Counts one more restart in a row, and returns the count.
    pub(super) fn restarts_in_a_row(&mut self) -> u32 {
        let more = self.more.get_or_insert_default();
        more.streak = more.streak.saturating_add(1);
        more.streak
    }

    /// Returns how long the present instance has been up, or how long the last one was. An instance
    /// that reports readiness is up from that moment on, and any other from its start.
    pub(super) fn up_for(&self, now: Moment, reports_readiness: bool) -> Duration {
        let ready_after = self.ready_after();
        if reports_readiness && ready_after.is_none() {
            return Duration::ZERO;
        }
        let lifetime = self.lifetime(self.ended_at.unwrap_or(now));
        lifetime.saturating_sub(ready_after.unwrap_or_default())
    }

    /// Lets the restarts in a row begin anew.
    pub(crate) fn end_row(&mut self) {
        if let Some(more) = &mut self.more {
            more.streak = 0;
        }
    }

    /// Forgets the restarts that count for the child's own restart limit.
    pub(crate) fn clear_limit(&mut self) {
        if let Some(more) = &mut self.more {
            more.limit = None;
        }
    }

    /// Counts a restart against the child's own restart limit.
    pub(crate) fn count_restart(&mut self, limit: RestartConfig, now: Moment) -> RestartDecision {
        let tracker = &mut self.more.get_or_insert_default().limit;
        tracker.get_or_insert_with(|| RestartTracker::new(Some(limit))).record(now, ())
    }

    /// Returns the number of restarts in the window of the child's own restart limit.
    pub(crate) fn used(&self, now: Moment) -> u32 {
        let limit = self.more.as_ref().and_then(|more| more.limit.as_ref());
        limit.map_or(0, |limit| limit.used(now, |()| false))
    }

    /// Notes that the child, which is significant, has failed for good, as the `number`th one.
    pub(crate) fn failed_for_good(&mut self, number: u64) {
        self.more.get_or_insert_default().departure = Some(number);
    }

    /// Returns the number of the child's failure for good, unless it has been started again.
    pub(crate) fn departure(&self) -> Option<u64> {
        self.more.as_ref()?.departure
    }

    pub(crate) fn started_at(&self) -> Option<Moment> {
        self.started_at
    }

    /// Returns the time from the last start to `now`.
    pub(crate) fn lifetime(&self, now: Moment) -> Duration {
        self.started_at.map_or(Duration::ZERO, |started_at| now.since(started_at))
    }

    pub(crate) fn ready_after(&self) -> Option<Duration> {
        self.more.as_ref()?.ready_after
    }

    /// Returns the last exits, the latest first.
    pub(crate) fn last_exits(&self, clock: &Clock) -> Vec<PastExit> {
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
