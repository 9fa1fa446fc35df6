//! Restarts that wait: backoff.

use std::time::Duration;

use tokio::time::Instant;

use super::slot::{Phase, Plan};
use super::timers::Alarm;
use super::{Engine, Mode};
use crate::child::id::ChildId;

impl Engine {
    /// How long the restart that `failed` leads to waits.
    pub(super) fn delay(&mut self, failed: ChildId) -> Duration {
        let rank = self.roster.rank(failed);
        let slot = &mut self.roster[failed];
        let own = slot.spec.backoff_setting();
        let Some(backoff) = own.or(self.declaration.backoff.as_ref()) else {
            return Duration::ZERO;
        };
        let failures = slot.record.restarts_in_a_row(backoff);
        backoff.delay(failures, rank, slot.starts)
    }

    /// Starts a child that is down, at once if there is nothing to wait for: a timer ticks once in a
    /// millisecond only.
    pub(super) fn start_after(&mut self, child: ChildId, delay: Duration) {
        if delay.is_zero() {
            return self.start(child);
        }
        self.plan(child, Plan::Policy);
        self.roster[child].waits = true;
        self.schedule(child, Some(delay));
    }

    /// A child that is down is not started at the end of its backoff.
    pub(super) fn stop_waiting(&mut self, child: ChildId) {
        self.roster[child].waits = false;
        if self.roster[child].phase == Phase::Down {
            self.schedule(child, None);
        }
    }

    /// The group that is being restarted is not started before this time is over.
    pub(super) fn hold_group(&mut self, delay: Duration) {
        self.release_group();
        if !delay.is_zero() {
            self.group_wait = Some(self.timers.set(&self.clock, Alarm::Group, delay));
        }
    }

    /// The group waits no longer, if it does.
    pub(super) fn release_group(&mut self) {
        if self.group_wait.take().is_some() {
            self.timers.settle();
        }
    }

    /// When a child that is down is started, if there is a time to wait for.
    pub(super) fn waits_until(&self, child: ChildId) -> Option<Instant> {
        let slot = &self.roster[child];
        let at = match (slot.waits, self.mode) {
            (true, _) => slot.timer,
            (false, Mode::Restarting { .. }) => self.group_wait,
            _ => None,
        };
        at.filter(|_| self.is_waiting(child)).map(|at| self.clock.instant(at))
    }
}
