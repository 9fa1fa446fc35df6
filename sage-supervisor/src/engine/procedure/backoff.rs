//! Restarts that wait for a backoff.

use std::time::Duration;

use crate::engine::Engine;
use crate::engine::children::Plan;
use crate::scope::ChildId;

impl Engine {
    /// Returns the delay of the restart that the exit of `failed` leads to, and counts it for the next
    /// delay.
    pub(super) fn next_delay(&mut self, failed: ChildId) -> Duration {
        let rank = self.children.rank(failed);
        self.children[failed].next_delay(self.declaration.backoff.as_ref(), rank)
    }

    /// Starts a child that is down after a delay. Without a delay the start does not go through a
    /// timer, which ticks only once in a millisecond.
    pub(super) fn start_after(&mut self, child: ChildId, delay: Duration) {
        if delay.is_zero() && self.children.watchers().is_empty() {
            return self.start(child);
        }
        self.children.set_plan(child, Plan::Policy);
        self.children[child].set_waits(true);
        self.note_state(child);
        if delay.is_zero() {
            return self.start(child);
        }
        self.schedule(child, Some(delay));
    }
}
