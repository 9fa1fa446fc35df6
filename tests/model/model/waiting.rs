//! Restarts that wait for a delay: rule 21.

use super::{Model, Wish};
use crate::answers::Note;
use crate::tree::Backoff;

impl Model<'_> {
    /// The delay for the restart of this child, or of its group because of this child. The restart
    /// adds to those in a row.
    pub(super) fn delay(&mut self, sup: usize, unit: usize) -> u64 {
        let Some(Backoff { step, .. }) = self.backoff(sup, unit) else { return 0 };
        let child = &mut self.children[unit];
        child.streak += 1;
        step * child.streak
    }

    pub(super) fn backoff(&self, sup: usize, unit: usize) -> Option<Backoff> {
        self.plan.units[unit].backoff.or(self.plan.units[sup].settings.backoff)
    }

    /// Starts a child after a delay. The child waits alone and delays no other child.
    pub(super) fn start_after(&mut self, sup: usize, unit: usize, delay: u64) {
        if delay == 0 {
            return self.start(sup, unit);
        }
        self.runs[sup].due.retain(|&due| due != unit);
        let child = &mut self.children[unit];
        child.wish = Wish::Policy;
        child.waits = true;
        child.deadline = Some(self.now + delay);
    }

    /// The time at which a child that is down will be started, alone or with its group, if it has
    /// to wait.
    pub(super) fn waits_until(&self, sup: usize, unit: usize) -> Option<u64> {
        let child = &self.children[unit];
        let until = if child.waits { child.deadline } else { self.runs[sup].hold };
        until.filter(|_| self.is_coming(sup, unit))
    }

    /// Starts a child whose delay is over. Rule 27: a supervisor that is stopping starts no child.
    pub(super) fn end_wait(&mut self, sup: usize, unit: usize) {
        if self.children[unit].waits && !self.is_ending(sup) {
            self.start(sup, unit);
        }
    }

    /// Cancels the wait of a child that is stopped by hand.
    pub(super) fn stop_waiting(&mut self, unit: usize) {
        let child = &mut self.children[unit];
        if child.waits {
            self.notes.push(Note::WaitCancelled);
            child.waits = false;
            child.deadline = None;
        }
    }

    /// Makes a group wait for a delay, which begins with the failure.
    pub(super) fn hold(&mut self, sup: usize, delay: u64) {
        self.runs[sup].hold = (delay > 0).then_some(self.now + delay);
    }

    /// Ends the wait of a group of which one child is restarted by hand.
    pub(super) fn hurry_group(&mut self, sup: usize) {
        if self.runs[sup].hold.take().is_some() {
            self.notes.push(Note::GroupHurried);
        }
    }
}
