//! The specs that take the place of others.

use std::sync::Arc;

use crate::child::{ChildSpec, Kind};
use crate::contain::contain;
use crate::engine::Engine;
use crate::engine::children::Plan;
use crate::engine::phase::Phase;
use crate::scope::ChildId;

impl Engine {
    /// Puts a spec in the place of the present one: now in the declaration, and for the instances once
    /// the present one has ended, which is treated by its own spec until then.
    pub(crate) fn replace(&mut self, child: ChildId, spec: Arc<ChildSpec>) {
        self.redeclare(child, &spec);
        self.children.set_successor(child, spec);
        self.succeed_if_due(child);
    }

    /// Puts the spec of a child that is down in the place of the one before, if one is waiting for that.
    #[inline]
    pub(crate) fn succeed_if_due(&mut self, child: ChildId) {
        if self.children.has_changes() && self.children[child].phase() == Phase::Down {
            self.succeed(child);
        }
    }

    #[cold]
    fn succeed(&mut self, child: ChildId) {
        let Some(spec) = self.children.take_successor(child) else { return };
        // The new spec is another program, which neither pays nor makes up for the restarts of the one
        // before.
        let record = self.children[child].record_mut();
        record.end_row();
        record.clear_limit();
        if self.limit.has_debtors() {
            self.limit.disown(Some(child));
        }
        drop_spec(self.children.replace_spec(child, spec));
    }

    /// Returns the plan for a child as far as the consequences of its exit depend on it. An instance
    /// whose successor waits has no start of its own to fail.
    #[inline]
    pub(crate) fn plan_after_exit(&self, child: ChildId, plan: Plan) -> Plan {
        if self.children.has_changes() && plan == Plan::Policy && self.children.has_successor(child)
        {
            return Plan::Start;
        }
        plan
    }

    /// Handles the message that the declaration of a nested supervisor has changed while it runs.
    pub(crate) fn redeclared(
        &mut self,
        child: ChildId,
        instance: u64,
        nested: &ChildSpec,
        reloads: u64,
    ) {
        // A reload that is on its way down contains what the nested supervisor becomes.
        if self.reloads.is_behind(child, instance, reloads) {
            return;
        }
        let slot = self.children.get(child);
        let is_present =
            slot.is_some_and(|slot| slot.instance() == instance && slot.is_supervisor());
        let (true, Kind::Supervisor(declaration)) = (is_present, nested.kind()) else { return };
        let spec = self.children[child].spec().redeclared(Arc::clone(declaration));
        let spec = Arc::new(spec);
        // Another spec may have taken the place of this one in the declaration already.
        if !self.children.has_successor(child) {
            self.redeclare(child, &spec);
        }
        drop_spec(self.children.replace_spec(child, spec));
    }

    /// Puts a spec into the declaration of this run, and tells the supervisor above, which builds this
    /// one anew from its declaration. A child that was added is not in the declaration.
    fn redeclare(&mut self, child: ChildId, spec: &Arc<ChildSpec>) {
        if self.children[child].is_added() {
            return;
        }
        // The plan that the tree was started from stays as it is, because others may run it again.
        let before = Arc::make_mut(&mut self.declaration).replace(Arc::clone(spec));
        if let Some(before) = before {
            drop_spec(before);
        }
        self.tell_redeclared();
    }

    /// Tells the supervisor above that the declaration of this run has changed.
    pub(super) fn tell_redeclared(&self) {
        self.scope.tell_redeclared(self.reloads.received(), || {
            Arc::new(ChildSpec::supervisor(String::new(), Arc::clone(&self.declaration)))
        });
    }
}

/// Drops a spec, whose destructor is the user's and may panic.
pub(super) fn drop_spec(spec: Arc<ChildSpec>) {
    let _ = contain(|| drop(spec));
}
