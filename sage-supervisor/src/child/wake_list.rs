//! The tasks that wait for one event.
//!
//! Invariants:
//!
//! 1. A list without wakers and tokens has no allocation. Neither has a list that has only ever had
//!    one waker at a time, and no token.
//! 2. A waker keeps its place until it is removed, even when the list moves into a box.
//! 3. A free place is handed out again before the list grows, so that the list is never longer than
//!    the largest number of wakers that it has had at one time.
//! 4. The list calls no waker while it changes. The wakers that it removes are returned, so that the
//!    owner can drop them outside of its lock.
//! 5. The list never holds more than [`PARENTS`] tokens, however many were handed out. A token that
//!    its holder has dropped takes no memory.

use std::num::NonZeroU32;
use std::task::Waker;

use tokio_util::sync::CancellationToken;

use crate::contain::contain;

/// The number of tokens that have a parent of their own, and are therefore cancelled each by itself.
///
/// The panic of a waker ends the cancellation of one parent half way. With one parent for each token,
/// no other token is affected. The list cannot know which tokens were dropped, so a parent for every
/// token would keep memory for each connection of a server. Further tokens therefore share the
/// parents in turn.
pub(super) const PARENTS: usize = 16;

/// The wakers of the tasks that wait for one event. There is nearly always one such task, or none,
/// so the list itself takes only two words.
pub(super) enum WakeList {
    One(Waker),
    /// A list in a box, or an empty list if there is no box.
    Many(Option<Box<Many>>),
}

// A `Waker` is a pair of pointers, of which the one to the vtable is never null. The compiler marks
// the other variant with a null pointer in that place, so the enum needs no tag.
const _: () = assert!(size_of::<WakeList>() <= 2 * size_of::<usize>());

#[derive(Default)]
pub(super) struct Many {
    places: Vec<Option<Waker>>,
    /// The places without a waker.
    free: Vec<Place>,
    /// The parents of the tokens that were handed out.
    parents: Vec<CancellationToken>,
    /// The number of tokens that were handed out.
    tokens: usize,
}

/// The place of one task's waker in the list, until the waker is removed. Only the task that added
/// the waker uses the place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(NonZeroU32);

impl Place {
    /// The place of the only waker in the list, which keeps this place when others are added.
    const FIRST: Self = Self(NonZeroU32::MIN);

    fn new(index: usize) -> Self {
        // The number is the index plus one. The value zero, which it never has, makes an
        // `Option<Place>` as small as a `Place`.
        let number = u32::try_from(index + 1).ok().and_then(NonZeroU32::new);
        Self(number.expect("fewer than 2^32 tasks wait for one event"))
    }

    fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

impl Default for WakeList {
    fn default() -> Self {
        Self::Many(None)
    }
}

impl WakeList {
    /// Adds a waker, and returns its place.
    pub(super) fn add(&mut self, waker: Waker) -> Place {
        // Only a list without a box takes a waker inline. A box that is left has a waker or a
        // token, see `remove`.
        if matches!(self, Self::Many(None)) {
            *self = Self::One(waker);
            return Place::FIRST;
        }
        let many = self.many();
        if let Some(place) = many.free.pop() {
            many.places[place.index()] = Some(waker);
            return place;
        }
        many.places.push(Some(waker));
        Place::new(many.places.len() - 1)
    }

    /// Returns `true` if the waker at `place` wakes the same task as `waker`.
    pub(super) fn has(&self, place: Place, waker: &Waker) -> bool {
        let known = match self {
            Self::One(known) => Some(known),
            Self::Many(many) => many.as_ref().and_then(|many| many.places[place.index()].as_ref()),
        };
        known.is_some_and(|known| known.will_wake(waker))
    }

    /// Replaces the waker at `place`, and returns the one before.
    pub(super) fn replace(&mut self, place: Place, waker: Waker) -> Option<Waker> {
        match self {
            // The only waker is always at `Place::FIRST`: a list loses its box only when it is
            // empty, and an empty list gets its next waker there.
            Self::One(known) => Some(std::mem::replace(known, waker)),
            Self::Many(many) => many.as_mut()?.places[place.index()].replace(waker),
        }
    }

    /// Removes the waker at `place`, and returns it.
    pub(super) fn remove(&mut self, place: Place) -> Option<Waker> {
        let many = match std::mem::take(self) {
            Self::One(waker) => return Some(waker),
            Self::Many(many) => many,
        };
        let mut many = many?;
        let waker = many.places[place.index()].take();
        many.free.push(place);
        // The box is kept only while it has a waker or a token, so that a list without them is
        // inline again.
        if many.free.len() < many.places.len() || !many.parents.is_empty() {
            *self = Self::Many(Some(many));
        }
        waker
    }

    /// A new token, which is cancelled by [`wake`](Self::wake). Cancelling the token itself has no
    /// effect on other tokens.
    pub(super) fn token(&mut self) -> CancellationToken {
        let many = self.many();
        let turn = many.tokens % PARENTS;
        many.tokens = many.tokens.wrapping_add(1);
        if turn == many.parents.len() {
            many.parents.push(CancellationToken::new());
        }
        many.parents[turn].child_token()
    }

    /// The boxed list, into which a single waker is moved first.
    fn many(&mut self) -> &mut Many {
        // The first waker keeps the place `FIRST`, which is the index 0 of the new list (invariant
        // 2).
        if let Self::One(_) = self {
            if let Self::One(first) = std::mem::take(self) {
                *self = Self::Many(Some(Box::new(Many {
                    places: vec![Some(first)],
                    ..Many::default()
                })));
            }
        }
        match self {
            Self::Many(many) => many.get_or_insert_default(),
            Self::One(_) => unreachable!("the single waker has been moved into the box"),
        }
    }

    /// Wakes all tasks, and cancels the tokens. A waker that panics does not keep the others from
    /// being woken.
    pub(super) fn wake(self) {
        let wake = |waker: Waker| drop(contain(|| waker.wake()));
        match self {
            Self::One(waker) => wake(waker),
            Self::Many(None) => {}
            Self::Many(Some(many)) => {
                many.places.into_iter().flatten().for_each(wake);
                // Cancelling a token wakes the tasks that wait for it, and one of their wakers may
                // panic as well.
                for parent in many.parents {
                    let _ = contain(|| parent.cancel());
                }
            }
        }
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Many(None))
    }
}
