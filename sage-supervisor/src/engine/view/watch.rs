//! The callers that wait for the end of an instance, or for a state of a child.
//!
//! A condition is checked when it arrives, after each change of a state that an event tells of, and at
//! the end of each turn. A state that begins and ends within one turn is therefore not passed over.

use crate::command::CommandError;
use crate::engine::Engine;
use crate::engine::phase::Phase;
use crate::engine::view::Refusal;
use crate::exit::Exit;
use crate::scope::ChildId;

impl Engine {
    /// Answers those that wait for the present state of a child.
    #[inline]
    pub(crate) fn note_state(&mut self, child: ChildId) {
        if !self.children.watchers().is_empty() {
            self.check_state(child);
        }
    }

    /// Answers those that wait for the present states of any children.
    #[inline]
    pub(crate) fn note_states(&mut self) {
        if !self.children.watchers().is_empty() {
            self.check_states();
        }
    }

    /// Answers those that wait for the end of an instance.
    #[inline]
    pub(crate) fn note_end(&mut self, child: ChildId, exit: &Exit) {
        if !self.children.watchers().is_empty() {
            self.children.answer_ends(child, &Ok(exit.clone()));
        }
    }

    #[cold]
    fn check_state(&mut self, child: ChildId) {
        if self.children.watchers().has(child) {
            let status = self.status(child);
            self.children.watchers_mut().check(child, &status);
        }
    }

    #[cold]
    fn check_states(&mut self) {
        for child in self.children.watchers().children() {
            self.check_state(child);
            // A start that was awaited may have been cancelled.
            if let Some(answer) = self.known_end(child) {
                self.children.answer_ends(child, &answer);
            }
            if self.is_ending() {
                let error = self.is_ending_error();
                self.children.watchers_mut().refuse_states(child, &error);
            }
        }
    }

    /// Returns the answer to a question for the end of a child that is down and stays so.
    pub(crate) fn known_end(&self, child: ChildId) -> Option<Result<Exit, CommandError>> {
        let slot = &self.children[child];
        if slot.phase() != Phase::Down || self.has_pending_start(child) {
            return None;
        }
        Some(match slot.last_exit() {
            Some(exit) => Ok(exit.clone()),
            None if self.is_ending() => Err(self.is_ending_error()),
            None => Err(self.refusal(child, Refusal::Stopped)),
        })
    }

    /// Answers all that watch a child which is about to be removed.
    #[inline]
    pub(crate) fn note_removal(&mut self, child: ChildId) {
        if !self.children.watchers().is_empty() {
            self.answer_before_removal(child);
        }
    }

    #[cold]
    fn answer_before_removal(&mut self, child: ChildId) {
        self.check_state(child);
        let (path, supervisor) = (self.path_of(child), self.scope.lineage().to_string());
        let error = CommandError::NotFound { path, supervisor };
        self.children.watchers_mut().refuse_states(child, &error);
        let last_exit = self.children[child].last_exit().cloned();
        self.children.answer_ends(child, &last_exit.ok_or(error));
    }
}
