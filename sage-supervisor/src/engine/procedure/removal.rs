//! The removal of a child.

use crate::engine::Engine;
use crate::engine::children::Plan;
use crate::engine::mode::Mode;
use crate::engine::phase::Phase;
use crate::scope::ChildId;

impl Engine {
    /// Removes a child that is down.
    pub(crate) fn remove(&mut self, child: ChildId) {
        // The child is taken out of everything that refers to it before its slot is dropped: the
        // deadlines, the present procedure, the departures, and the index by name.
        self.cancel_start(child);
        self.step_over(child);
        let slot = &self.children[child];
        self.departures.forget(child, slot, self.scope.lineage());
        self.names.remove(slot.name());
        self.children.remove(child);
    }

    /// Removes a child that has ended for good, if it leaves no slot behind.
    pub(crate) fn remove_if_spent(&mut self, child: ChildId) {
        if self.is_spent(child) {
            self.remove(child);
        }
    }

    /// Returns whether a child has ended for good and leaves no slot behind.
    pub(crate) fn is_spent(&self, child: ChildId) -> bool {
        let slot = &self.children[child];
        let is_down = slot.phase() == Phase::Down && slot.plan() != Plan::Start;
        let is_over = is_down && !self.is_to_start(child) && !self.is_ending();
        is_over && self.leaves_nothing_behind(child)
    }

    /// Moves the present procedure past a child that is removed.
    fn step_over(&mut self, child: ChildId) {
        let (before, after) = (self.children.before(child), self.children.after(child));
        self.mode = self.mode.without(child, before, after);
        // The delay of a group ends with its last member.
        if !matches!(self.mode, Mode::Restarting { .. }) {
            self.release_group();
        }
    }
}
