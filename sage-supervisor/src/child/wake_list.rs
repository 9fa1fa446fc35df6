//! Who waits for one thing.

use std::num::NonZeroU32;
use std::task::Waker;

use tokio_util::sync::CancellationToken;

use crate::contain::contain;

/// Who waits for one thing. Nearly always that is one task, or nobody: they take two words.
pub(super) enum WakeList {
    One(Waker),
    /// Nobody, if there is no box.
    Many(Option<Box<Many>>),
}

const _: () = assert!(size_of::<WakeList>() <= 2 * size_of::<usize>());

#[derive(Default)]
pub(super) struct Many {
    places: Vec<Option<Waker>>,
    /// Those that are empty.
    free: Vec<Place>,
    /// The parent of all that were given out.
    token: Option<CancellationToken>,
}

/// Where the waker of one who waits is, until that is removed. It is the only one to use the place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(NonZeroU32);

impl Place {
    /// That of somebody who is alone. It stays so when others come.
    const FIRST: Self = Self(NonZeroU32::MIN);

    fn new(index: usize) -> Self {
        let number = u32::try_from(index + 1).ok().and_then(NonZeroU32::new);
        Self(number.expect("fewer than 2^32 wait"))
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
    pub(super) fn add(&mut self, waker: Waker) -> Place {
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

    /// Whether the waker at this place wakes the same task as this one.
    pub(super) fn has(&self, place: Place, waker: &Waker) -> bool {
        let known = match self {
            Self::One(known) => Some(known),
            Self::Many(many) => many.as_ref().and_then(|many| many.places[place.index()].as_ref()),
        };
        known.is_some_and(|known| known.will_wake(waker))
    }

    /// Returns the waker that was there before.
    pub(super) fn replace(&mut self, place: Place, waker: Waker) -> Option<Waker> {
        match self {
            Self::One(known) => Some(std::mem::replace(known, waker)),
            Self::Many(many) => many.as_mut()?.places[place.index()].replace(waker),
        }
    }

    /// Returns the waker that was there.
    pub(super) fn remove(&mut self, place: Place) -> Option<Waker> {
        let many = match std::mem::take(self) {
            Self::One(waker) => return Some(waker),
            Self::Many(many) => many,
        };
        let mut many = many?;
        let waker = many.places[place.index()].take();
        many.free.push(place);
        if many.free.len() < many.places.len() || many.token.is_some() {
            *self = Self::Many(Some(many));
        }
        waker
    }

    /// The token that those are made from which are given out.
    pub(super) fn token(&mut self) -> &CancellationToken {
        self.many().token.get_or_insert_with(CancellationToken::new)
    }

    fn many(&mut self) -> &mut Many {
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
            Self::One(_) => unreachable!("it has been moved"),
        }
    }

    /// Wakes all of them. One that panics keeps no other from being woken.
    pub(super) fn wake(self) {
        let wake = |waker: Waker| drop(contain(|| waker.wake()));
        match self {
            Self::One(waker) => wake(waker),
            Self::Many(None) => {}
            Self::Many(Some(many)) => {
                many.places.into_iter().flatten().for_each(wake);
                if let Some(token) = many.token {
                    let _ = contain(|| token.cancel());
                }
            }
        }
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Many(None))
    }
}
