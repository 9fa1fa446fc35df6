//! The reloads of one supervisor: those that wait for their turn, and the numbers of those before.

use std::collections::HashMap;
use std::sync::Arc;

use crate::child::ChildSpec;
use crate::command::Reload;
use crate::scope::{ChildId, Reply};

/// A reload that has been accepted.
pub(crate) struct ReloadOrder {
    /// The supervisor as it is declared now.
    pub(crate) declared: Arc<ChildSpec>,
    /// The number of the reload in the parent, if the parent has handed it on.
    pub(crate) handed_on: Option<u64>,
    /// The callers that have not been answered yet.
    pub(crate) replies: Vec<Reply<Reload>>,
}

/// The reloads of one supervisor. Most supervisors never have one.
#[derive(Default)]
pub(crate) struct Reloads(Option<Box<State>>);

#[derive(Default)]
struct State {
    /// The number of the last reload that was carried out. The steps of earlier ones are refused.
    number: u64,
    /// The number that the last reload from the parent had there.
    received: u64,
    /// The instances of nested supervisors to which a reload was handed on, each with the number of the
    /// last one.
    handed_on: HashMap<ChildId, (u64, u64)>,
    /// The reload that waits until it can be carried out. Of several the last one stands.
    waiting: Option<ReloadOrder>,
    /// `true` if the children are not in the order of the declaration yet.
    is_unordered: bool,
}

impl Reloads {
    /// Lets a reload wait. It takes the place of one that waits already, whose callers get the same answer.
    /// Returns the declaration of that one.
    pub(crate) fn wait(&mut self, mut order: ReloadOrder) -> Option<Arc<ChildSpec>> {
        let waiting = &mut self.0.get_or_insert_default().waiting;
        let Some(before) = waiting.take() else {
            *waiting = Some(order);
            return None;
        };
        order.handed_on = order.handed_on.or(before.handed_on);
        order.replies.extend(before.replies.into_iter().filter(|reply| !reply.is_closed()));
        *waiting = Some(order);
        Some(before.declared)
    }

    /// Takes out the reload that waits.
    pub(crate) fn take_waiting(&mut self) -> Option<ReloadOrder> {
        self.0.as_mut()?.waiting.take()
    }

    /// Returns whether a reload waits.
    #[inline]
    pub(crate) fn is_any_waiting(&self) -> bool {
        self.0.as_ref().is_some_and(|state| state.waiting.is_some())
    }

    /// Notes whether the children are yet to be brought into the order of the declaration.
    pub(crate) fn set_unordered(&mut self, is_unordered: bool) {
        self.0.get_or_insert_default().is_unordered = is_unordered;
    }

    /// Returns whether the children are yet to be brought into the order of the declaration.
    #[inline]
    pub(crate) fn is_unordered(&self) -> bool {
        self.0.as_ref().is_some_and(|state| state.is_unordered)
    }

    /// Counts one more reload, and returns its number.
    pub(crate) fn begin(&mut self, handed_on: Option<u64>) -> u64 {
        let state = self.0.get_or_insert_default();
        state.number += 1;
        state.received = handed_on.unwrap_or(state.received);
        state.number
    }

    /// Returns whether no later reload has been carried out than the one of this number.
    pub(crate) fn is_last(&self, number: u64) -> bool {
        self.0.as_ref().is_some_and(|state| state.number == number)
    }

    /// Returns the number that the last reload from the parent had there.
    pub(crate) fn received(&self) -> u64 {
        self.0.as_ref().map_or(0, |state| state.received)
    }

    /// Notes that a reload was handed on to an instance of a nested supervisor.
    pub(crate) fn hand_on(&mut self, child: ChildId, instance: u64, number: u64) {
        self.0.get_or_insert_default().handed_on.insert(child, (instance, number));
    }

    /// Returns whether an instance of a nested supervisor has not come to the last reload that was handed on
    /// to it.
    pub(crate) fn is_behind(&self, child: ChildId, instance: u64, received: u64) -> bool {
        let last = self.0.as_ref().and_then(|state| state.handed_on.get(&child));
        last.is_some_and(|&(of, number)| of == instance && received < number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_of_the_last_reload_are_carried_out() {
        let mut reloads = Reloads::default();
        assert!(!reloads.is_last(0) && reloads.received() == 0);
        let first = reloads.begin(None);
        let second = reloads.begin(Some(7));
        assert!(!reloads.is_last(first) && reloads.is_last(second));
        assert_eq!(reloads.received(), 7);
        reloads.begin(None);
        assert_eq!(reloads.received(), 7);
    }

    #[test]
    fn an_instance_is_behind_until_it_has_received_what_was_handed_on() {
        let (mut reloads, child) = (Reloads::default(), ChildId::new(0));
        assert!(!reloads.is_behind(child, 1, 0));
        reloads.hand_on(child, 1, 3);
        assert!(reloads.is_behind(child, 1, 0) && reloads.is_behind(child, 1, 2));
        assert!(!reloads.is_behind(child, 1, 3) && !reloads.is_behind(child, 2, 0));
    }
}
