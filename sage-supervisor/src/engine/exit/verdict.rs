//! The errors of children that no restart can help.

use super::verdicts::Pending;
use crate::engine::Engine;
use crate::engine::children::StopCause;
use crate::engine::phase::Phase;
use crate::error::{FailureScope, FinalError, SageError};
use crate::event::ChildEvent;
use crate::exit::Exit;
use crate::scope::{ChildId, Verdict, Why};

/// What is known of the verdict of an instance that has ended.
#[derive(Clone, Copy)]
pub(super) struct Given {
    /// The part of the tree that ends with the exit, unless the instance had been asked to stop before.
    pub(super) scope: Option<FailureScope>,
    /// `true` if the instance was not ready when it gave its verdict.
    pub(super) was_starting: bool,
}

impl Engine {
    /// Handles an error of an instance that no restart can help.
    #[cold]
    pub(crate) fn judge(&mut self, verdict: Verdict) {
        let Verdict { child, instance, scope, .. } = verdict;
        let Some(slot) = self.children.get_mut(child) else { return };
        // The first verdict of an instance counts. An instance that has ended gives none, and neither does
        // one that a command has failed: its exit is decided on.
        let is_alive = slot.phase() != Phase::Down && slot.instance() == instance;
        let is_failed = matches!(slot.stop_cause(), Some(StopCause::FailedByHand { .. }));
        if !is_alive || is_failed || self.verdicts.has(child, instance) {
            return;
        }
        let exit = Exit::Error(verdict.error.clone());
        let is_up = matches!(slot.phase(), Phase::Starting | Phase::Up);
        if is_up {
            slot.blame(StopCause::Verdict);
        }
        let was_starting = slot.phase() == Phase::Starting;
        self.verdicts.add(Pending { verdict, is_cause: is_up, was_starting });
        self.tell(child, &ChildEvent::FinalError { exit: &exit, scope });
        if is_up {
            self.stop(child, Why::FinalError);
        }
        let path = self.path_of(child);
        let error = || SageError::Final(Box::new(FinalError { path, scope, exit }));
        match scope {
            FailureScope::Child => {}
            FailureScope::Supervisor => {
                self.notes.fail_if_well(error);
                self.close();
            }
            FailureScope::Tree => {
                self.scope.fail_tree(error());
                if !self.scope.is_nested() {
                    self.shut_down();
                }
            }
        }
    }

    /// Makes the error of a verdict the exit of the instance that has given it, whatever the instance has
    /// done since. An instance that had been asked to stop before has no influence on what the supervisor
    /// is doing.
    #[cold]
    pub(super) fn judged(&mut self, child: ChildId, exit: &mut Exit) -> Option<Given> {
        let pending = self.verdicts.take(child, self.children[child].instance())?;
        let Pending { verdict, is_cause, was_starting } = pending;
        *exit = Exit::Error(verdict.error);
        Some(Given { scope: is_cause.then_some(verdict.scope), was_starting })
    }

    /// Returns the verdict that a child declares for this exit, if it was not asked to end.
    #[inline]
    pub(super) fn declared_verdict(
        &self,
        child: ChildId,
        exit: &Exit,
        was_asked: bool,
    ) -> Option<FailureScope> {
        let gives_up = !was_asked && self.children[child].spec().gives_up_after(exit);
        gives_up.then(|| {
            let scope = FailureScope::Child;
            self.tell(child, &ChildEvent::FinalError { exit, scope });
            scope
        })
    }

    /// Notes that a child has given itself up. It stays down. Returns whether it may leave nothing behind.
    pub(super) fn note_given_up_by_itself(&mut self, child: ChildId) -> bool {
        self.children.give_up(child);
        let slot = &mut self.children[child];
        slot.set_started_by_hand(false);
        slot.note_given_up_by_itself();
        self.refuse_start_if_over(child);
        !self.note_departure(child)
    }
}
