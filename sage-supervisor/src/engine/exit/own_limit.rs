//! The restart limits that children have of their own.

use crate::engine::Engine;
use crate::event::ChildEvent;
use crate::policy::{RestartConfig, RestartDecision};
use crate::scope::ChildId;

impl Engine {
    /// Counts a restart against the child's own restart limit. If the limit does not allow it, the child
    /// is given up, and this returns `false`.
    pub(super) fn charge_own_limit(&mut self, child: ChildId) -> bool {
        let slot = &mut self.children[child];
        let Some(limit) = slot.spec().restart_limit_setting() else { return true };
        match slot.record_mut().count_restart(limit, self.clock.moment()) {
            RestartDecision::Allowed { .. } => true,
            RestartDecision::Exceeded { used, limit } => {
                self.give_up(child, used, limit);
                false
            }
        }
    }

    fn give_up(&mut self, child: ChildId, used: u32, limit: RestartConfig) {
        self.children.give_up(child);
        let exit = self.children[child].last_exit().expect("a restart is due because of an exit");
        self.tell(child, &ChildEvent::GivenUp { exit, used, limit });
        self.note_state(child);
        self.refuse_start_if_over(child);
        if !self.note_departure(child) {
            self.remove_if_spent(child);
        }
    }
}
