//! Restart limits of children: rules 20 and 25.

use super::Model;
use crate::answers::Note;
use crate::facts::Failure;

impl Model<'_> {
    /// Charges the child's own limit, before that of the supervisor. A child that has reached its
    /// own limit is given up, alone, and the result is `false`.
    pub(super) fn charge_own_limit(&mut self, sup: usize, unit: usize) -> bool {
        let Some((max, within)) = self.plan.units[unit].limit else { return true };
        let child = &mut self.children[unit];
        child.charged.retain(|then| self.now - then <= within);
        if child.charged.len() < max as usize {
            child.charged.push(self.now);
            return true;
        }
        self.notes.push(Note::GivenUp);
        child.given_up = true;
        self.tell(sup, "given_up ", unit);
        self.runs[sup].due.retain(|&due| due != unit);
        self.answer_if_over(sup, unit);
        // Rule 24: the child has ended for good.
        self.depart(sup, unit);
        false
    }

    /// The failure of the first child that was given up, if there is one.
    pub(super) fn first_given_up(&self, sup: usize) -> Option<Failure> {
        let mut children = self.runs[sup].order.iter();
        let &unit = children.find(|&&unit| self.children[unit].given_up)?;
        let (max, within) = self.plan.units[unit].limit?;
        let exit = self.children[unit].last.clone()?;
        let path = self.plan.units[unit].path.clone();
        Some(Failure::GivenUp { path, max, within, exit: Box::new(exit) })
    }
}
