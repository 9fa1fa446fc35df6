//! The command that puts another spec in the place of a child's.

use super::admission::runs_elsewhere;
use crate::child::{Scope, Start};
use crate::command::CommandError;
use crate::engine::Engine;
use crate::engine::children::Body;
use crate::engine::view::Refusal;
use crate::error::{InvalidTree, InvalidTreeKind};
use crate::scope::{ChildId, Origin, Reply};

impl Engine {
    /// Replaces the spec of a child, and restarts the child.
    pub(super) fn replace_by_hand(
        &mut self,
        child: ChildId,
        start: &Start,
        reply: Reply,
        origin: &Origin,
    ) {
        let subject = self.subject(child).replaced(self.would_be_left_out(child, &start.spec));
        let restart = match subject.restart() {
            // The child is on its way out.
            _ if self.children.is_leaving(child) => {
                return reply.send(Err(self.refusal(child, Refusal::Stopped)));
            }
            Ok(restart) => restart,
            Err(refusal) => return reply.send(Err(self.refusal(child, refusal))),
        };
        if let Err(error) = self.validate_successor(child, start) {
            return reply.send(Err(error));
        }
        if self.awaits_restart(child, restart, reply, origin) {
            // The child stays a member of its pool.
            let spec = start.spec.in_pool_of(self.children.next_spec(child));
            self.replace(child, spec);
            self.carry_out_restart(child, restart);
        }
    }

    /// Checks a spec that is to take the place of a child's by the rules of a declaration.
    fn validate_successor(&self, child: ChildId, start: &Start) -> Result<(), CommandError> {
        let (spec, lineage) = (&start.spec, self.scope.lineage());
        let slot = &self.children[child];
        let name = slot.name();
        self.declaration
            .validate_child(lineage, name, name, spec, start.is_shared)
            .map_err(CommandError::Invalid)?;
        // The instance that is to end may be, or contain, a run of a supervisor in the new spec.
        let body = slot.body();
        let is_to_end = |run: &Scope| match body {
            Some(Body::Supervisor(own)) => run.is_in(own),
            _ => false,
        };
        if runs_elsewhere(spec, is_to_end) {
            let (path, kind) = (lineage.join(name), InvalidTreeKind::ListedTwice);
            return Err(CommandError::Invalid(InvalidTree { path, kind }));
        }
        if spec.starts_once() && (start.is_shared || self.declaration.dynamic.is_none()) {
            return Err(CommandError::StartsOnce { path: lineage.join(name) });
        }
        Ok(())
    }
}
