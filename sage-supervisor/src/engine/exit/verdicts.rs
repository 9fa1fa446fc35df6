//! The verdicts of instances that have not ended yet.

use crate::scope::{ChildId, Verdict};

/// The verdicts of instances that have not ended yet. There are hardly ever any.
#[derive(Default)]
pub(in crate::engine) struct Verdicts(Vec<Pending>);

/// The verdict of an instance that has not ended yet.
pub(super) struct Pending {
    pub(super) verdict: Verdict,
    /// `true` if the instance was asked to stop because of its verdict, and not before.
    pub(super) is_cause: bool,
    /// `true` if the instance was not ready yet.
    pub(super) was_starting: bool,
}

impl Pending {
    fn is_of(&self, child: ChildId, instance: u64) -> bool {
        (self.verdict.child, self.verdict.instance) == (child, instance)
    }
}

impl Verdicts {
    pub(super) fn add(&mut self, pending: Pending) {
        self.0.push(pending);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn has(&self, child: ChildId, instance: u64) -> bool {
        self.0.iter().any(|pending| pending.is_of(child, instance))
    }

    /// Takes the verdict of an instance out that has ended.
    pub(super) fn take(&mut self, child: ChildId, instance: u64) -> Option<Pending> {
        let index = self.0.iter().position(|pending| pending.is_of(child, instance))?;
        Some(self.0.swap_remove(index))
    }
}
