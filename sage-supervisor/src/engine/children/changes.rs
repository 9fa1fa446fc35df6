//! The changes of the declaration that wait for the ends and starts of children.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::child::ChildSpec;
use crate::scope::ChildId;

/// The changes that wait for the ends and starts of children. They are kept apart from the slots, of which
/// there may be a million, because hardly any child is ever changed.
#[derive(Default)]
pub(super) struct Changes(Option<Box<Waiting>>);

#[derive(Default)]
struct Waiting {
    /// The specs that take the place of others once the instances of those have ended.
    successors: HashMap<ChildId, Arc<ChildSpec>>,
    /// The children that are removed once they are down.
    leaving: HashSet<ChildId>,
    /// The children that a reload has yet to start.
    unstarted: HashSet<ChildId>,
}

impl Waiting {
    #[cold]
    fn successor(&self, child: ChildId) -> Option<&Arc<ChildSpec>> {
        self.successors.get(&child)
    }

    #[cold]
    fn is_leaving(&self, child: ChildId) -> bool {
        self.leaving.contains(&child)
    }
}

impl Changes {
    /// Returns whether nothing waits.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub(super) fn set_successor(&mut self, child: ChildId, spec: Arc<ChildSpec>) {
        // A successor that never came to be started is dropped here.
        drop(self.0.get_or_insert_default().successors.insert(child, spec));
    }

    #[inline]
    pub(super) fn successor(&self, child: ChildId) -> Option<&Arc<ChildSpec>> {
        self.0.as_ref()?.successor(child)
    }

    pub(super) fn take_successor(&mut self, child: ChildId) -> Option<Arc<ChildSpec>> {
        self.change(|waiting| waiting.successors.remove(&child)).flatten()
    }

    pub(super) fn set_leaving(&mut self, child: ChildId, is_leaving: bool) {
        if is_leaving {
            self.0.get_or_insert_default().leaving.insert(child);
        } else {
            self.change(|waiting| waiting.leaving.remove(&child));
        }
    }

    #[inline]
    pub(super) fn is_leaving(&self, child: ChildId) -> bool {
        self.0.as_ref().is_some_and(|waiting| waiting.is_leaving(child))
    }

    pub(super) fn set_unstarted(&mut self, child: ChildId, is_unstarted: bool) {
        if is_unstarted {
            self.0.get_or_insert_default().unstarted.insert(child);
        } else {
            self.change(|waiting| waiting.unstarted.remove(&child));
        }
    }

    pub(super) fn is_unstarted(&self, child: ChildId) -> bool {
        self.0.as_ref().is_some_and(|waiting| waiting.unstarted.contains(&child))
    }

    /// Returns whether a reload has yet to start any child.
    #[inline]
    pub(super) fn has_unstarted(&self) -> bool {
        self.0.as_ref().is_some_and(|waiting| !waiting.unstarted.is_empty())
    }

    /// Forgets a child that is removed, because its id may be given to another one.
    pub(super) fn forget(&mut self, child: ChildId) {
        let spec = self.change(|waiting| {
            waiting.leaving.remove(&child);
            waiting.unstarted.remove(&child);
            waiting.successors.remove(&child)
        });
        drop(spec);
    }

    /// Takes something out, and frees the room once nothing waits.
    fn change<R>(&mut self, take: impl FnOnce(&mut Waiting) -> R) -> Option<R> {
        let waiting = self.0.as_mut()?;
        let taken = take(waiting);
        let Waiting { successors, leaving, unstarted } = &**waiting;
        if successors.is_empty() && leaving.is_empty() && unstarted.is_empty() {
            self.0 = None;
        }
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(name: &str) -> Arc<ChildSpec> {
        Arc::new(ChildSpec::new(name, async |_| {}))
    }

    #[test]
    fn the_last_successor_wins_and_is_taken_once() {
        let (mut changes, child) = (Changes::default(), ChildId::new(0));
        assert!(changes.is_empty() && changes.take_successor(child).is_none());
        changes.set_successor(child, spec("a"));
        changes.set_successor(child, spec("b"));
        assert!(changes.successor(ChildId::new(1)).is_none());
        let taken = changes.take_successor(child).map(|spec| spec.name().to_owned());
        assert_eq!(taken.as_deref(), Some("b"));
        assert!(changes.is_empty() && changes.successor(child).is_none());
    }

    #[test]
    fn nothing_is_kept_of_a_child_that_is_removed() {
        let (mut changes, child) = (Changes::default(), ChildId::new(0));
        changes.set_successor(child, spec("a"));
        changes.set_leaving(child, true);
        changes.set_unstarted(child, true);
        assert!(changes.is_leaving(child) && changes.is_unstarted(child));
        changes.set_leaving(child, false);
        assert!(!changes.is_leaving(child) && !changes.is_empty());
        changes.forget(child);
        assert!(changes.is_empty() && !changes.is_unstarted(child));
    }
}
