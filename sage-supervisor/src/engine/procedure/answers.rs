//! The answers to callers that wait for a child to be up or down.

use crate::command::CommandError;
use crate::engine::Engine;
use crate::engine::children::{Plan, Until};
use crate::engine::phase::Phase;
use crate::engine::view::Refusal;
use crate::scope::ChildId;

impl Engine {
    /// Notes that a child is up, and answers the callers that wait for that.
    pub(crate) fn note_up(&mut self, child: ChildId) {
        self.children.note_up(child);
        self.children.answer(child, Until::Up, None);
    }

    /// Answers the callers that wait for a start of this child with an error.
    #[inline]
    pub(crate) fn refuse_start(&mut self, child: ChildId, refusal: Refusal) {
        // The error contains the path of the child, which is made only if somebody reads it.
        if self.children[child].has_callers() {
            self.answer_up(child, refusal);
        }
    }

    #[cold]
    fn answer_up(&mut self, child: ChildId, refusal: Refusal) {
        let error = self.refusal(child, refusal);
        self.children.answer(child, Until::Up, Some(&error));
    }

    /// Answers the callers that wait for a start of this child with its last exit, or with the end of
    /// this supervisor.
    fn refuse_failed_start(&mut self, child: ChildId) {
        if self.is_ending() {
            return self.refuse_start(child, Refusal::Ending);
        }
        let Some(exit) = self.children[child].last_exit().cloned() else {
            return self.refuse_start(child, Refusal::Stopped);
        };
        let error = CommandError::FailedStart { path: self.path_of(child), exit };
        self.children.answer(child, Until::Up, Some(&error));
    }

    /// Answers the callers that wait for a start which has failed, even if it is retried.
    pub(crate) fn answer_failed_start(&mut self, child: ChildId) {
        if !self.children[child].has_callers() {
            return;
        }
        self.refuse_failed_start(child);
    }

    /// Answers the callers that wait for a start which the child has declined. The start counts as done,
    /// unless a kill of the supervisor has come before its message.
    pub(crate) fn answer_declined_start(&mut self, child: ChildId) {
        if self.is_ending() {
            self.refuse_start(child, Refusal::Ending);
        } else {
            self.note_up(child);
        }
    }

    /// Answers the callers that wait for a start of this child, if none will follow.
    pub(crate) fn refuse_start_if_over(&mut self, child: ChildId) {
        let slot = &self.children[child];
        if slot.phase() != Phase::Down || !slot.has_callers() || self.has_pending_start(child) {
            return;
        }
        self.refuse_failed_start(child);
    }

    /// Answers all callers of a child that has become unresponsive.
    pub(crate) fn answer_unresponsive(&mut self, child: ChildId) {
        // The start that a command has asked for is refused, so it must not happen later.
        if self.children[child].plan() == Plan::Start {
            self.children.set_plan(child, Plan::Stay);
        }
        if self.children[child].has_callers() {
            let error = self.refusal(child, Refusal::Unresponsive);
            self.children.answer(child, Until::Down, Some(&error));
            self.children.answer(child, Until::Up, Some(&error));
        }
    }

    /// Cancels every pending start, and answers the callers that wait for one, or for a place. The callers
    /// may be children that are about to be stopped, so they must not wait for the end.
    pub(super) fn refuse_all_starts(&mut self) {
        if self.children.is_room_wanted() {
            self.children.refuse_places(self.is_ending_error());
        }
        // A start in backoff has a deadline. Queued children and children whose restart is due have
        // none, but need no cancellation: nothing is started in a mode that is ending.
        if !self.children.has_callers() && self.timers.is_empty() {
            return;
        }
        let mut next = self.children.first();
        while let Some(child) = next {
            next = self.children.after(child);
            self.cancel_start(child);
            self.refuse_start(child, Refusal::Ending);
        }
    }
}
