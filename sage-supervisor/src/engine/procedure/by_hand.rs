//! The plans that commands have made for a child, carried out once it is down.

use crate::engine::Engine;
use crate::engine::children::{Plan, Slot};
use crate::engine::phase::Phase;
use crate::scope::ChildId;

/// The consequence of a plan for a child that is down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Remain,
    Start,
    Remove,
}

impl Engine {
    /// Carries out the plan for a child, if it is down. Returns whether the child is still there.
    pub(crate) fn carry_out_plan(&mut self, child: ChildId) -> bool {
        let slot = &self.children[child];
        let leaves_a_slot = || !self.leaves_nothing_behind(child) && !slot.was_only_queued();
        match next(slot.phase(), slot.plan(), || self.is_ending(), leaves_a_slot) {
            Next::Remain => true,
            Next::Start => {
                self.children[child].set_started_by_hand(true);
                self.start(child);
                true
            }
            Next::Remove => {
                self.remove(child);
                self.children.keep_if_none_is_alive();
                false
            }
        }
    }

    /// Returns whether the child was added by the command whose start has failed.
    pub(crate) fn is_added_in_vain(&self, child: ChildId) -> bool {
        let slot = &self.children[child];
        slot.is_started_by_hand() && is_discarded(slot)
    }

    /// Handles the failure of a start that a command has asked for, which is not retried. Returns
    /// whether the child is to be removed, because it was added by that command.
    pub(crate) fn fail_by_hand(&mut self, child: ChildId) -> bool {
        let slot = &mut self.children[child];
        slot.set_started_by_hand(false);
        let is_discarded = is_discarded(slot);
        if !is_discarded {
            self.children.set_plan(child, Plan::Stay);
        }
        is_discarded
    }
}

fn is_discarded(slot: &Slot) -> bool {
    slot.is_added() && !slot.was_up() && slot.phase() == Phase::Down
}

/// Decides what follows from the plan for a child.
fn next(
    phase: Phase,
    plan: Plan,
    is_ending: impl FnOnce() -> bool,
    leaves_a_slot: impl FnOnce() -> bool,
) -> Next {
    match plan {
        _ if phase != Phase::Down => Next::Remain,
        Plan::Start if !is_ending() => Next::Start,
        // A child that was added and never started is as if it had not been added.
        Plan::Stay if !leaves_a_slot() => Next::Remove,
        Plan::Start | Plan::Stay | Plan::Policy => Next::Remain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_carried_out_once_the_child_is_down() {
        let alive = [
            Phase::Starting,
            Phase::Up,
            Phase::Stopping,
            Phase::Killed,
            // Nothing may be started, or removed, beside a task that is still alive.
            Phase::Unresponsive,
        ];
        for phase in alive {
            for plan in [Plan::Policy, Plan::Stay, Plan::Start] {
                assert_eq!(
                    next(phase, plan, || false, || false),
                    Next::Remain,
                    "{phase:?} {plan:?}"
                );
            }
        }
        // The columns are a child that leaves no slot behind, and one that does.
        let table = [
            (Plan::Policy, false, [Next::Remain, Next::Remain]),
            (Plan::Policy, true, [Next::Remain, Next::Remain]),
            (Plan::Start, false, [Next::Start, Next::Start]),
            (Plan::Start, true, [Next::Remain, Next::Remain]),
            (Plan::Stay, false, [Next::Remove, Next::Remain]),
            (Plan::Stay, true, [Next::Remove, Next::Remain]),
        ];
        for (plan, is_ending, expected) in table {
            let found =
                [false, true].map(|leaves| next(Phase::Down, plan, || is_ending, || leaves));
            assert_eq!(found, expected, "{plan:?}, ending: {is_ending}");
        }
    }
}
