//! Questions about the future of a child that is down.

use crate::child::ChildSpec;
use crate::engine::Engine;
use crate::engine::children::Plan;
use crate::engine::phase::Phase;
use crate::exit::Exit;
use crate::policy::{RestartPolicy, TemporarySiblings};
use crate::scope::ChildId;

/// A child, as far as its future depends on it.
#[derive(Debug, Clone, Copy)]
struct Outlook {
    phase: Phase,
    plan: Plan,
    /// `true` if the child waits for its backoff, or if its exit in this turn leads to a restart.
    is_restarting: bool,
    /// `true` if the present procedure has yet to come to the child.
    is_ahead: bool,
    /// `true` if a restart of its group leaves the child down.
    is_left_out: bool,
    leaves_nothing_behind: bool,
    is_ending: bool,
}

impl Outlook {
    /// Decides whether the child will be started without a command.
    #[inline]
    fn has_pending_start(self) -> bool {
        let is_coming = self.is_restarting || (self.is_ahead && !self.is_left_out);
        // A supervisor that is ending starts nothing, even if it has not yet cancelled the starts that
        // are waiting.
        self.phase == Phase::Down && self.plan != Plan::Stay && is_coming && !self.is_ending
    }

    /// Decides whether the child has ended for good and leaves no slot behind.
    #[inline]
    fn is_spent(self) -> bool {
        let is_down = self.phase == Phase::Down && self.plan != Plan::Start;
        is_down && self.leaves_nothing_behind && !self.is_ahead && !self.is_ending
    }
}

impl Engine {
    /// Returns whether the supervisor is ending, including a kill of an ancestor whose message has not
    /// arrived yet.
    #[inline]
    pub(crate) fn is_ending(&self) -> bool {
        self.mode.is_ending() || self.scope.is_killed()
    }

    /// Returns whether the present procedure has yet to come to this child, in order to start it.
    #[inline]
    pub(crate) fn is_ahead(&self, child: ChildId) -> bool {
        let first = self.mode.first_to_start();
        first.is_some_and(|first| self.children.rank(child) >= self.children.rank(first))
    }

    /// Returns whether a restart of its group leaves this child down: the child is temporary, and the
    /// supervisor removes temporary siblings, or a reload has left the child out.
    #[inline]
    pub(crate) fn is_left_out(&self, child: ChildId) -> bool {
        self.would_be_left_out(child, self.children.next_spec(child))
            || self.children.is_leaving(child)
    }

    /// Returns whether a restart of its group would leave this child down if it had this spec.
    #[inline]
    pub(crate) fn would_be_left_out(&self, child: ChildId, spec: &ChildSpec) -> bool {
        self.declaration.temporary_siblings == TemporarySiblings::Remove
            && spec.restart_policy() == RestartPolicy::Temporary
            && self.children[child].starts() > 0
    }

    /// Returns whether the child is down and will be started without a command.
    pub(crate) fn has_pending_start(&self, child: ChildId) -> bool {
        self.outlook(child).has_pending_start()
    }

    /// Returns whether the child has ended for good and leaves no slot behind.
    pub(crate) fn is_spent(&self, child: ChildId) -> bool {
        self.outlook(child).is_spent()
    }

    #[inline]
    fn outlook(&self, child: ChildId) -> Outlook {
        let slot = &self.children[child];
        Outlook {
            phase: slot.phase(),
            plan: slot.plan(),
            is_restarting: slot.waits() || slot.is_due(),
            is_ahead: self.is_ahead(child),
            is_left_out: self.is_left_out(child),
            leaves_nothing_behind: self.leaves_nothing_behind(child),
            is_ending: self.is_ending(),
        }
    }

    /// Returns whether the child leaves no slot behind when it has ended: it was added at run time, and
    /// is temporary or a child of a dynamic supervisor, or a reload has left it out.
    #[inline]
    pub(crate) fn leaves_nothing_behind(&self, child: ChildId) -> bool {
        let slot = &self.children[child];
        let is_temporary = slot.spec().restart_policy() == RestartPolicy::Temporary;
        (slot.is_added() && (is_temporary || self.declaration.dynamic.is_some()))
            || self.children.is_leaving(child)
    }

    /// Returns whether the last start of this child has failed.
    #[inline]
    pub(crate) fn has_failed_to_start(&self, child: ChildId) -> bool {
        matches!(self.children[child].last_exit(), Some(Exit::FailedStart(_)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOWN: Outlook = Outlook {
        phase: Phase::Down,
        plan: Plan::Policy,
        is_restarting: false,
        is_ahead: false,
        is_left_out: false,
        leaves_nothing_behind: false,
        is_ending: false,
    };

    #[test]
    fn a_child_is_started_by_its_restart_or_by_the_procedure() {
        let restarting = Outlook { is_restarting: true, ..DOWN };
        let ahead = Outlook { is_ahead: true, ..DOWN };
        let table = [
            (DOWN, false),
            (restarting, true),
            (ahead, true),
            (Outlook { is_left_out: true, ..ahead }, false),
            (Outlook { is_left_out: true, ..restarting }, true),
            (Outlook { plan: Plan::Stay, ..ahead }, false),
            (Outlook { plan: Plan::Start, ..ahead }, true),
            (Outlook { is_ending: true, ..ahead }, false),
            (Outlook { is_ending: true, ..restarting }, false),
            (Outlook { phase: Phase::Stopping, ..ahead }, false),
        ];
        for (outlook, expected) in table {
            assert_eq!(outlook.has_pending_start(), expected, "{outlook:?}");
        }
    }

    #[test]
    fn a_child_is_spent_when_nothing_can_start_it_again() {
        let spent = Outlook { leaves_nothing_behind: true, ..DOWN };
        let table = [
            (DOWN, false),
            (spent, true),
            (Outlook { plan: Plan::Stay, ..spent }, true),
            (Outlook { plan: Plan::Start, ..spent }, false),
            (Outlook { is_ahead: true, ..spent }, false),
            (Outlook { is_ending: true, ..spent }, false),
            (Outlook { phase: Phase::Unresponsive, ..spent }, false),
        ];
        for (outlook, expected) in table {
            assert_eq!(outlook.is_spent(), expected, "{outlook:?}");
        }
    }
}
