//! The waits for the end of an instance, and for a state of a child.

use crate::command::{CommandError, Condition, Met};
use crate::engine::Engine;
use crate::engine::procedure::Blockers;
use crate::exit::Exit;
use crate::scope::{ChildId, Origin, Reply};

impl Engine {
    /// Answers the caller with the exit of the present instance, or of the next one if the child is about
    /// to be started.
    pub(super) fn await_end(&mut self, child: ChildId, reply: Reply<Exit>, origin: &Origin) {
        if let Some(answer) = self.known_end(child) {
            return reply.send(answer);
        }
        let blockers = self.until_changed(child).and_end(self.scope.key(), child);
        match self.may_watch(child, &blockers, origin) {
            Ok(()) => self.children.watchers_mut().add_end(child, reply),
            Err(error) => reply.send(Err(error)),
        }
    }

    /// Answers the caller once the status of the child meets the condition.
    pub(super) fn await_state(
        &mut self,
        child: ChildId,
        condition: Condition,
        reply: Reply<Met>,
        origin: &Origin,
    ) {
        if let Some(met) = condition.met_by(&self.status(child)) {
            return reply.send(Ok(met));
        }
        if self.is_ending() {
            // Nothing is started any more, and the caller may be a child that has to end first.
            return reply.send(Err(self.is_ending_error()));
        }
        let blockers = self.until_changed(child);
        match self.may_watch(child, &blockers, origin) {
            Ok(()) => self.children.watchers_mut().add_state(child, condition, reply),
            Err(error) => reply.send(Err(error)),
        }
    }

    /// Checks that the caller may wait for what happens to a child. A child does not wait for itself, nor
    /// for anything once it has been asked to stop.
    fn may_watch(
        &self,
        child: ChildId,
        blockers: &Blockers,
        origin: &Origin,
    ) -> Result<(), CommandError> {
        let path = || self.path_of(child);
        let caller = match origin.asker().filter(|asker| asker.awaits()) {
            Some(asker) => {
                let is_own = asker.branch(self.scope.key()) == Some(child);
                (is_own || asker.has_to_end()).then(|| asker.path())
            }
            None if origin.asker.is_none() && self.is_given_by(origin, child) => Some(path()),
            None => None,
        };
        match caller {
            Some(caller) => Err(CommandError::WaitsForCaller { path: path(), caller }),
            None => self.may_wait_once(origin, blockers, path),
        }
    }
}
