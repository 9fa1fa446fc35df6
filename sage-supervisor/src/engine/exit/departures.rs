//! The significant children that have ended for good.

use std::sync::Arc;

use crate::engine::children::{Children, Slot};
use crate::error::SignificantExit;
use crate::exit::Exit;
use crate::lineage::Lineage;
use crate::scope::ChildId;

/// The significant children that have ended for good, in one run of their supervisor.
#[derive(Default)]
pub(crate) struct Departures {
    /// The departures of this turn.
    now: Vec<Departure>,
    /// The number of departures that were failures.
    failures: u64,
    /// The first failure among children that have been removed since, and its number.
    removed: Option<(u64, SignificantExit)>,
}

/// The departure of one child.
pub(super) struct Departure {
    /// `None` if the child was removed in the very turn of its exit.
    pub(super) child: Option<ChildId>,
    pub(super) name: Arc<str>,
    pub(super) exit: Exit,
}

impl Departures {
    /// Adds a child that has just ended for good.
    pub(super) fn add(&mut self, child: ChildId, slot: &mut Slot) {
        let exit = slot.last_exit().cloned().expect("the child has ended");
        if exit.is_failure() {
            self.failures += 1;
            slot.record_mut().failed_for_good(self.failures);
        }
        let name = Arc::clone(slot.name());
        self.now.push(Departure { child: Some(child), name, exit });
    }

    /// Returns whether there is no departure in this turn.
    pub(super) fn is_empty(&self) -> bool {
        self.now.is_empty()
    }

    /// Takes the departures of this turn out.
    pub(super) fn take(&mut self) -> Vec<Departure> {
        std::mem::take(&mut self.now)
    }

    /// Forgets the id of a child that is removed, because it may be given to another child. The fact
    /// that the child has departed, and how, is kept.
    pub(crate) fn forget(&mut self, child: ChildId, slot: &Slot, lineage: &Lineage) {
        for departure in &mut self.now {
            departure.child.take_if(|departed| *departed == child);
        }
        if let Some(number) = slot.record().departure() {
            // Only the first failure is ever reported, so one removed child is enough to remember.
            if self.removed.as_ref().is_none_or(|(first, _)| number < *first) {
                self.removed = Some((number, significant_exit(slot, lineage)));
            }
        }
    }

    /// Takes out the first failure among all departures. A child that was started again does not count.
    pub(super) fn first_failure(
        &mut self,
        children: &Children,
        lineage: &Lineage,
    ) -> Option<SignificantExit> {
        let failed = |child| Some((children[child].record().departure()?, child));
        let present = children.all().filter_map(failed).min_by_key(|&(number, _)| number);
        match (present, self.removed.take()) {
            (Some((number, child)), Some((first, _))) if number < first => {
                Some(significant_exit(&children[child], lineage))
            }
            (_, Some((_, removed))) => Some(removed),
            (Some((_, child)), None) => Some(significant_exit(&children[child], lineage)),
            (None, None) => None,
        }
    }
}

fn significant_exit(slot: &Slot, lineage: &Lineage) -> SignificantExit {
    let exit = slot.last_exit().cloned().expect("the child has failed");
    SignificantExit { path: lineage.join(slot.name()), exit }
}
