//! The stop of a supervisor whose time is bounded: rule 36.

use super::{Mail, Mode, Model, Phase};
use crate::answers::Note;
use crate::tree::Shutdown;

impl Model<'_> {
    /// Tells a nested supervisor by when it has to be down: its own time, or what is left of that of the
    /// supervisor above.
    pub(super) fn bound_stop(&mut self, sup: usize, unit: usize, own: Option<u64>) {
        let inherited = self.runs[sup].bound.filter(|_| self.is_ending(sup));
        self.runs[unit].bound = own.into_iter().chain(inherited).min().or(self.runs[unit].bound);
    }

    /// Hands the time down to the supervisors below that are stopping already.
    pub(super) fn hand_down_bound(&mut self, sup: usize) {
        let Some(bound) = self.runs[sup].bound else { return };
        for unit in self.runs[sup].order.clone() {
            let is_earlier = self.runs[unit].bound.is_none_or(|own| bound < own);
            let is_stopping = self.children[unit].phase == Phase::Stopping;
            if !self.is_worker(unit) && is_stopping && is_earlier {
                self.notes.push(Note::Hurried);
                self.runs[unit].bound = Some(bound);
                self.post(unit, Mail::Bounded);
            }
        }
    }

    /// Stops within a time that has become shorter.
    pub(super) fn hurry(&mut self, sup: usize) {
        let run = &mut self.runs[sup];
        (run.given, run.look_at) = (None, None);
        self.hand_down_bound(sup);
    }

    /// Asks all children that are left at once, if no more time is left than the reserve, or sets the time
    /// of the next look.
    pub(super) fn keep_reserve(&mut self, sup: usize) {
        let now = self.now;
        let Some(bound) = self.runs[sup].bound.filter(|_| self.runs[sup].look_at.is_none()) else {
            return;
        };
        let order = self.runs[sup].order.clone();
        let unasked =
            |unit: &usize| matches!(self.children[*unit].phase, Phase::Starting | Phase::Up);
        let longest =
            order.iter().copied().filter(unasked).map(|unit| self.longest_stop(unit)).max();
        let left = bound.saturating_sub(now);
        let given = *self.runs[sup].given.get_or_insert(left);
        let Some(longest) = longest else { return };
        let wait = left.saturating_sub(longest.min(given / 2));
        if wait > 0 {
            self.runs[sup].look_at = Some(now + wait);
            return;
        }
        self.notes.push(Note::AskedTheRest);
        self.runs[sup].mode = Mode::Draining;
        for unit in order {
            self.bring_down(sup, unit);
        }
    }

    /// The longest time that a child may take to stop.
    fn longest_stop(&self, unit: usize) -> u64 {
        let planned = &self.plan.units[unit];
        let below = match planned.settings.dynamic {
            _ if planned.worker.is_some() => u64::MAX,
            Some(_) => u64::MAX,
            None if planned.settings.stops_together => {
                planned.children.iter().map(|&child| self.longest_stop(child)).fold(0, u64::max)
            }
            None => planned
                .children
                .iter()
                .map(|&child| self.longest_stop(child))
                .fold(0, u64::saturating_add),
        };
        match planned.shutdown {
            Shutdown::BrutalKill => 0,
            Shutdown::Timeout(time) => time.min(below),
            Shutdown::Infinity => below,
        }
    }
}
