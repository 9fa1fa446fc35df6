//! The exits of tasks that their owners have aborted.

use crate::engine::Engine;
use crate::engine::children::Plan;
use crate::exit::Exit;
use crate::scope::ChildId;

impl Engine {
    /// Notes an exit that the owner of a task has asked for. Such an exit counts like that of a child that
    /// was stopped by hand: it is no failure, and leads to nothing.
    #[inline]
    pub(super) fn note_if_aborted(&mut self, child: ChildId, exit: &Exit) {
        if matches!(exit, Exit::Killed) && self.children[child].spec().is_aborted() {
            self.children[child].note_asked();
            // A command that was given since decides otherwise.
            if self.children[child].plan() == Plan::Policy {
                self.children.set_plan(child, Plan::Stay);
            }
        }
    }
}
