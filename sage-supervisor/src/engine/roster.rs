//! The children of one supervisor, in start order.

use std::num::NonZeroU32;
use std::ops::{Index, IndexMut};
use std::sync::Arc;

use super::slot::Slot;
use crate::child::ChildSpec;

/// Which child of its supervisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ChildId(NonZeroU32);

impl ChildId {
    fn new(index: usize) -> Self {
        let number = u32::try_from(index + 1).ok().and_then(NonZeroU32::new);
        Self(number.expect("a supervisor has fewer than 2^32 children"))
    }

    fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// The children of one supervisor, in start order. Everything but going over all of them is O(1).
#[derive(Default)]
pub(super) struct Roster {
    places: Vec<Place>,
    /// Places whose children have been removed.
    free: Vec<ChildId>,
    first: Option<ChildId>,
    last: Option<ChildId>,
    added: u64,
}

struct Place {
    slot: Slot,
    /// How many were added before: grows along the order.
    rank: u64,
    before: Option<ChildId>,
    after: Option<ChildId>,
}

impl Roster {
    pub(super) fn add_last(&mut self, spec: Arc<ChildSpec>) -> ChildId {
        let place = |before, rank| Place { slot: Slot::new(spec), rank, before, after: None };
        let id = self.free.pop().unwrap_or_else(|| ChildId::new(self.places.len()));
        let before = self.last.replace(id);
        match before {
            Some(before) => self.places[before.index()].after = Some(id),
            None => self.first = Some(id),
        }
        let place = place(before, self.added);
        match self.places.get_mut(id.index()) {
            Some(free) => *free = place,
            None => self.places.push(place),
        }
        self.added += 1;
        id
    }

    /// Takes a child that is down out of the order. Its id may be another's later.
    pub(super) fn remove(&mut self, id: ChildId) {
        let Place { before, after, .. } = self.places[id.index()];
        match before {
            Some(before) => self.places[before.index()].after = after,
            None => self.first = after,
        }
        match after {
            Some(after) => self.places[after.index()].before = before,
            None => self.last = before,
        }
        self.free.push(id);
    }

    pub(super) fn first(&self) -> Option<ChildId> {
        self.first
    }

    pub(super) fn last(&self) -> Option<ChildId> {
        self.last
    }

    pub(super) fn before(&self, id: ChildId) -> Option<ChildId> {
        self.places[id.index()].before
    }

    pub(super) fn after(&self, id: ChildId) -> Option<ChildId> {
        self.places[id.index()].after
    }

    /// Where a child stands in the order, to be compared.
    pub(super) fn rank(&self, id: ChildId) -> u64 {
        self.places[id.index()].rank
    }

    /// The children from `id` to the last.
    pub(super) fn from(&self, id: Option<ChildId>) -> impl Iterator<Item = ChildId> + '_ {
        std::iter::successors(id, |&id| self.after(id))
    }
}

impl Index<ChildId> for Roster {
    type Output = Slot;

    fn index(&self, id: ChildId) -> &Slot {
        &self.places[id.index()].slot
    }
}

impl IndexMut<ChildId> for Roster {
    fn index_mut(&mut self, id: ChildId) -> &mut Slot {
        &mut self.places[id.index()].slot
    }
}
