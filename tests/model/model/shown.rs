//! The statuses that a supervisor shows of its children: rule 29.

use sage_supervisor::ChildState;

use super::{Mode, Model, Phase, Wish};
use crate::answers::{Answer, Look, Shown};

impl Model<'_> {
    pub(super) fn state(&self, sup: usize, unit: usize) -> ChildState {
        match self.children[unit].phase {
            Phase::Starting => ChildState::Starting,
            Phase::Up => ChildState::Running,
            Phase::Stopping | Phase::Killed => ChildState::Stopping,
            Phase::Down if self.is_coming(sup, unit) => ChildState::Restarting,
            Phase::Down if self.children[unit].wish == Wish::Stay => ChildState::Stopped,
            Phase::Down if self.children[unit].given_up => ChildState::GivenUp,
            Phase::Down => ChildState::Finished,
        }
    }

    /// Returns whether a child that is down is about to be started by its supervisor.
    pub(super) fn is_coming(&self, sup: usize, unit: usize) -> bool {
        let child = &self.children[unit];
        let with_its_group = self.is_to_start(sup, unit) && !self.stays_removed(sup, unit);
        let coming = child.waits || self.runs[sup].due.contains(&unit) || with_its_group;
        // Rule 27: a supervisor that is stopping starts no child, whatever the child waits for.
        let comes = coming && !self.is_ending(sup);
        child.phase == Phase::Down && child.wish != Wish::Stay && comes
    }

    /// Checks that a nested supervisor can be reached through its parent. The error is the answer
    /// of the parent.
    pub(super) fn reach(&self, sup: usize, nested: usize) -> Result<(), Answer> {
        match self.children[nested].phase {
            _ if !self.is_listed(sup, nested) => Err(Answer::NotFound),
            Phase::Down if self.is_coming(sup, nested) => Err(Answer::Restarting),
            Phase::Down => Err(Answer::NotRunning),
            _ if self.runs[nested].mode == Mode::Over => Err(Answer::NotRunning),
            _ => Ok(()),
        }
    }

    pub(crate) fn look(&self, sup: usize) -> Look {
        let mut above = 0;
        while above != sup {
            let next = self.plan.towards(above, sup);
            self.reach(above, next)?;
            above = next;
        }
        let shown = |&unit: &usize| Shown {
            unit,
            state: self.state(sup, unit),
            restarts: self.children[unit].starts.saturating_sub(1),
            restarts_at: self.waits_until(sup, unit),
        };
        Ok(self.runs[sup].order.iter().map(shown).collect())
    }
}
