//! The callers that wait for the end of an instance, or for a state of a child.

use std::collections::HashMap;

use crate::command::{ChildStatus, CommandError, Condition, Met};
use crate::exit::Exit;
use crate::scope::{ChildId, Reply};

/// The number of callers up to which nobody looks for those that have given up.
const KEPT: usize = 64;

/// The callers that wait for ends and states. Most supervisors have none, and pay for a pointer.
#[derive(Default)]
#[expect(clippy::box_collection, reason = "an empty map is six times as large as a pointer")]
pub(crate) struct Watchers(Option<Box<HashMap<ChildId, Watched>>>);

/// The callers that watch one child.
#[derive(Default)]
struct Watched {
    ends: Vec<Reply<Exit>>,
    states: Vec<(Condition, Reply<Met>)>,
}

impl Watchers {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Returns whether anybody watches this child.
    pub(crate) fn has(&self, child: ChildId) -> bool {
        self.0.as_ref().is_some_and(|all| all.contains_key(&child))
    }

    /// Returns the children that are watched.
    pub(crate) fn children(&self) -> Vec<ChildId> {
        self.0.as_ref().map_or_else(Vec::new, |all| all.keys().copied().collect())
    }

    pub(crate) fn add_end(&mut self, child: ChildId, reply: Reply<Exit>) {
        let ends = &mut self.of(child).ends;
        make_room(ends, Reply::is_closed);
        ends.push(reply);
    }

    pub(crate) fn add_state(&mut self, child: ChildId, condition: Condition, reply: Reply<Met>) {
        let states = &mut self.of(child).states;
        make_room(states, |(_, reply)| reply.is_closed());
        states.push((condition, reply));
    }

    /// Takes out the callers that wait for the end of a child.
    pub(super) fn take_ends(&mut self, child: ChildId) -> Vec<Reply<Exit>> {
        let Some(watched) = self.0.as_mut().and_then(|all| all.get_mut(&child)) else {
            return Vec::new();
        };
        let ends = std::mem::take(&mut watched.ends);
        self.tidy(child);
        ends
    }

    /// Answers the callers whose condition the status meets, in the order in which they came.
    pub(crate) fn check(&mut self, child: ChildId, status: &ChildStatus) {
        let Some(watched) = self.0.as_mut().and_then(|all| all.get_mut(&child)) else { return };
        for (condition, reply) in std::mem::take(&mut watched.states) {
            // The function of a caller that has given up is not called any more.
            if reply.is_closed() {
                continue;
            }
            match condition.met_by(status) {
                Some(met) => reply.send(Ok(met)),
                None => watched.states.push((condition, reply)),
            }
        }
        self.tidy(child);
    }

    /// Answers all that wait for a state of a child with an error.
    pub(crate) fn refuse_states(&mut self, child: ChildId, error: &CommandError) {
        let Some(watched) = self.0.as_mut().and_then(|all| all.get_mut(&child)) else { return };
        for (_, reply) in std::mem::take(&mut watched.states) {
            reply.send(Err(error.clone()));
        }
        self.tidy(child);
    }

    fn of(&mut self, child: ChildId) -> &mut Watched {
        self.0.get_or_insert_default().entry(child).or_default()
    }

    /// Forgets a child that nobody watches.
    fn tidy(&mut self, child: ChildId) {
        let Some(all) = &mut self.0 else { return };
        if all.get(&child).is_some_and(|one| one.ends.is_empty() && one.states.is_empty()) {
            all.remove(&child);
        }
        if all.is_empty() {
            self.0 = None;
        }
    }
}

/// Removes the callers from a full list that have given up. The list has room for as many callers then
/// as are left, so that the cost is O(1) amortised.
fn make_room<T>(callers: &mut Vec<T>, has_given_up: impl Fn(&T) -> bool) {
    if callers.len() == callers.capacity() && callers.len() >= KEPT {
        callers.retain(|caller| !has_given_up(caller));
        callers.reserve(callers.len());
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;
    use crate::command::ChildState;

    #[test]
    fn callers_that_have_given_up_are_forgotten() {
        let (mut watchers, child) = (Watchers::default(), ChildId::new(0));
        for _ in 0..10_000 {
            watchers.add_end(child, Reply::new(oneshot::channel().0));
            let condition = Condition::State(ChildState::Running);
            watchers.add_state(child, condition, Reply::new(oneshot::channel().0));
        }
        let watched = &watchers.0.as_ref().expect("there are some")[&child];
        assert!(watched.ends.len() <= 2 * KEPT && watched.states.len() <= 2 * KEPT);
        watchers.take_ends(child);
        assert!(watchers.has(child));
        let path = "root/a".to_owned();
        watchers.refuse_states(child, &CommandError::StartsOnce { path });
        assert!(watchers.is_empty() && !watchers.has(child), "nothing is kept");
    }
}
