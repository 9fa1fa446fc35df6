//! The commands that stop, restart and remove a child.

use std::sync::Arc;

use crate::command::CommandError;
use crate::engine::Engine;
use crate::engine::children::{Plan, Until};
use crate::engine::phase::Phase;
use crate::scope::{ChildId, Reply};

impl Engine {
    pub(super) fn stop_by_hand(&mut self, child: ChildId, reply: Reply) {
        match self.children[child].phase() {
            Phase::Unresponsive => {
                // The command cannot wait for the end, but the child stays down after it.
                self.children.set_plan(child, Plan::Stay);
                reply.send(Err(CommandError::Unresponsive));
            }
            Phase::Down => {
                let name = Arc::clone(self.children[child].name());
                if self.will_start(child) {
                    self.children.set_plan(child, Plan::Stay);
                    self.cancel_start(child);
                }
                // Callers that wait for a start are answered before the child can be removed.
                self.refuse_start(child, &CommandError::Stopped);
                self.carry_out_plan(child);
                reply.send(Ok(name));
            }
            phase => {
                self.children.set_plan(child, Plan::Stay);
                self.children[child].set_started_by_hand(false);
                self.refuse_start(child, &CommandError::Stopped);
                self.children.answer_when(child, Until::Down, reply);
                if matches!(phase, Phase::Starting | Phase::Up) {
                    self.stop(child);
                }
            }
        }
    }

    pub(super) fn restart_by_hand(&mut self, child: ChildId, reply: Reply) {
        if self.is_ending() {
            return reply.send(Err(CommandError::NotRunning));
        }
        let phase = self.children[child].phase();
        if phase == Phase::Unresponsive {
            return reply.send(Err(CommandError::Unresponsive));
        }
        let is_to_start = self.is_to_start(child);
        if is_to_start && self.stays_removed(child) {
            // The restart of its group leaves the child out. It can be started after that.
            return reply.send(Err(CommandError::Restarting));
        }
        if self.children[child].spec().starts_once() {
            return reply.send(Err(CommandError::StartsOnce));
        }
        // The caller is noted before the start, which answers at once if the child declares no
        // readiness.
        self.children.answer_when(child, Until::Up, reply);
        if is_to_start {
            // The procedure under way starts the child, even if it was to stay down, and no longer
            // waits for its backoff.
            self.release_group();
            return self.children.set_plan(child, Plan::Policy);
        }
        match phase {
            Phase::Down => {
                self.children[child].set_started_by_hand(true);
                self.start(child);
            }
            Phase::Starting | Phase::Up => {
                self.children.set_plan(child, Plan::Start);
                self.stop(child);
            }
            _ => self.children.set_plan(child, Plan::Start),
        }
    }

    pub(super) fn remove_by_hand(&mut self, child: ChildId) -> Result<Arc<str>, CommandError> {
        if self.is_ending() {
            return Err(CommandError::NotRunning);
        }
        match self.children[child].phase() {
            Phase::Unresponsive => Err(CommandError::Unresponsive),
            Phase::Down if self.will_start(child) => Err(CommandError::Restarting),
            Phase::Down => {
                let name = Arc::clone(self.children[child].name());
                self.remove(child);
                self.children.keep_if_none_is_alive();
                Ok(name)
            }
            _ => Err(CommandError::StillRunning),
        }
    }
}
