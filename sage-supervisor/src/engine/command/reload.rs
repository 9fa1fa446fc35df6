//! The command that compares the declaration with another one, and its steps.

use std::sync::Arc;

use super::admission::runs_elsewhere;
use crate::child::{ChildSpec, Declaration, Kind, Scope};
use crate::command::Reload;
use crate::engine::Engine;
use crate::engine::children::Until;
use crate::engine::phase::Phase;
use crate::engine::procedure::Blockers;
use crate::engine::reloads::ReloadOrder;
use crate::engine::view::Refusal;
use crate::error::{InvalidTree, InvalidTreeKind};
use crate::scope::{ChildId, Origin, ReloadStep, Reply};

impl Engine {
    /// Puts another declaration in the place of the present one. A supervisor above hands on what it has
    /// checked itself.
    pub(super) fn reload_by_hand(
        &mut self,
        declared: Arc<ChildSpec>,
        handed_on: Option<u64>,
        reply: Reply<Reload>,
        origin: &Origin,
    ) {
        let Kind::Supervisor(declaration) = declared.kind() else { return };
        if self.is_ending() {
            return reply.send(Err(self.is_ending_error()));
        }
        if handed_on.is_none() {
            if let Err(invalid) = self.validate_reload(declaration) {
                return reply.send(Err(crate::command::CommandError::Invalid(invalid)));
            }
        }
        // A child of the tree may be what the reload has to wait for.
        let mut replies = vec![reply];
        if self.is_awaited_by_child(origin) {
            let told = self.foresee_reload(declaration);
            replies.drain(..).for_each(|reply| reply.send(Ok(told.clone())));
        }
        self.begin_reload(ReloadOrder { declared, handed_on, replies });
    }

    fn validate_reload(&self, declared: &Declaration) -> Result<(), InvalidTree> {
        let lineage = self.scope.lineage();
        let broken = |kind| InvalidTree { path: lineage.to_string(), kind };
        if self.declaration.dynamic.is_some() {
            return Err(broken(InvalidTreeKind::DynamicReload));
        }
        declared.validate_at(lineage)?;
        // A dynamic supervisor that runs here is stopped before it is started in another place.
        let is_here = |run: &Scope| run.is_in(&self.scope);
        match declared.children.iter().find(|child| runs_elsewhere(child, is_here)) {
            Some(child) => {
                let path = lineage.join(child.name());
                Err(InvalidTree { path, kind: InvalidTreeKind::ListedTwice })
            }
            None => Ok(()),
        }
    }

    /// Returns whether a child of the tree awaits the command itself. A child is known by the handle of its
    /// own context, or by its task if this is its supervisor.
    fn is_awaited_by_child(&self, origin: &Origin) -> bool {
        match origin.asker() {
            Some(asker) => asker.awaits(),
            None => self.children.all().any(|child| self.is_given_by(origin, child)),
        }
    }

    /// Carries out one step of a reload, unless another reload has overtaken it.
    pub(super) fn reload_step(
        &mut self,
        child: ChildId,
        step: ReloadStep,
        number: u64,
        reply: Reply,
    ) {
        let origin = Origin::default();
        if !self.reloads.is_last(number) {
            return reply.send(Err(self.refusal(child, Refusal::Stopped)));
        }
        if step == ReloadStep::Stop {
            return self.stop_by_hand(child, reply, &origin);
        }
        self.children.set_unstarted(child, false);
        let slot = &self.children[child];
        // The restart of its group may have started the child from its new spec.
        let is_new = !self.children.has_successor(child);
        match slot.phase() {
            Phase::Up if is_new => reply.send(Ok(Arc::clone(slot.name()))),
            Phase::Starting if is_new => {
                self.answer_when(child, Until::Up, reply, &origin, Blockers::default());
            }
            _ => self.restart_by_hand(child, reply, &origin),
        }
    }
}
