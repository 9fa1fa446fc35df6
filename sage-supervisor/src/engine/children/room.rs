//! The places that are reserved for children which do not exist yet, and the callers that wait for one.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::child::Scope;
use crate::scope::{Place, Reply};

/// The number of callers up to which nobody looks for those that have given up.
const CALLERS_KEPT: usize = 64;

/// The reserved places of one engine.
///
/// A place that becomes free goes to the caller that has waited longest. As long as anybody waits, there
/// is therefore no room for those who come later.
#[derive(Default)]
pub(super) struct Room {
    /// The number of places that are held free, whose [`Place`] has neither been used nor released.
    reserved: usize,
    /// The callers that wait for a place, in the order in which they came.
    waiting: VecDeque<Reply<Place>>,
}

impl Room {
    pub(super) fn reserved(&self) -> usize {
        self.reserved
    }

    pub(super) fn is_wanted(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Gives a place to a caller.
    pub(super) fn grant(&mut self, reply: Reply<Place>, scope: &Arc<Scope>) {
        self.reserved += 1;
        // If the caller has just given up, the place comes back by its destructor.
        reply.send(Ok(Place::new(Arc::clone(scope) as Arc<_>)));
    }

    pub(super) fn release(&mut self) {
        debug_assert!(self.reserved > 0, "a place is given back once");
        self.reserved = self.reserved.saturating_sub(1);
    }

    /// Adds a caller that waits. A full queue first loses those who have given up, and has room for as
    /// many callers then as are left, so that the cost is O(1) amortised.
    pub(super) fn wait(&mut self, reply: Reply<Place>) {
        if self.waiting.len() == self.waiting.capacity() && self.waiting.len() >= CALLERS_KEPT {
            self.waiting.retain(|reply| !reply.is_closed());
            self.waiting.reserve(self.waiting.len());
        }
        self.waiting.push_back(reply);
    }

    /// Takes out the caller that has waited longest, of those who still wait.
    pub(super) fn next(&mut self) -> Option<Reply<Place>> {
        while let Some(reply) = self.waiting.pop_front() {
            if !reply.is_closed() {
                return Some(reply);
            }
        }
        // A crowd must not leave a large queue behind.
        self.waiting.shrink_to(CALLERS_KEPT);
        None
    }

    /// Takes out everybody who waits.
    pub(super) fn take_waiting(&mut self) -> VecDeque<Reply<Place>> {
        std::mem::take(&mut self.waiting)
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;
    use crate::command::CommandError;
    use crate::lineage::Lineage;

    type Answer = oneshot::Receiver<Result<Place, CommandError>>;

    fn caller(room: &mut Room) -> Answer {
        let (reply, answer) = oneshot::channel();
        room.wait(Reply::new(reply));
        answer
    }

    #[test]
    fn the_longest_wait_is_served_first_and_those_who_gave_up_are_passed_over() {
        let scope = Scope::root(Lineage::root(Arc::from("root")));
        let mut room = Room::default();
        let [first, mut second, third] = [(); 3].map(|()| caller(&mut room));
        drop(first);
        let next = room.next().expect("two wait");
        room.grant(next, &scope);
        assert!(second.try_recv().is_ok());
        assert_eq!((room.reserved(), room.is_wanted()), (1, true));
        room.release();
        drop(third);
        assert!(room.next().is_none());
        assert_eq!((room.reserved(), room.is_wanted()), (0, false));
    }

    #[test]
    fn callers_that_have_given_up_do_not_pile_up() {
        let mut room = Room::default();
        let _patient = caller(&mut room);
        for _ in 0..100_000 {
            drop(caller(&mut room));
        }
        assert!(room.waiting.capacity() < 1_000, "{}", room.waiting.capacity());
        assert!(room.next().is_some() && room.next().is_none());
    }
}
