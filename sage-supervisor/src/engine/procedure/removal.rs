//! The removal of a child.

use crate::engine::Engine;
use crate::engine::mode::Mode;
use crate::scope::ChildId;

impl Engine {
    /// Removes a child that is down.
    pub(crate) fn remove(&mut self, child: ChildId) {
        // The deadlines and the present procedure let go of the child first. The buffers of the turn and
        // of a shutdown may still list its id, and check it when they are read.
        self.cancel_start(child);
        self.step_over(child);
        if self.limit.has_debtors() {
            self.disown(child);
        }
        self.children.remove(child);
    }

    /// Lets the restarts of a child count on. The next child with its id must not make up for them.
    #[cold]
    fn disown(&mut self, child: ChildId) {
        self.limit.disown(Some(child));
    }

    /// Removes a child that has ended for good, if it leaves no slot behind.
    pub(crate) fn remove_if_spent(&mut self, child: ChildId) {
        if self.is_spent(child) {
            self.remove(child);
        }
    }

    /// Moves the present procedure past a child that is removed.
    fn step_over(&mut self, child: ChildId) {
        let (before, after) = (self.children.before(child), self.children.after(child));
        if self.awaited == Some(child) {
            self.awaited = after;
        }
        self.mode = self.mode.without(child, before, after);
        // The delay of a group ends with its last member.
        if !matches!(self.mode, Mode::Restarting { .. }) {
            self.release_group();
        }
    }
}
