//! Significant children: rules 24 and 25.

use super::{Departed, Model, Phase};
use crate::answers::Note;
use crate::facts::Failure;
use crate::tree::AutoShutdown;

impl Model<'_> {
    /// Handles the exit of a child that has ended by itself and is not restarted.
    pub(super) fn depart(&mut self, sup: usize, unit: usize) {
        if !self.plan.units[unit].significant || self.is_to_start(sup, unit) {
            return self.drop_if_spent(sup, unit);
        }
        let exit = self.children[unit].last.clone().expect("it has ended");
        if exit.is_failure() {
            let path = self.plan.units[unit].path.clone();
            let failure = Failure::Significant { path, exit: Box::new(exit) };
            self.runs[sup].lost.push((Some(unit), failure));
        }
        self.runs[sup].departed.push(Departed { unit, removed: false });
    }

    /// Forgets the child, but not its exit and its failure.
    pub(super) fn forget_departed_child(&mut self, sup: usize, unit: usize) {
        for departed in &mut self.runs[sup].departed {
            departed.removed |= departed.unit == unit;
        }
        for (lost, _) in &mut self.runs[sup].lost {
            lost.take_if(|lost| *lost == unit);
        }
    }

    /// Rule 24: by the setting, the first or the last such exit ends the supervisor.
    pub(super) fn apply_departures(&mut self, sup: usize) {
        let mut departed = std::mem::take(&mut self.runs[sup].departed);
        // A child that was started again by hand has not ended for good. The exit of a child whose
        // group is restarted at this moment belongs to that restart (rule 16).
        departed.retain(|departed| departed.removed || self.is_gone(sup, departed.unit));
        let ends = match self.plan.units[sup].settings.auto_shutdown {
            _ if departed.is_empty() || self.is_ending(sup) => false,
            AutoShutdown::Never => false,
            AutoShutdown::AnySignificant => true,
            AutoShutdown::AllSignificant => {
                let significant = |unit: &usize| self.plan.units[*unit].significant;
                let mut all = self.runs[sup].order.iter().filter(|unit| significant(unit));
                !all.any(|&unit| self.is_left(sup, unit))
            }
        };
        if ends {
            let removed = departed[0].removed;
            self.notes.push(if removed { Note::RemovedAsItEnded } else { Note::Departed });
            if self.plan.units[sup].settings.dynamic.is_some() {
                self.notes.push(Note::DepartedOnDemand);
            }
            self.tell(sup, "auto_shutdown ", departed[0].unit);
            self.runs[sup].failure = self.runs[sup].lost.first().map(|(_, lost)| lost.clone());
            self.close(sup);
        }
        for Departed { unit, .. } in departed.into_iter().filter(|departed| !departed.removed) {
            self.drop_if_spent(sup, unit);
        }
    }

    fn is_gone(&self, sup: usize, unit: usize) -> bool {
        self.children[unit].phase == Phase::Down && !self.is_to_start(sup, unit)
    }

    /// Returns whether the child is alive or will be started.
    fn is_left(&self, sup: usize, unit: usize) -> bool {
        let child = &self.children[unit];
        child.phase != Phase::Down || self.is_coming(sup, unit)
    }
}
