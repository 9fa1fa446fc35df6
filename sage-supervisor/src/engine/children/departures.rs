//! The significant children that have ended for good.

use std::sync::Arc;

use super::slot::Slot;
use crate::exit::Exit;
use crate::scope::ChildId;

/// The significant children that have ended for good, in one run of their supervisor.
///
/// A departure that is a failure has a number, which the slot keeps until the child is started again.
/// The failure with the smallest number is the one that the supervisor reports.
#[derive(Default)]
pub(super) struct Departures {
    /// The departures of this turn.
    now: Vec<Departure>,
    /// The number of departures that were failures.
    failures: u64,
    /// The first failure among children that have been removed since, and its number.
    removed: Option<(u64, Failure)>,
}

/// The departure of one child.
pub(crate) struct Departure {
    /// The id of the child, or `None` if the child was removed in the very turn of its exit.
    pub(crate) child: Option<ChildId>,
    pub(crate) name: Arc<str>,
    pub(crate) exit: Exit,
}

/// The failure of a significant child.
pub(crate) struct Failure {
    pub(crate) name: Arc<str>,
    pub(crate) exit: Exit,
}

impl Departures {
    /// Adds a child that has just ended for good.
    pub(super) fn add(&mut self, child: ChildId, slot: &mut Slot) {
        let exit = slot.last_exit().cloned().expect("the child has ended");
        if exit.is_failure() {
            self.failures += 1;
            slot.record_mut().failed_for_good(self.failures);
        }
        let name = Arc::clone(slot.name());
        self.now.push(Departure { child: Some(child), name, exit });
    }

    /// Takes the departures of this turn out, if there are any.
    pub(super) fn take(&mut self) -> Option<Vec<Departure>> {
        (!self.now.is_empty()).then(|| std::mem::take(&mut self.now))
    }

    /// Forgets the id of a child that is removed, because it may be given to another child. The fact
    /// that the child has departed, and how, is kept.
    #[inline]
    pub(super) fn forget(&mut self, child: ChildId, slot: &Slot) {
        for departure in &mut self.now {
            departure.child.take_if(|departed| *departed == child);
        }
        if let Some(number) = slot.record().departure() {
            // Only the first failure is ever reported, so one removed child is enough to remember.
            if self.removed.as_ref().is_none_or(|(first, _)| number < *first) {
                self.removed = Some((number, Failure::of(slot)));
            }
        }
    }

    /// Takes out the first failure among all departures. A child that was started again does not count.
    pub(super) fn first_failure<'a>(
        &mut self,
        slots: impl Iterator<Item = &'a Slot>,
    ) -> Option<Failure> {
        let failed = |slot: &'a Slot| Some((slot.record().departure()?, slot));
        let present = slots.filter_map(failed).min_by_key(|&(number, _)| number);
        match (present, self.removed.take()) {
            (Some((number, slot)), Some((first, _))) if number < first => Some(Failure::of(slot)),
            (_, Some((_, removed))) => Some(removed),
            (Some((_, slot)), None) => Some(Failure::of(slot)),
            (None, None) => None,
        }
    }
}

impl Failure {
    fn of(slot: &Slot) -> Self {
        let exit = slot.last_exit().cloned().expect("the child has failed");
        Self { name: Arc::clone(slot.name()), exit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ChildSpec;
    use crate::engine::time::Clock;
    use crate::exit::ExitError;

    /// A slot whose instance has ended with an error.
    fn failed(name: &str) -> Slot {
        let clock = Clock::new();
        let mut slot = Slot::new(Arc::from(name), Arc::new(ChildSpec::new(name, async |_| {})));
        slot.begin(1, clock.moment());
        slot.record_mut().ended(Exit::Error(ExitError::new("boom")), clock.moment());
        slot
    }

    fn first(departures: &mut Departures, slots: &[&Slot]) -> Option<String> {
        departures.first_failure(slots.iter().copied()).map(|failure| failure.name.to_string())
    }

    #[test]
    fn the_first_failure_counts_whether_or_not_its_child_is_removed() {
        // The letters are the children in the order of their failures; those in brackets are removed.
        for (removed, expected) in [("", "a"), ("a", "a"), ("b", "a"), ("ab", "a"), ("ba", "a")] {
            let (mut departures, mut a, mut b) = (Departures::default(), failed("a"), failed("b"));
            departures.add(ChildId::new(0), &mut a);
            departures.add(ChildId::new(1), &mut b);
            for name in removed.chars() {
                match name {
                    'a' => departures.forget(ChildId::new(0), &a),
                    _ => departures.forget(ChildId::new(1), &b),
                }
            }
            let present =
                [("a", &a), ("b", &b)].into_iter().filter(|(name, _)| !removed.contains(name));
            let present: Vec<_> = present.map(|(_, slot)| slot).collect();
            assert_eq!(first(&mut departures, &present).as_deref(), Some(expected), "{removed}");
        }
    }

    #[test]
    fn a_removed_child_is_forgotten_and_its_departure_is_not() {
        let (mut departures, mut a) = (Departures::default(), failed("a"));
        departures.add(ChildId::new(0), &mut a);
        departures.forget(ChildId::new(0), &a);
        let taken = departures.take().expect("there are some");
        assert!(taken.len() == 1 && taken[0].child.is_none() && &*taken[0].name == "a");
        assert!(departures.take().is_none());
    }

    #[test]
    fn a_child_that_was_started_again_has_not_failed_for_good() {
        let (mut departures, mut a) = (Departures::default(), failed("a"));
        departures.add(ChildId::new(0), &mut a);
        a.begin(2, Clock::new().moment());
        assert_eq!(first(&mut departures, &[&a]), None);
    }
}
