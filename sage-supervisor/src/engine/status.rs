//! What the children are doing, told to whoever asks.

use super::Engine;
use super::slot::{Phase, Plan};
use crate::child::Kind;
use crate::child::id::ChildId;
use crate::command::{ChildState, ChildStatus, Counts};

impl Engine {
    pub(super) fn statuses(&self) -> Vec<ChildStatus> {
        let above = self.path_above();
        let mut statuses = Vec::with_capacity(self.roster.len());
        statuses.extend(
            self.roster.from(self.roster.first()).map(|child| self.status_below(&above, child)),
        );
        statuses
    }

    /// What stands before the name of a child in its path.
    pub(super) fn path_above(&self) -> String {
        self.scope.lineage().join("")
    }

    pub(super) fn state(&self, child: ChildId) -> ChildState {
        let slot = &self.roster[child];
        match slot.phase {
            Phase::Starting => ChildState::Starting,
            Phase::Up => ChildState::Running,
            Phase::Stopping | Phase::Killed => ChildState::Stopping,
            Phase::Unresponsive => ChildState::Unresponsive,
            Phase::Down if self.is_waiting(child) => ChildState::Restarting,
            Phase::Down if slot.plan == Plan::Stay => ChildState::Stopped,
            Phase::Down if slot.given_up => ChildState::GivenUp,
            Phase::Down => ChildState::Finished,
        }
    }

    pub(super) fn status(&self, child: ChildId) -> ChildStatus {
        self.status_below(&self.path_above(), child)
    }

    fn status_below(&self, above: &str, child: ChildId) -> ChildStatus {
        let (slot, state) = (&self.roster[child], self.state(child));
        ChildStatus {
            name: (*slot.name).to_owned(),
            path: [above, &*slot.name].concat(),
            state,
            is_supervisor: matches!(slot.spec.kind(), Kind::Supervisor(_)),
            restarts: slot.starts.saturating_sub(1),
            restarts_at: self.waits_until(child),
            last_exit: slot.last_exit().cloned(),
            restart: slot.spec.restart_policy(),
            shutdown: slot.spec.shutdown_setting(),
            ready_within: slot.spec.ready_within_setting(),
            is_significant: slot.spec.is_significant(),
            restart_limit: slot.spec.restart_limit_setting(),
            heartbeat: slot.spec.heartbeat_setting(),
        }
    }

    pub(super) fn count(&self) -> Counts {
        let mut counts = Counts::default();
        for child in self.roster.from(self.roster.first()) {
            let slot = &self.roster[child];
            let is_supervisor = matches!(slot.spec.kind(), Kind::Supervisor(_));
            counts.specs += 1;
            counts.supervisors += usize::from(is_supervisor);
            counts.workers += usize::from(!is_supervisor);
            counts.restarting += usize::from(self.state(child) == ChildState::Restarting);
            counts.running += usize::from(slot.phase != Phase::Down);
        }
        counts
    }
}
