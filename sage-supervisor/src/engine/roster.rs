//! The children of one supervisor, in start order.

use std::ops::{Index, IndexMut};
use std::sync::Arc;

use super::clock::Moment;
use super::slot::{Phase, Slot};
use super::timers::{Alarm, Deadline};
use crate::child::ChildSpec;
use crate::child::id::ChildId;

/// The children of one supervisor, in start order. Everything but going over all of them is O(1).
///
/// A child that is removed leaves its place empty, for another to take; empty places at the end are
/// given back.
#[derive(Default)]
pub(super) struct Roster {
    places: Vec<Option<Place>>,
    /// Places that may be empty. One that was given back can be named here still, or twice.
    free: Vec<ChildId>,
    first: Option<ChildId>,
    last: Option<ChildId>,
    added: u64,
    len: usize,
}

struct Place {
    slot: Slot,
    /// How many were added before: grows along the order.
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
        while let Some(id) = self.free.pop() {
            if matches!(self.places.get(id.index()), Some(None)) {
                return id;
            }
        }
        let id = ChildId::new(self.places.len());
        self.places.push(None);
        id
    }

    /// Takes a child that is down out of the order. Its id may be another's later.
    pub(super) fn remove(&mut self, id: ChildId) {
        let Some(place) = self.places[id.index()].take() else { return };
        debug_assert!(place.slot.waiters.is_none(), "whoever waits for it is told");
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
        // Last of all: with it goes what a user gave.
        drop(place);
    }

    /// Whatever there is, in no order.
    pub(super) fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.places.iter().flatten().map(|place| &place.slot)
    }

    /// All children, in start order.
    pub(super) fn into_slots(mut self) -> impl Iterator<Item = (ChildId, Slot)> {
        let mut next = self.first;
        std::iter::from_fn(move || {
            let id = next?;
            let place = self.places[id.index()].take()?;
            next = place.after;
            Some((id, place.slot))
        })
    }

    /// Gives back what stands empty at the end, once it is most of the room.
    fn give_back(&mut self) {
        while matches!(self.places.last(), Some(None)) {
            self.places.pop();
        }
        if self.places.len() < self.places.capacity() / 4 {
            self.places.shrink_to(self.places.len() * 2);
            self.free.retain(|id| id.index() < self.places.len());
            self.free.shrink_to_fit();
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// How many have ever been added.
    pub(super) fn added(&self) -> u64 {
        self.added
    }

    pub(super) fn first(&self) -> Option<ChildId> {
        self.first
    }

    pub(super) fn last(&self) -> Option<ChildId> {
        self.last
    }

    pub(super) fn before(&self, id: ChildId) -> Option<ChildId> {
        self.place(id).before
    }

    pub(super) fn after(&self, id: ChildId) -> Option<ChildId> {
        self.place(id).after
    }

    /// Where a child stands in the order, to be compared.
    pub(super) fn rank(&self, id: ChildId) -> u64 {
        self.place(id).rank
    }

    /// The children from `id` to the last.
    pub(super) fn from(&self, id: Option<ChildId>) -> impl Iterator<Item = ChildId> + '_ {
        std::iter::successors(id, |&id| self.after(id))
    }

    pub(super) fn contains(&self, id: ChildId) -> bool {
        matches!(self.places.get(id.index()), Some(Some(_)))
    }

    /// The slot of a child, if this is still an instance of it and in this phase: what comes from
    /// elsewhere may come late.
    pub(super) fn still(&mut self, id: ChildId, instance: u64, phase: Phase) -> Option<&mut Slot> {
        let slot = &mut self.places.get_mut(id.index())?.as_mut()?.slot;
        (slot.instance == instance && slot.phase == phase).then_some(slot)
    }

    /// Whether a deadline has not been taken back by whoever it is about; a group knows its own.
    pub(super) fn is_pending(&self, deadline: &Deadline, group: Option<Moment>) -> bool {
        let own = match deadline.alarm {
            // One phase may be over at the moment at which the next would be.
            Alarm::Child { child, instance, phase } => {
                let slot =
                    self.places.get(child.index()).and_then(Option::as_ref).map(|it| &it.slot);
                slot.filter(|it| it.instance == instance && it.phase == phase)
                    .and_then(|it| it.timer)
            }
            Alarm::Group => group,
            Alarm::Overdue(_) | Alarm::Wave(_) => Some(deadline.at),
        };
        own == Some(deadline.at)
    }

    fn place(&self, id: ChildId) -> &Place {
        self.places[id.index()].as_ref().expect("it has not been removed")
    }

    fn place_mut(&mut self, id: ChildId) -> &mut Place {
        self.places[id.index()].as_mut().expect("it has not been removed")
    }
}

impl Index<ChildId> for Roster {
    type Output = Slot;

    fn index(&self, id: ChildId) -> &Slot {
        &self.place(id).slot
    }
}

impl IndexMut<ChildId> for Roster {
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
        roster.from(roster.first()).map(|id| roster[id].name.to_string()).collect()
    }

    #[test]
    fn the_order_outlives_removals() {
        let mut roster = Roster::default();
        let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| add(&mut roster, name));
        assert_eq!(names(&roster), "abcd");
        roster.remove(b);
        roster.remove(a);
        assert_eq!(names(&roster), "cd");
        let e = add(&mut roster, "e");
        assert_eq!(names(&roster), "cde");
        assert!(roster.rank(d) < roster.rank(e), "it took a place, and is last all the same");
        roster.remove(e);
        assert_eq!((roster.first(), roster.last(), roster.len()), (Some(c), Some(d), 2));
    }

    #[test]
    fn places_are_used_again_and_given_back() {
        let mut roster = Roster::default();
        let keep = add(&mut roster, "keep");
        for _ in 0..10 {
            let many: Vec<_> = (0..1_000).map(|_| add(&mut roster, "x")).collect();
            assert!(roster.places.capacity() < 4_000);
            // From the middle, then from both ends.
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
