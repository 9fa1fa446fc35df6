//! What is remembered of a child for those who look at the tree.

use std::time::Duration;

use tokio::time::Instant;

use crate::backoff::Backoff;
use crate::exit::Exit;
use crate::restart::{RestartConfig, RestartTracker, Verdict};
use crate::tree::PastExit;

/// How many exits of a child are remembered.
const EXITS: usize = 4;

/// When a child was started, and how it has ended so far. What most children never need is
/// allocated with the first readiness or exit.
#[derive(Default)]
pub(super) struct Record {
    started_at: Option<Instant>,
    more: Option<Box<More>>,
}

#[derive(Default)]
struct More {
    ready_after: Option<Duration>,
    /// The latest ones, oldest first.
    exits: Vec<PastExit>,
    /// How long the last instance was up.
    up_for: Duration,
    /// How many restarts there were in a row, without one being up for long.
    streak: u32,
    /// The restarts that count for the child's own limit.
    limit: Option<RestartTracker>,
}

impl Record {
    pub(super) fn started(&mut self) {
        self.started_at = Some(Instant::now());
        if let Some(more) = &mut self.more {
            more.ready_after = None;
        }
    }

    pub(super) fn ready(&mut self) {
        let after = self.lifetime(Instant::now());
        self.more.get_or_insert_default().ready_after = Some(after);
    }

    /// One whose start failed was never up.
    pub(super) fn ended(&mut self, exit: &Exit) {
        let ended_at = Instant::now();
        let lifetime = self.lifetime(ended_at);
        let more = self.more.get_or_insert_default();
        more.up_for = match exit {
            Exit::FailedStart(_) => Duration::ZERO,
            _ => lifetime - more.ready_after.unwrap_or_default(),
        };
        let exits = &mut more.exits;
        if exits.len() == EXITS {
            exits.remove(0);
        }
        exits.push(PastExit { exit: exit.clone(), lifetime, ended_at, ago: Duration::ZERO });
    }

    /// Counts one more restart in a row, unless the last instance has made up for those before it.
    pub(super) fn restarts_in_a_row(&mut self, backoff: &Backoff) -> u32 {
        let more = self.more.get_or_insert_default();
        if backoff.forgives(more.up_for) {
            more.streak = 0;
        }
        more.streak = more.streak.saturating_add(1);
        more.streak
    }

    /// What the child's own limit says to a restart.
    pub(super) fn count(&mut self, limit: RestartConfig, now: Instant) -> Verdict {
        let tracker = &mut self.more.get_or_insert_default().limit;
        tracker.get_or_insert_with(|| RestartTracker::new(Some(limit))).record(now)
    }

    pub(super) fn limit(&self) -> Option<&RestartTracker> {
        self.more.as_ref()?.limit.as_ref()
    }

    pub(super) fn started_at(&self) -> Option<Instant> {
        self.started_at
    }

    /// How long the present instance has lived, or the last one had it lived on.
    pub(super) fn lifetime(&self, now: Instant) -> Duration {
        self.started_at.map_or(Duration::ZERO, |started_at| now - started_at)
    }

    pub(super) fn ready_after(&self) -> Option<Duration> {
        self.more.as_ref()?.ready_after
    }

    /// The last exits as of `now`, the latest first.
    pub(super) fn last_exits(&self, now: Instant) -> Vec<PastExit> {
        let exits = self.more.iter().flat_map(|more| more.exits.iter().rev());
        exits.map(|past| PastExit { ago: now - past.ended_at, ..past.clone() }).collect()
    }
}
