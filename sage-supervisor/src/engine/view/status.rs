//! The status of the children.

use tokio::time::Instant;

use crate::command::{ChildState, ChildStatus, Counts};
use crate::engine::Engine;
use crate::engine::children::Plan;
use crate::engine::mode::Mode;
use crate::engine::phase::Phase;
use crate::scope::ChildId;

impl Engine {
    pub(crate) fn statuses(&self) -> Vec<ChildStatus> {
        let above = self.path_above();
        // The iterator does not know its length, and there can be very many children.
        let mut statuses = Vec::with_capacity(self.children.len());
        statuses.extend(self.children.all().map(|child| self.status_below(&above, child)));
        statuses
    }

    /// Returns the path of this supervisor with a slash behind it, as the paths of its children begin.
    pub(super) fn path_above(&self) -> String {
        self.scope.lineage().join("")
    }

    #[inline]
    pub(crate) fn state(&self, child: ChildId) -> ChildState {
        let slot = &self.children[child];
        match slot.phase() {
            Phase::Starting => ChildState::Starting,
            Phase::Up => ChildState::Running,
            Phase::Stopping | Phase::Killed => ChildState::Stopping,
            Phase::Unresponsive => ChildState::Unresponsive,
            Phase::Down if self.has_pending_start(child) => ChildState::Restarting,
            Phase::Down if slot.plan() == Plan::Stay => ChildState::Stopped,
            Phase::Down if slot.is_given_up() => ChildState::GivenUp,
            Phase::Down => ChildState::Finished,
        }
    }

    pub(crate) fn status(&self, child: ChildId) -> ChildStatus {
        self.status_below(&self.path_above(), child)
    }

    fn status_below(&self, above: &str, child: ChildId) -> ChildStatus {
        let (slot, state) = (&self.children[child], self.state(child));
        ChildStatus {
            name: (**slot.name()).to_owned(),
            path: [above, &**slot.name()].concat(),
            state,
            is_supervisor: slot.spec().kind().is_supervisor(),
            restarts: slot.starts().saturating_sub(1),
            restarts_at: self.starts_at(child),
            last_exit: slot.last_exit().cloned(),
            restart: slot.spec().restart_policy(),
            shutdown: slot.spec().shutdown_setting(),
            ready_within: slot.spec().ready_within_setting(),
            is_significant: slot.spec().is_significant(),
            restart_limit: slot.spec().restart_limit_setting(),
            heartbeat: slot.spec().heartbeat_setting(),
        }
    }

    pub(crate) fn count(&self) -> Counts {
        let mut counts = Counts { reserved: self.children.reserved(), ..Counts::default() };
        for child in self.children.all() {
            let slot = &self.children[child];
            let is_supervisor = slot.spec().kind().is_supervisor();
            counts.specs += 1;
            counts.supervisors += usize::from(is_supervisor);
            counts.workers += usize::from(!is_supervisor);
            counts.restarting += usize::from(self.state(child) == ChildState::Restarting);
            counts.running += usize::from(slot.phase() != Phase::Down);
        }
        counts
    }

    /// Returns when a child that is down will be started, if it waits for a backoff.
    #[inline]
    pub(super) fn starts_at(&self, child: ChildId) -> Option<Instant> {
        let slot = &self.children[child];
        // A child waits for its own backoff, or for that of its group.
        let at = match (slot.waits(), self.mode) {
            (true, _) => slot.deadline(),
            (false, Mode::Restarting { .. }) => self.group_start,
            _ => None,
        };
        at.filter(|_| self.has_pending_start(child)).map(|at| self.clock.instant(at))
    }
}
