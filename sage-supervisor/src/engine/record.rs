//! What is remembered of a child for those who look at the tree.

use std::time::Duration;

use tokio::time::Instant;

use crate::exit::Exit;
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

    pub(super) fn ended(&mut self, exit: &Exit) {
        let ended_at = Instant::now();
        let lifetime = self.lifetime(ended_at);
        let exits = &mut self.more.get_or_insert_default().exits;
        if exits.len() == EXITS {
            exits.remove(0);
        }
        exits.push(PastExit { exit: exit.clone(), lifetime, ended_at, ago: Duration::ZERO });
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
