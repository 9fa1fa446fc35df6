//! Children that have a limit of their own.

use super::Engine;
use crate::child::id::ChildId;
use crate::error::{GivenUp, SageError};
use crate::event::ChildEvent;
use crate::restart::{RestartConfig, RestartDecision};

impl Engine {
    /// Whether the limit of the child itself allows one more restart, and counts it. A child that has
    /// had too many is given up.
    pub(super) fn is_allowed_by_its_own_limit(&mut self, child: ChildId) -> bool {
        let slot = &mut self.roster[child];
        let Some(limit) = slot.spec.restart_limit_setting() else { return true };
        match slot.record.count(limit, self.clock.now()) {
            RestartDecision::Allowed { .. } => true,
            RestartDecision::Exceeded { used, limit } => {
                self.give_up_child(child, used, limit);
                false
            }
        }
    }

    fn give_up_child(&mut self, child: ChildId, used: u32, limit: RestartConfig) {
        let slot = &mut self.roster[child];
        slot.given_up = true;
        self.given_up += 1;
        let exit = slot.last_exit().cloned().expect("it is due because it ended");
        self.tell(child, &ChildEvent::GivenUp { exit: &exit, used, limit });
        self.refuse_if_over(child);
        self.note_departure(child);
    }

    /// The first of those that are given up, as the reason for an error.
    pub(super) fn first_given_up(&self) -> Option<SageError> {
        if self.given_up == 0 {
            return None;
        }
        let child = self.roster.from(self.roster.first()).find(|&id| self.roster[id].given_up)?;
        let slot = &self.roster[child];
        let limit = slot.spec.restart_limit_setting()?;
        Some(SageError::GivenUp(Box::new(GivenUp {
            path: self.scope.lineage().join(&slot.name),
            max_restarts: limit.max_restarts,
            within: limit.within,
            exit: slot.last_exit().cloned()?,
        })))
    }
}
