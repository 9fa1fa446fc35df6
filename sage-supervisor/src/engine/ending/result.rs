//! The result of a run.

use crate::engine::Engine;
use crate::engine::children::Body;
use crate::engine::phase::Phase;
use crate::error::{GivenUp, SageError, SageResult, Unresponsive};

impl Engine {
    /// Returns the result of the run, once the last child is down or left behind as unresponsive.
    pub(crate) fn result(&mut self) -> SageResult<()> {
        let paths = self.unresponsive_paths();
        if !paths.is_empty() {
            self.notes.fail_unresponsive(paths);
        }
        // A child that was given up makes an error, except in a nested supervisor that a child or a
        // handle has asked to end: such an end is normal.
        let given_up = if self.was_asked_from_inside() { None } else { self.first_given_up() };
        self.notes.take_error().or(given_up).map_or(Ok(()), Err)
    }

    /// Returns the paths of all unresponsive tasks, here and below.
    pub(crate) fn unresponsive_paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        if !self.children.is_any_unresponsive() {
            return paths;
        }
        for child in self.children.all() {
            let slot = &self.children[child];
            if slot.phase() != Phase::Unresponsive {
                continue;
            }
            let below = match slot.body() {
                Some(Body::Supervisor(_)) => slot.last_exit().and_then(Unresponsive::of),
                _ => None,
            };
            match below {
                Some(below) => paths.extend(below.paths.iter().cloned()),
                None => paths.push(self.scope.lineage().join(slot.name())),
            }
        }
        paths
    }

    /// Returns the error of the first child that was given up because of its own restart limit.
    fn first_given_up(&self) -> Option<SageError> {
        if !self.children.is_any_given_up() {
            return None;
        }
        let child = self.children.all().find(|&child| self.children[child].is_given_up())?;
        let slot = &self.children[child];
        let limit = slot.spec().restart_limit_setting()?;
        Some(SageError::GivenUp(Box::new(GivenUp {
            path: self.scope.lineage().join(slot.name()),
            max_restarts: limit.max_restarts,
            within: limit.within,
            exit: slot.last_exit().cloned()?,
        })))
    }
}
