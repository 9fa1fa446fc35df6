//! Questions about what an engine is going to do.

use crate::engine::Engine;
use crate::engine::children::Plan;
use crate::engine::phase::Phase;
use crate::policy::{RestartPolicy, TemporarySiblings};
use crate::scope::ChildId;

impl Engine {
    /// Returns whether the supervisor is ending, including a kill of an ancestor whose message has not
    /// arrived yet.
    pub(crate) fn is_ending(&self) -> bool {
        self.mode.is_ending() || self.scope.is_killed()
    }

    /// Returns whether the present procedure is going to start this child.
    pub(crate) fn is_to_start(&self, child: ChildId) -> bool {
        let first = self.mode.first_to_start();
        first.is_some_and(|first| self.children.rank(child) >= self.children.rank(first))
    }

    /// Returns whether a restart of its group leaves this child down: it is temporary, and the
    /// supervisor removes temporary siblings.
    pub(crate) fn stays_removed(&self, child: ChildId) -> bool {
        let slot = &self.children[child];
        self.declaration.temporary_siblings == TemporarySiblings::Remove
            && slot.spec().restart_policy() == RestartPolicy::Temporary
            && slot.starts() > 0
    }

    /// Returns whether the child is down and will be started without a command.
    pub(crate) fn will_start(&self, child: ChildId) -> bool {
        let slot = &self.children[child];
        let with_its_group = self.is_to_start(child) && !self.stays_removed(child);
        let is_coming = slot.waits() || slot.is_due() || with_its_group;
        // A supervisor that is ending starts nothing, even if it has not yet cancelled the starts that
        // are waiting.
        slot.phase() == Phase::Down && slot.plan() != Plan::Stay && is_coming && !self.is_ending()
    }

    /// Returns whether the child leaves no slot behind when it has ended: it was added at run time, and
    /// is temporary or a child of a dynamic supervisor.
    pub(crate) fn leaves_nothing_behind(&self, child: ChildId) -> bool {
        let slot = &self.children[child];
        let is_temporary = slot.spec().restart_policy() == RestartPolicy::Temporary;
        slot.is_added() && (is_temporary || self.declaration.dynamic.is_some())
    }

    /// Returns whether the last start of this child has failed.
    pub(crate) fn has_failed_to_start(&self, child: ChildId) -> bool {
        matches!(self.children[child].last_exit(), Some(crate::Exit::FailedStart(_)))
    }
}
