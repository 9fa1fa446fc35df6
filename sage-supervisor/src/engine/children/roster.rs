//! The order of the children of one supervisor.

use std::ops::{Index, IndexMut};
use std::sync::Arc;

use super::slot::Slot;
use crate::child::ChildSpec;
use crate::scope::ChildId;

/// The children of one supervisor, in start order: a doubly linked list whose nodes are the places of
/// a vector. Every operation but the iterators is O(1).
///
/// A removed child leaves its place empty for another child. Empty places at the end are given back
/// to the allocator.
#[derive(Default)]
pub(crate) struct Roster {
    places: Vec<Option<Place>>,
    /// The places that may be empty. A place that has been given back or taken again may still be
    /// listed, even twice; [`empty_place`](Self::empty_place) checks.
    free: Vec<ChildId>,
    first: Option<ChildId>,
    last: Option<ChildId>,
    added: u64,
    len: usize,
}

struct Place {
    slot: Slot,
    /// The number of children that were added before this one. It grows along the order.
    rank: u64,
    before: Option<ChildId>,
    after: Option<ChildId>,
}

impl Roster {
    pub(super) fn with_room_for(children: usize) -> Self {
        Self { places: Vec::with_capacity(children), ..Self::default() }
    }

    pub(super) fn add_last(&mut self, name: Arc<str>, spec: Arc<ChildSpec>) -> ChildId {
        let id = self.empty_place();
        let before = self.last.replace(id);
        match before {
            Some(before) => self.place_mut(before).after = Some(id),
            None => self.first = Some(id),
        }
        let slot = Slot::new(name, spec);
        self.places[id.index()] = Some(Place { slot, rank: self.added, before, after: None });
        self.added += 1;
        self.len += 1;
        id
    }

    fn empty_place(&mut self) -> ChildId {
        // Entries of `free` may be stale, so each is checked against its place. Every entry is
        // popped once, so this is O(1) amortised.
        while let Some(id) = self.free.pop() {
            if matches!(self.places.get(id.index()), Some(None)) {
                return id;
            }
        }
        let id = ChildId::new(self.places.len());
        self.places.push(None);
        id
    }

    /// Removes a child that is down. Its id may be given to another child later.
    pub(super) fn remove(&mut self, id: ChildId) {
        let Some(place) = self.places[id.index()].take() else { return };
        debug_assert!(!place.slot.has_callers(), "every caller has been answered");
        let Place { before, after, .. } = place;
        match before {
            Some(before) => self.place_mut(before).after = after,
            None => self.first = after,
        }
        match after {
            Some(after) => self.place_mut(after).before = before,
            None => self.last = before,
        }
        self.len -= 1;
        self.free.push(id);
        self.give_back();
        // This runs the destructors of what the user gave, so the roster must be consistent by now.
        drop(place);
    }

    /// Puts all children into this order, which contains each of them once.
    pub(super) fn reorder(&mut self, order: &[ChildId]) {
        debug_assert_eq!(order.len(), self.len, "each child has one place");
        for (rank, &id) in (0..).zip(order) {
            let place = self.place_mut(id);
            place.rank = rank;
            (place.before, place.after) = (None, None);
        }
        for pair in order.windows(2) {
            self.place_mut(pair[0]).after = Some(pair[1]);
            self.place_mut(pair[1]).before = Some(pair[0]);
        }
        (self.first, self.last) = (order.first().copied(), order.last().copied());
    }

    /// Returns all slots, in no order.
    pub(crate) fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.places.iter().flatten().map(|place| &place.slot)
    }

    /// Takes all slots apart, in start order.
    pub(super) fn into_slots(mut self) -> impl Iterator<Item = (ChildId, Slot)> {
        let mut next = self.first;
        std::iter::from_fn(move || {
            let id = next?;
            let place = self.places[id.index()].take()?;
            next = place.after;
            Some((id, place.slot))
        })
    }

    /// Drops the empty places at the end, and their memory once most of it is unused.
    fn give_back(&mut self) {
        // Each empty place was pushed once, so this loop is O(1) amortised.
        while matches!(self.places.last(), Some(None)) {
            self.places.pop();
        }
        if self.places.len() < self.places.capacity() / 4 {
            self.places.shrink_to(self.places.len() * 2);
            // A stale entry beyond the end would name a place that the vector may grow again later.
            self.free.retain(|id| id.index() < self.places.len());
            self.free.shrink_to_fit();
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Returns the number of children that have ever been added.
    pub(crate) fn added(&self) -> u64 {
        self.added
    }

    pub(crate) fn first(&self) -> Option<ChildId> {
        self.first
    }

    pub(crate) fn last(&self) -> Option<ChildId> {
        self.last
    }

    pub(crate) fn before(&self, id: ChildId) -> Option<ChildId> {
        self.place(id).before
    }

    pub(crate) fn after(&self, id: ChildId) -> Option<ChildId> {
        self.place(id).after
    }

    /// Returns the rank of a child. A child with a smaller rank starts earlier.
    pub(crate) fn rank(&self, id: ChildId) -> u64 {
        self.place(id).rank
    }

    /// Returns all children, in start order.
    pub(crate) fn all(&self) -> impl Iterator<Item = ChildId> + '_ {
        self.from(self.first)
    }

    /// Returns the children from `id` on, in start order.
    pub(crate) fn from(&self, id: Option<ChildId>) -> impl Iterator<Item = ChildId> + '_ {
        std::iter::successors(id, |&id| self.after(id))
    }

    pub(crate) fn contains(&self, id: ChildId) -> bool {
        matches!(self.places.get(id.index()), Some(Some(_)))
    }

    /// Returns the slot of a child, unless it was removed.
    pub(crate) fn get(&self, id: ChildId) -> Option<&Slot> {
        Some(&self.places.get(id.index())?.as_ref()?.slot)
    }

    pub(super) fn get_mut(&mut self, id: ChildId) -> Option<&mut Slot> {
        Some(&mut self.places.get_mut(id.index())?.as_mut()?.slot)
    }

    #[inline]
    fn place(&self, id: ChildId) -> &Place {
        self.places[id.index()].as_ref().expect("the child has not been removed")
    }

    #[inline]
    fn place_mut(&mut self, id: ChildId) -> &mut Place {
        self.places[id.index()].as_mut().expect("the child has not been removed")
    }
}

impl Index<ChildId> for Roster {
    type Output = Slot;

    #[inline]
    fn index(&self, id: ChildId) -> &Slot {
        &self.place(id).slot
    }
}

impl IndexMut<ChildId> for Roster {
    #[inline]
    fn index_mut(&mut self, id: ChildId) -> &mut Slot {
        &mut self.place_mut(id).slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(roster: &mut Roster, name: &str) -> ChildId {
        roster.add_last(Arc::from(name), Arc::new(ChildSpec::new(name, async |_| {})))
    }

    fn names(roster: &Roster) -> String {
        roster.all().map(|id| roster[id].name().to_string()).collect()
    }

    #[test]
    fn the_order_survives_removals() {
        let mut roster = Roster::default();
        let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| add(&mut roster, name));
        assert_eq!(names(&roster), "abcd");
        roster.remove(b);
        roster.remove(a);
        assert_eq!(names(&roster), "cd");
        let e = add(&mut roster, "e");
        assert_eq!(names(&roster), "cde");
        assert!(
            roster.rank(d) < roster.rank(e),
            "the new child took a place from the middle, and is still the last"
        );
        roster.remove(e);
        assert_eq!((roster.first(), roster.last(), roster.len()), (Some(c), Some(d), 2));
    }

    #[test]
    fn another_order_is_kept_by_later_changes() {
        let mut roster = Roster::default();
        let [a, b, c] = ["a", "b", "c"].map(|name| add(&mut roster, name));
        roster.reorder(&[c, a, b]);
        assert_eq!(names(&roster), "cab");
        assert!(roster.rank(c) < roster.rank(a) && roster.rank(a) < roster.rank(b));
        roster.remove(a);
        let d = add(&mut roster, "d");
        assert_eq!(names(&roster), "cbd");
        assert!(roster.rank(b) < roster.rank(d));
        assert_eq!((roster.first(), roster.last(), roster.before(b)), (Some(c), Some(d), Some(c)));
        roster.remove(c);
        roster.remove(b);
        roster.remove(d);
        roster.reorder(&[]);
        assert_eq!(roster.first(), None);
    }

    #[test]
    fn places_are_reused_and_given_back() {
        let mut roster = Roster::default();
        let keep = add(&mut roster, "keep");
        for _ in 0..10 {
            let many: Vec<_> = (0..1_000).map(|_| add(&mut roster, "x")).collect();
            assert!(roster.places.capacity() < 4_000);
            // The children in the middle go first, then those at both ends.
            for &id in many[300..].iter().chain(&many[..300]) {
                roster.remove(id);
            }
            assert_eq!(names(&roster), "keep");
        }
        assert!(roster.places.capacity() < 10 && roster.free.capacity() < 10);
        roster.remove(keep);
        assert_eq!(roster.len(), 0);
    }
}
