//! The exits of instances: how each is classified, and what follows from it.
//!
//! The decisions are pure functions over small observations, and are tested as tables without a
//! runtime: [`classify`](classify::classify), [`consequences`](consequence::consequences), the end of a
//! supervisor with its significant children, the wait for an unresponsive child, and the choice of
//! the group to restart. The methods beside them carry the decisions out.

mod aborted;
mod classify;
mod consequence;
mod forgiveness;
mod heartbeat;
mod own_limit;
mod restart;
mod significance;
mod unresponsive;
mod verdict;
mod verdicts;

use self::classify::{Classified, Observation, classify};
use self::consequence::{Callers, Consequence, Consequences, Ended, consequences};
pub(super) use self::verdicts::Verdicts;
use super::Engine;
use super::children::{Slot, StopCause, Until};
use super::phase::Phase;
use crate::child::{Kind, Scope};
use crate::error::{FailedStart, SageError, Unresponsive};
use crate::event::ChildEvent;
use crate::exit::Exit;
use crate::report::ChildPaths;
use crate::scope::ChildId;

impl Engine {
    /// Handles the exit of an instance. A restart is only noted here: it is decided on at the end of
    /// the turn, when all exits of that moment are known.
    pub(crate) fn ended(&mut self, child: ChildId, mut exit: Exit) {
        // There is hardly ever a verdict.
        let given = if self.verdicts.is_empty() { None } else { self.judged(child, &mut exit) };
        self.note_if_aborted(child, &exit);
        let slot = &mut self.children[child];
        slot.spec().note_exit(&exit);
        if matches!(slot.stop_cause(), Some(StopCause::FailedByHand { .. })) {
            exit = self.injected(child, exit);
        }
        let slot = &mut self.children[child];
        // The cause belongs to the instance that has ended, and must not blame the next one.
        let cause = slot.take_stop_cause();
        let mut seen = observation(&exit, slot, cause, &self.scope);
        seen.was_starting |= given.is_some_and(|given| given.was_starting);
        let Classified { exit, was_asked } = classify(exit, seen);
        if slot.phase() == Phase::Killed && slot.deadline().is_none() {
            self.scope.note_killed(self.clock.now());
        }
        self.schedule(child, None);
        let verdict = match given {
            Some(given) => given.scope,
            None => self.declared_verdict(child, &exit, was_asked),
        };
        // The event comes before everything that follows from the exit.
        self.tell(child, &ChildEvent::Exit { exit: &exit, asked: was_asked });
        self.note_end(child, &exit);
        // The notes need the body and the phase, which the release below clears.
        let was_late = self.note_stopped(child);
        // Most children end before the final stop, or as they are asked to.
        if (was_late || exit.is_failure()) && verdict.is_none() && self.notes.has_begun() {
            self.note_stop_failure(child, &exit, was_asked);
        }

        let slot = &mut self.children[child];
        let policy_restarts = slot.spec().restart_policy().restarts_after(exit.is_failure())
            && !(slot.is_supervisor() && self.scope.failure_of_tree().is_some());
        let has_leftovers = slot.has_leftovers();
        let has_unresponsive =
            has_leftovers || (slot.is_supervisor() && Unresponsive::of(&exit).is_some());
        let has_debts = slot.record_mut().ended(exit, self.clock.moment());
        let has_debts = has_debts || self.limit.has_debtors();
        if has_leftovers {
            self.hold_unresponsive(child);
        } else {
            self.down(child);
        }
        if has_debts {
            self.forgive_ended(child);
        }

        // The plan is read only now: an unresponsive child is not started again by a command.
        let slot = &self.children[child];
        let ended = Ended {
            was_asked,
            has_declined: cause == Some(StopCause::Declined),
            has_unresponsive,
            policy_restarts,
            has_failed_to_start: self.has_failed_to_start(child),
            is_started_by_hand: slot.is_started_by_hand(),
            is_first_start: self.is_first_start(slot),
            plan: self.plan_after_exit(child, slot.plan()),
            verdict,
        };
        self.follow(child, consequences(ended));
    }

    /// Returns the failure that a command has injected, in place of the exit of the kill that followed.
    /// Tasks that do not end are worse, and no command can hide them.
    #[cold]
    fn injected(&mut self, child: ChildId, exit: Exit) -> Exit {
        match self.children.take_injected(child) {
            Some(error) if Unresponsive::of(&exit).is_none() => Exit::Error(error),
            _ => exit,
        }
    }

    /// Carries the consequences of an exit out. The child may be removed at the very end.
    #[inline]
    fn follow(&mut self, child: ChildId, Consequences { what, callers }: Consequences) {
        if callers == Callers::Fail {
            self.answer_failed_start(child);
        }
        let mut is_discarded = false;
        let mut may_be_spent = false;
        match what {
            Consequence::Escalate => self.escalate(child),
            Consequence::FailStart => self.fail_start(child),
            Consequence::FailByHand => is_discarded = self.fail_by_hand(child),
            Consequence::Restart => {
                self.children[child].set_due();
                self.inbox.due.push(child);
            }
            Consequence::Depart => {
                self.note_failure(child);
                may_be_spent = !self.note_departure(child);
            }
            // Of a child that was added by a command and never was up, nothing is left behind.
            Consequence::GiveUp if callers == Callers::Fail && self.is_added_in_vain(child) => {
                is_discarded = self.fail_by_hand(child);
            }
            Consequence::GiveUp => may_be_spent = self.note_given_up_by_itself(child),
            Consequence::StayDown => {}
        }
        // The end of the turn decides on the state that a restart leads to.
        if what != Consequence::Restart {
            self.note_state(child);
        }
        if callers == Callers::Succeed {
            self.answer_declined_start(child);
            may_be_spent = true;
        }
        self.succeed_if_due(child);
        // The removal comes last, because everything above needs the slot.
        if is_discarded || (may_be_spent && self.is_spent(child)) {
            self.remove(child);
        } else if self.carry_out_plan(child) {
            self.refuse_start_if_over(child);
        }
    }

    /// Returns whether the supervisor is starting and waits for the first start of this child. Both
    /// conditions are needed: a child may already have been restarted while its supervisor is still
    /// starting, and a child that was stopped before its turn is first started with its group.
    fn is_first_start(&self, slot: &Slot) -> bool {
        // A task that does not declare readiness counts as started once it is spawned, before it can
        // turn out that a value which it is lent is missing.
        let cannot_fail = matches!(slot.spec().kind(), Kind::Task(_))
            && slot.spec().ready_within_setting().is_none();
        let is_first = !self.startup.is_complete() && slot.starts() == 1;
        !cannot_fail && self.mode.is_starting_or_restarting() && is_first
    }

    /// Closes because the first start of this child has failed.
    fn fail_start(&mut self, child: ChildId) {
        let slot = &self.children[child];
        let path = self.scope.lineage().join(slot.name());
        let exit = slot.last_exit().cloned().expect("the failed start is the last exit");
        self.notes.fail(SageError::FailedStart(Box::new(FailedStart { path, exit })));
        self.close();
    }

    /// Closes because of a nested supervisor that could not end what is below it.
    fn escalate(&mut self, child: ChildId) {
        let slot = &self.children[child];
        let below = slot.last_exit().and_then(Unresponsive::of).cloned().unwrap_or_else(|| {
            let mut left = ChildPaths::default();
            left.add(|| self.scope.lineage().join(slot.name()));
            left.into()
        });
        if self.notes.count_unresponsive(child) {
            self.notes.add_unresponsive(below);
        }
        self.close();
    }

    /// Handles the message that nothing is alive any more below a nested supervisor. It matters only if
    /// that supervisor had ended without some of its tasks.
    pub(crate) fn vacated(&mut self, child: ChildId, instance: u64) {
        if self.children.get_if(child, instance, Phase::Unresponsive).is_some() {
            self.schedule(child, None);
            self.down(child);
            self.succeed_if_due(child);
            self.carry_out_plan(child);
        }
    }

    /// Releases an instance of which nothing is alive, and answers the callers that wait for that.
    #[inline]
    fn down(&mut self, child: ChildId) {
        self.children.release(child);
        self.children.answer(child, Until::Down, None);
    }
}

/// Collects what is known of an instance that has just ended.
#[inline]
fn observation(
    exit: &Exit,
    slot: &Slot,
    stop_cause: Option<StopCause>,
    scope: &Scope,
) -> Observation {
    Observation {
        was_asked: slot.was_asked(),
        // The look at other scopes is worth its cost only for the exits that it can make a difference to.
        is_scope_killed: matches!(exit, Exit::Killed) && scope.is_killed(),
        was_starting: slot.phase() == Phase::Starting,
        was_shut_down: matches!(exit, Exit::Normal) && slot.was_shut_down(),
        stop_cause,
        ready_within: slot.spec().ready_within_setting().unwrap_or_default(),
        heartbeat: slot.spec().heartbeat_setting().unwrap_or_default(),
    }
}
