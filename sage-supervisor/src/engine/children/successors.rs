//! The specs that take the place of others once the instances of those have ended.

use std::collections::HashMap;
use std::sync::Arc;

use crate::child::ChildSpec;
use crate::scope::ChildId;

/// The specs that are to take the place of others. They are kept apart from the slots, of which there may
/// be a million, because hardly any child is ever replaced.
#[derive(Default)]
pub(super) struct Successors(Option<Box<HashMap<ChildId, Arc<ChildSpec>>>>);

impl Successors {
    pub(super) fn set(&mut self, child: ChildId, spec: Arc<ChildSpec>) {
        // A successor that never came to be started is dropped here.
        drop(self.0.get_or_insert_default().insert(child, spec));
    }

    pub(super) fn get(&self, child: ChildId) -> Option<&Arc<ChildSpec>> {
        self.0.as_ref()?.get(&child)
    }

    pub(super) fn take(&mut self, child: ChildId) -> Option<Arc<ChildSpec>> {
        let specs = self.0.as_mut()?;
        let spec = specs.remove(&child);
        if specs.is_empty() {
            self.0 = None;
        }
        spec
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_successor_wins_and_is_taken_once() {
        let spec = |name: &str| Arc::new(ChildSpec::new(name, async |_| {}));
        let (mut successors, child) = (Successors::default(), ChildId::new(0));
        assert!(successors.is_empty() && successors.take(child).is_none());
        successors.set(child, spec("a"));
        successors.set(child, spec("b"));
        assert!(successors.get(ChildId::new(1)).is_none());
        assert_eq!(successors.take(child).map(|spec| spec.name().to_owned()).as_deref(), Some("b"));
        assert!(successors.is_empty() && successors.get(child).is_none());
    }
}
