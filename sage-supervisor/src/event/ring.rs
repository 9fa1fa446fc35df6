//! The events that somebody may still receive.
//!
//! Invariants:
//!
//! 1. An event is kept until every reader that was there when it came has taken it, or has left. No event
//!    is kept that nobody can receive.
//! 2. The readers of an event are readers of every later event that is kept. Events without a reader are
//!    therefore the oldest.
//! 3. The number and the weight of the events are bounded: the oldest make room for a new one. The newest
//!    event is kept whatever its weight.
//! 4. No event is dropped here. Every event that leaves the ring is returned, so that the caller drops it
//!    without a lock.

use std::collections::VecDeque;

/// The number of events that are kept.
pub(super) const MAX_EVENTS: usize = 1024;
/// The weight of the events that are kept, in bytes.
pub(super) const MAX_WEIGHT: usize = 16 * 1024 * 1024;

pub(super) struct Ring<T> {
    entries: VecDeque<Entry<T>>,
    /// The number of the first entry. The events are numbered from 0 on.
    first: u64,
    /// The weight of all entries.
    weight: usize,
    readers: usize,
}

struct Entry<T> {
    event: T,
    weight: usize,
    /// The number of readers that have not taken the event yet.
    unread: usize,
}

/// The place of a reader: the number of the next event that it takes.
pub(super) struct Cursor(u64);

/// The answer to a reader.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken<T> {
    Event(T),
    /// The reader has missed this number of events, which have made room for others.
    Missed(u64),
    /// There is no further event yet.
    Nothing,
}

impl<T> Default for Ring<T> {
    fn default() -> Self {
        Self { entries: VecDeque::new(), first: 0, weight: 0, readers: 0 }
    }
}

impl<T: Clone> Ring<T> {
    /// Adds a reader, which receives the events from now on.
    pub(super) fn enter(&mut self) -> Cursor {
        self.readers += 1;
        Cursor(self.first + self.entries.len() as u64)
    }

    /// Adds an event, and returns the events that it displaces. Without a reader that is the event itself.
    pub(super) fn push(&mut self, event: T, weight: usize) -> Vec<T> {
        if self.readers == 0 {
            return vec![event];
        }
        // The sum cannot overflow, and a heavier event displaces all others anyway.
        let weight = weight.min(MAX_WEIGHT);
        self.entries.push_back(Entry { event, weight, unread: self.readers });
        self.weight += weight;
        let mut displaced = Vec::new();
        while self.entries.len() > MAX_EVENTS
            || (self.weight > MAX_WEIGHT && self.entries.len() > 1)
        {
            displaced.extend(self.pop());
        }
        displaced
    }

    /// Takes the next event for a reader.
    pub(super) fn take(&mut self, cursor: &mut Cursor) -> Taken<T> {
        if let Some(missed) = self.first.checked_sub(cursor.0).filter(|&missed| missed > 0) {
            cursor.0 = self.first;
            return Taken::Missed(missed);
        }
        let Some(entry) = self.entry(cursor) else { return Taken::Nothing };
        let event = entry.event.clone();
        entry.unread -= 1;
        let is_last = entry.unread == 0;
        cursor.0 += 1;
        if is_last {
            // The entry is the oldest one (invariant 2). The clone returns its event.
            drop(self.pop());
        }
        Taken::Event(event)
    }

    /// Removes a reader, and returns the events that nobody else can receive.
    pub(super) fn leave(&mut self, cursor: &Cursor) -> Vec<T> {
        self.readers -= 1;
        let read = usize::try_from(cursor.0.saturating_sub(self.first)).unwrap_or(usize::MAX);
        for entry in self.entries.iter_mut().skip(read) {
            entry.unread -= 1;
        }
        let mut unread = Vec::new();
        while self.entries.front().is_some_and(|entry| entry.unread == 0) {
            unread.extend(self.pop());
        }
        unread
    }

    fn entry(&mut self, cursor: &Cursor) -> Option<&mut Entry<T>> {
        let at = usize::try_from(cursor.0.checked_sub(self.first)?).ok()?;
        self.entries.get_mut(at)
    }

    fn pop(&mut self) -> Option<T> {
        let entry = self.entries.pop_front()?;
        self.first += 1;
        self.weight -= entry.weight;
        // A burst of events leaves no memory behind.
        if self.entries.is_empty() && self.entries.capacity() > 64 {
            self.entries = VecDeque::new();
        }
        Some(entry.event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(ring: &mut Ring<u32>, cursor: &mut Cursor) -> Vec<u32> {
        std::iter::from_fn(|| match ring.take(cursor) {
            Taken::Event(event) => Some(event),
            Taken::Missed(_) | Taken::Nothing => None,
        })
        .collect()
    }

    #[test]
    fn an_event_is_kept_for_those_that_can_receive_it() {
        let mut ring = Ring::default();
        assert_eq!(ring.push(0, 1), [0], "nobody is there");
        let mut a = ring.enter();
        assert!(ring.push(1, 1).is_empty());
        let mut b = ring.enter();
        assert!(ring.push(2, 1).is_empty());
        assert_eq!(all(&mut ring, &mut b), [2]);
        assert_eq!(ring.entries.len(), 2, "both are kept for the first reader");
        assert_eq!(all(&mut ring, &mut a), [1, 2]);
        assert_eq!((ring.entries.len(), ring.weight), (0, 0));

        // A reader that leaves takes along what it alone could have received.
        assert!(ring.push(3, 1).is_empty());
        assert_eq!(ring.take(&mut b), Taken::Event(3));
        assert!(ring.push(4, 1).is_empty());
        assert_eq!(ring.leave(&a), [3]);
        assert_eq!(ring.leave(&b), [4]);
        assert_eq!((ring.entries.len(), ring.weight, ring.readers), (0, 0, 0));
        assert_eq!(ring.push(5, 1), [5]);
    }

    #[test]
    fn the_oldest_make_room() {
        let mut ring = Ring::default();
        let mut cursor = ring.enter();
        for event in 0..1_030_u32 {
            let displaced = ring.push(event, 1);
            assert_eq!(displaced, event.checked_sub(1_024).into_iter().collect::<Vec<_>>());
        }
        assert_eq!(ring.take(&mut cursor), Taken::Missed(6));
        assert_eq!(ring.take(&mut cursor), Taken::Event(6));
        // An event that displaces all others is kept.
        assert_eq!(ring.push(1_030, MAX_WEIGHT).len(), 1_023);
        assert_eq!(ring.take(&mut cursor), Taken::Missed(1_023));
        assert!(ring.push(1_031, 0).is_empty());
        assert_eq!(ring.push(1_032, usize::MAX), [1_030]);
        assert_eq!(ring.take(&mut cursor), Taken::Missed(1));
        assert_eq!(all(&mut ring, &mut cursor), [1_031, 1_032]);
        assert_eq!(ring.take(&mut cursor), Taken::Nothing);
        assert_eq!((ring.entries.len(), ring.weight), (0, 0));
    }

    /// Readers come, read and go in any order, and the counts agree with a plain list.
    #[test]
    fn random_readers_receive_what_came_after_them() {
        let mut state = 1_u64;
        let mut random = |below: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).expect("31 bits fit") % below
        };
        let mut ring = Ring::default();
        let mut readers: Vec<(Cursor, Vec<u32>)> = Vec::new();
        for event in 0..20_000 {
            match random(5) {
                0 if readers.len() < 4 => readers.push((ring.enter(), Vec::new())),
                1 if !readers.is_empty() => {
                    let (cursor, _) = readers.swap_remove(random(readers.len()));
                    ring.leave(&cursor);
                }
                2 if !readers.is_empty() => {
                    let number = random(readers.len());
                    let (cursor, due) = &mut readers[number];
                    assert_eq!(all(&mut ring, cursor), std::mem::take(due));
                }
                _ => {
                    ring.push(event, 1);
                    readers.iter_mut().for_each(|(_, due)| due.push(event));
                }
            }
            let longest = readers.iter().map(|(_, due)| due.len()).max().unwrap_or(0);
            assert_eq!((ring.entries.len(), ring.weight), (longest, longest));
        }
    }
}
