//! The counters over the slots of one engine.

use std::sync::Arc;

use super::slot::{Caller, Plan, Slot, Taken, Until};
use crate::child::ChildSpec;
use crate::engine::phase::Phase;

/// The counters over the slots. Each of its methods changes a slot and counts the change.
#[derive(Default)]
pub(super) struct Counters {
    alive: usize,
    unresponsive: usize,
    significant: usize,
    held: usize,
    given_up: usize,
    callers: usize,
}

impl Counters {
    #[inline]
    pub(super) fn set_phase(&mut self, slot: &mut Slot, phase: Phase) {
        let before = slot.replace_phase(phase);
        let was_alive = usize::from(before != Phase::Down);
        let is_alive = usize::from(phase != Phase::Down);
        // Most changes keep the child alive. Only the others need a look at the spec.
        if was_alive != is_alive {
            self.alive = self.alive + is_alive - was_alive;
            if slot.spec().is_significant() {
                self.significant = self.significant + is_alive - was_alive;
            }
        }
        self.unresponsive += usize::from(phase == Phase::Unresponsive);
        self.unresponsive -= usize::from(before == Phase::Unresponsive);
    }

    /// Puts a spec in the place of the present one, which is returned.
    pub(super) fn replace_spec(&mut self, slot: &mut Slot, spec: Arc<ChildSpec>) -> Arc<ChildSpec> {
        let is_significant = spec.is_significant();
        let before = slot.replace_spec(spec);
        if slot.phase() != Phase::Down {
            self.significant += usize::from(is_significant);
            self.significant -= usize::from(before.is_significant());
        }
        before
    }

    #[inline]
    pub(super) fn set_plan(&mut self, slot: &mut Slot, plan: Plan) {
        let before = slot.replace_plan(plan);
        self.held += usize::from(plan == Plan::Stay);
        self.held -= usize::from(before == Plan::Stay);
    }

    #[inline]
    pub(super) fn set_given_up(&mut self, slot: &mut Slot, is_given_up: bool) {
        let before = slot.replace_given_up(is_given_up);
        self.given_up += usize::from(is_given_up);
        self.given_up -= usize::from(before);
    }

    pub(super) fn add_caller(&mut self, slot: &mut Slot, until: Until, caller: Caller) {
        let given_up = slot.add_caller(until, caller);
        self.callers = self.callers + 1 - given_up;
    }

    /// Takes out the callers that wait for one event.
    #[inline]
    pub(super) fn take_callers(&mut self, slot: &mut Slot, until: Until) -> Option<Taken> {
        let callers = slot.take_callers(until);
        self.callers -= callers.as_ref().map_or(0, Taken::len);
        callers
    }

    pub(super) fn alive(&self) -> usize {
        self.alive
    }

    pub(super) fn unresponsive(&self) -> usize {
        self.unresponsive
    }

    pub(super) fn significant(&self) -> usize {
        self.significant
    }

    pub(super) fn held(&self) -> usize {
        self.held
    }

    pub(super) fn given_up(&self) -> usize {
        self.given_up
    }

    pub(super) fn callers(&self) -> usize {
        self.callers
    }
}
