//! The restarts: of one child alone, or of a whole group.

use std::sync::Arc;
use std::time::Duration;

use crate::engine::Engine;
use crate::engine::children::Plan;
use crate::engine::mode::Mode;
use crate::engine::phase::Phase;
use crate::engine::view::Refusal;
use crate::error::{RestartLimitReached, SageError};
use crate::event::ChildEvent;
use crate::policy::{RestartDecision, RestartTracker};
use crate::scope::ChildId;

impl Engine {
    /// Restarts each of these children alone, until the restart limit is exceeded.
    pub(crate) fn restart_each(&mut self, due: &[ChildId]) {
        for &failed in due {
            // The delay is determined before the restart is counted, because the event of the restart
            // contains it.
            let delay = self.next_delay(failed);
            if !self.charge_restart(failed, 0, delay) {
                return;
            }
            self.start_after(failed, delay);
        }
    }

    /// Restarts the children from `root` on, because of the exit of `failed`.
    pub(crate) fn restart_group(&mut self, failed: ChildId, root: ChildId) {
        let last = self.children.last().expect("the root is a child");
        let siblings = self.children.from(Some(root)).count() - 1;
        let delay = self.next_delay(failed);
        if self.charge_restart(failed, siblings, delay) {
            // Children are not stopped here: the procedure does that from the last one down to the
            // root.
            self.scope.note_restarted_for(Arc::clone(self.children[failed].name()));
            self.reset_plans(root, None);
            self.hold_group(delay);
            self.mode = Mode::Restarting { root, at: last };
            self.stop_together(root, None);
            self.reviewed.set_due();
        }
    }

    /// Widens the restart that is under way to a child before its present root. The restart has been
    /// counted already.
    pub(crate) fn widen_group(&mut self, root: ChildId) {
        if let Mode::Restarting { root: before, at } = self.mode {
            self.reset_plans(root, Some(before));
            self.mode = Mode::Restarting { root, at };
            self.stop_together(root, Some(before));
            self.reviewed.set_due();
        }
    }

    /// Asks the members of a group from `first` up to `end` to stop at once, if they stop together. The
    /// procedure only waits for them then.
    fn stop_together(&mut self, first: ChildId, end: Option<ChildId>) {
        let mut next = self.declaration.stop_order.is_together().then_some(first);
        while let Some(child) = next.filter(|_| next != end) {
            next = self.children.after(child);
            if matches!(self.children[child].phase(), Phase::Starting | Phase::Up) {
                self.stop(child, self.why_in_group(child));
            }
        }
    }

    /// Resets the plans of the children from `first` up to `end`: a child that a command has stopped
    /// starts again together with its group.
    fn reset_plans(&mut self, first: ChildId, end: Option<ChildId>) {
        let mut next = Some(first);
        while let Some(child) = next.filter(|_| next != end) {
            next = self.children.after(child);
            self.children.set_plan(child, Plan::Policy);
            let slot = &mut self.children[child];
            // The start of a group is retried. Only a child that was added and has never been up is
            // still discarded when it fails, because nobody has been told that it exists.
            let stays_by_hand = slot.is_started_by_hand() && slot.is_added() && !slot.was_up();
            slot.set_started_by_hand(stays_by_hand);
            if self.is_left_out(child) {
                self.refuse_start(child, Refusal::Restarting);
            }
        }
    }

    /// Forgives the restarts before all instances that are up for long enough now.
    #[cold]
    fn forgive_living(&mut self) {
        // The history is taken out, because the check borrows the engine.
        let mut limit = std::mem::replace(&mut self.limit, RestartTracker::new(None));
        limit.forgive(|charged_to| charged_to.is_some_and(|child| self.is_forgiven(child)));
        self.limit = limit;
    }

    /// Counts a restart of `failed`, which waits for `delay` and takes `group` siblings along. If the
    /// restart limit does not allow it, the supervisor closes, and this returns `false`.
    fn charge_restart(&mut self, failed: ChildId, group: usize, delay: Duration) -> bool {
        let is_counted = self.declaration.counts_restart(delay);
        let decision = if is_counted {
            if self.limit.has_debtors() {
                self.forgive_living();
            }
            // Only a child that can be forgiven has to be known again.
            let charged_to = self.forgive_after(failed).map(|_| failed);
            self.limit.record(self.clock.moment(), charged_to)
        } else {
            self.uncounted += 1;
            RestartDecision::Allowed { used: 0 }
        };
        let slot = &self.children[failed];
        let exit = slot.last_exit().expect("a restart is due because of an exit");
        match decision {
            RestartDecision::Allowed { used } => {
                self.notes.count_restart();
                let attempt = slot.starts();
                let allowed = self.limit.allowed().filter(|_| is_counted);
                self.tell(
                    failed,
                    &ChildEvent::Restart { exit, attempt, siblings: group, delay, used, allowed },
                );
                true
            }
            RestartDecision::Exceeded { used, limit } => {
                self.tell(failed, &ChildEvent::RestartLimit { exit, used, limit });
                let reached = RestartLimitReached {
                    path: self.scope.lineage().to_string(),
                    child: slot.name().to_string(),
                    max_restarts: limit.max_restarts,
                    within: limit.within,
                    exit: exit.clone(),
                };
                self.notes.fail(SageError::Supervisor(Box::new(reached)));
                self.close();
                false
            }
        }
    }
}
