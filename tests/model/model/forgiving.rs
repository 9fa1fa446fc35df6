//! Restarts that an instance makes up for: rules 17, 20 and 21.

use super::{Model, Phase};
use crate::answers::Note;

impl Model<'_> {
    fn forgive_after(&self, sup: usize, unit: usize) -> Option<u64> {
        self.plan.units[unit].forgive_after.or(self.plan.units[sup].settings.forgive_after)
    }

    /// Forgives the restarts of a child whose last instance was up for this time.
    pub(super) fn forgive(&mut self, sup: usize, unit: usize, up_for: u64) {
        let all = self.forgive_after(sup, unit).is_some_and(|after| up_for >= after);
        let reset = self.backoff(sup, unit).is_some_and(|backoff| up_for >= backoff.reset_after);
        let child = &mut self.children[unit];
        if child.streak > 0 && (all || reset) {
            self.notes.push(Note::BeganAnew);
            child.streak = 0;
        }
        if all {
            child.charged.clear();
            self.forgive_charged(sup, unit);
        }
    }

    /// Forgives the restarts of each child that has been up for long enough.
    pub(super) fn forgive_living(&mut self, sup: usize) {
        for unit in self.runs[sup].order.clone() {
            let child = &self.children[unit];
            let is_up = matches!(child.phase, Phase::Up | Phase::Stopping);
            let up_for = child.up_since.filter(|_| is_up).map_or(0, |since| self.now - since);
            if self.forgive_after(sup, unit).is_some_and(|after| up_for >= after) {
                self.forgive_charged(sup, unit);
            }
        }
    }

    fn forgive_charged(&mut self, sup: usize, unit: usize) {
        let charged = &mut self.runs[sup].charged;
        let before = charged.len();
        charged.retain(|(_, of)| *of != Some(unit));
        if charged.len() < before {
            self.notes.push(Note::Forgiven);
        }
    }
}
