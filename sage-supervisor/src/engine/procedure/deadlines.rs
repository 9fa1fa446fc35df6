//! The deadlines of an engine's children and of the group that is being restarted.

use std::time::Duration;

use crate::engine::Engine;
use crate::engine::children::Slot;
use crate::engine::phase::Phase;
use crate::engine::time::{Alarm, Deadline};
use crate::scope::ChildId;

impl Engine {
    /// Sets the deadline of the phase that a child is in now, in place of the pending one.
    pub(crate) fn schedule(&mut self, child: ChildId, after: Option<Duration>) {
        self.children.schedule(child, after, &mut self.timers, &self.clock);
    }

    /// Cancels the start that a child waits for during its backoff.
    pub(crate) fn cancel_start(&mut self, child: ChildId) {
        let slot = &mut self.children[child];
        slot.set_waits(false);
        // Outside of this phase the deadline belongs to the living instance.
        if slot.phase() == Phase::Down {
            self.schedule(child, None);
        }
    }

    /// Delays the start of the group that is being restarted.
    pub(super) fn hold_group(&mut self, delay: Duration) {
        self.release_group();
        if !delay.is_zero() {
            self.group_start = Some(self.timers.set(&self.clock, Alarm::GroupBackoff, delay));
        }
    }

    /// Cancels the delay of the group, if there is one.
    pub(crate) fn release_group(&mut self) {
        if self.group_start.take().is_some() {
            self.timers.settle();
        }
    }

    /// Notes that a deadline has passed. Returns `false` if it was cancelled before.
    pub(crate) fn expire(&mut self, deadline: &Deadline) -> bool {
        if !self.is_pending(deadline) {
            return false;
        }
        match deadline.alarm {
            Alarm::Child { child, .. } => self.children.expire(child, &mut self.timers),
            Alarm::GroupBackoff => self.release_group(),
            Alarm::SharedTimeout(_) | Alarm::WaveGrace(_) => self.timers.settle(),
        }
        true
    }

    /// Drops cancelled deadlines, so that they neither pile up nor wake the engine.
    pub(crate) fn sweep_deadlines(&mut self) {
        // The timers are taken out, because the check borrows the engine.
        let mut timers = std::mem::take(&mut self.timers);
        timers.sweep(|deadline| self.is_pending(deadline));
        self.timers = timers;
    }

    /// Returns whether the deadline is pending: its child or group has neither replaced nor cancelled it.
    fn is_pending(&self, deadline: &Deadline) -> bool {
        let owned = match deadline.alarm {
            // A phase may end at the very moment at which the next phase would expire, so the moment
            // alone does not tell their deadlines apart.
            Alarm::Child { child, instance, phase } => self
                .children
                .get(child)
                .filter(|slot| slot.instance() == instance && slot.phase() == phase)
                .and_then(Slot::deadline),
            Alarm::GroupBackoff => self.group_start,
            // Deadlines that several children share are never cancelled.
            Alarm::SharedTimeout(_) | Alarm::WaveGrace(_) => Some(deadline.at),
        };
        owned == Some(deadline.at)
    }
}
