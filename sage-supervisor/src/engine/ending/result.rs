//! The result of a run.

use crate::engine::Engine;
use crate::engine::children::Body;
use crate::engine::phase::Phase;
use crate::error::{FailureScope, FinalError, GivenUp, SageError, SageResult, Unresponsive};
use crate::report::ChildPaths;

impl Engine {
    /// Returns the result of the run, once the last child is down or left behind as unresponsive.
    pub(crate) fn result(&mut self) -> SageResult<()> {
        self.note_unresponsive();
        // A child that was given up makes an error, except in a nested supervisor that a child or a
        // handle has asked to end: such an end is normal.
        let given_up = if self.was_asked_from_inside() { None } else { self.first_given_up() };
        let error = self.notes.take_error().or(given_up).or_else(|| self.unclean_stop());
        error.map_or(Ok(()), Err)
    }

    /// Returns the error of a root that did not stop cleanly. A nested supervisor has none: its failures
    /// are those of the tree if it was stopped together with the tree, and else only in its report.
    fn unclean_stop(&self) -> Option<SageError> {
        let is_root = !self.scope.is_nested();
        is_root.then(|| self.notes.unclean_stop(self.declaration.tolerate_unclean_stop))?
    }

    /// Notes all unresponsive tasks, here and below, that have not been noted yet.
    pub(crate) fn note_unresponsive(&mut self) {
        if !self.children.is_any_unresponsive() {
            return;
        }
        let mut left = ChildPaths::default();
        for child in self.children.all() {
            let slot = &self.children[child];
            if slot.phase() != Phase::Unresponsive || !self.notes.count_unresponsive(child) {
                continue;
            }
            let below = match slot.body() {
                Some(Body::Supervisor(_)) => slot.last_exit().and_then(Unresponsive::of),
                _ => None,
            };
            match below {
                Some(below) => left.add_all(&below.children()),
                None => left.add(|| self.scope.lineage().join(slot.name())),
            }
        }
        if left.count > 0 {
            self.notes.add_unresponsive(left.into());
        }
    }

    /// Returns the error of the first child that was given up, by its own restart limit or by itself.
    fn first_given_up(&self) -> Option<SageError> {
        if !self.children.is_any_given_up() {
            return None;
        }
        let child = self.children.all().find(|&child| self.children[child].is_given_up())?;
        let slot = &self.children[child];
        let path = self.scope.lineage().join(slot.name());
        if slot.is_given_up_by_itself() {
            let (scope, exit) = (FailureScope::Child, slot.last_exit().cloned()?);
            return Some(SageError::Final(Box::new(FinalError { path, scope, exit })));
        }
        let limit = slot.spec().restart_limit_setting()?;
        Some(SageError::GivenUp(Box::new(GivenUp {
            path,
            max_restarts: limit.max_restarts,
            within: limit.within,
            exit: slot.last_exit().cloned()?,
        })))
    }
}
