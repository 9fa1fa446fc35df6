//! The reserve of a supervisor whose time to stop is bounded: nobody is killed before it was asked.
//!
//! A supervisor stops its children in order as long as the time that is left for those that were not asked
//! yet is more than its reserve. Then it asks all of them at once.

use std::time::Duration;

use super::bounded::Bounded;
use crate::engine::Engine;
use crate::engine::children::Body;
use crate::engine::mode::Mode;
use crate::engine::phase::Phase;
use crate::engine::time::Alarm;

impl Engine {
    /// Asks the children that are left to stop at once, if the supervisor stops in order and no more of its
    /// time is left than its reserve. Otherwise a deadline is set at which that may be so: children that
    /// need less may be left by then, so that the order can be kept for longer.
    pub(super) fn keep_reserve(&mut self) {
        let is_in_order = matches!(self.mode, Mode::Closing { at: Some(_) });
        if !is_in_order || self.bounded.as_ref().is_some_and(|bounded| bounded.at.is_some()) {
            return;
        }
        let Some(deadline) = self.scope.stop_deadline() else { return };
        let left = deadline.saturating_duration_since(self.clock.now());
        let time = self.bounded.as_ref().map_or(left, |bounded| bounded.time);
        let reserve = reserve(time, self.longest_unasked());
        let wait = left.saturating_sub(reserve);
        let at = (!wait.is_zero()).then(|| self.timers.set(&self.clock, Alarm::Reserve, wait));
        self.bounded = Some(Box::new(Bounded { time, at }));
        if at.is_none() {
            self.drain_rest();
        }
    }

    /// Hands what is left of the time down to the supervisors below that are stopping already, for a reason
    /// of their own. Those that are asked from now on are told when they are asked.
    pub(super) fn hand_down_bound(&self) {
        let Some(deadline) = self.scope.stop_deadline() else { return };
        for child in self.children.all() {
            let slot = &self.children[child];
            let Some(Body::Supervisor(scope)) = slot.body() else { continue };
            let is_earlier = scope.stop_deadline().is_none_or(|own| deadline < own);
            if slot.phase() == Phase::Stopping && is_earlier {
                scope.bound_stop(deadline);
            }
        }
    }

    /// Stops within a time that has become shorter.
    #[cold]
    pub(crate) fn hurry(&mut self) {
        // The next look reckons with the new time.
        self.release_reserve();
        self.bounded = None;
        self.hand_down_bound();
    }

    /// Asks all children to stop at once that were not asked yet.
    fn drain_rest(&mut self) {
        self.notes.drain_from(self.clock.moment());
        self.mode = Mode::Draining;
        self.drain();
    }

    /// Returns the longest time that a child may take to stop which was not asked yet.
    fn longest_unasked(&self) -> Option<Duration> {
        let unasked = self.children.all().map(|child| &self.children[child]);
        let unasked = unasked.filter(|slot| matches!(slot.phase(), Phase::Starting | Phase::Up));
        unasked.map(|slot| slot.spec().longest_stop()).max()
    }
}

/// Decides how much of its time a supervisor keeps for those children that were not asked to stop yet: as
/// much as the longest of them may take, and no more than half of its time.
fn reserve(time: Duration, longest: Option<Duration>) -> Duration {
    longest.unwrap_or_default().min(time / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_is_the_longest_time_and_at_most_half() {
        let seconds = Duration::from_secs;
        let table = [
            (10, None, 0),
            (10, Some(seconds(3)), 3),
            (10, Some(seconds(5)), 5),
            (10, Some(seconds(30)), 5),
            (10, Some(Duration::MAX), 5),
            (0, Some(seconds(1)), 0),
        ];
        for (time, longest, expected) in table {
            assert_eq!(reserve(seconds(time), longest), seconds(expected), "{time} {longest:?}");
        }
    }
}
