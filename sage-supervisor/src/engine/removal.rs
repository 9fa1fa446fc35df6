//! Children that leave their supervisor.

use std::sync::Arc;

use super::slot::{Phase, Plan};
use super::{Engine, Mode};
use crate::child::id::ChildId;
use crate::command::CommandError;
use crate::policy::RestartPolicy;

impl Engine {
    pub(super) fn remove_by_hand(&mut self, child: ChildId) -> Result<Arc<str>, CommandError> {
        if self.is_ending() {
            return Err(CommandError::NotRunning);
        }
        match self.roster[child].phase {
            Phase::Unresponsive => Err(CommandError::Unresponsive),
            Phase::Down if self.is_waiting(child) => Err(CommandError::Restarting),
            Phase::Down => {
                let name = Arc::clone(&self.roster[child].name);
                self.remove(child);
                self.is_kept |= self.alive == 0;
                Ok(name)
            }
            _ => Err(CommandError::StillRunning),
        }
    }

    pub(super) fn remove(&mut self, child: ChildId) {
        self.plan(child, Plan::Policy);
        let name = Arc::clone(&self.roster[child].name);
        if let Some(names) = &mut self.names {
            names.remove(&name);
            if names.len() < names.capacity() / 8 {
                names.shrink_to(names.len() * 2);
            }
        }
        self.stop_waiting(child);
        self.given_up -= usize::from(self.roster[child].given_up);
        self.step_over(child);
        self.disown(child);
        self.roster.remove(child);
    }

    /// The procedure under way does not stand at a child that is removed.
    fn step_over(&mut self, child: ChildId) {
        let (before, after) = (self.roster.before(child), self.roster.after(child));
        self.mode = match self.mode {
            Mode::Starting { next } if next == Some(child) => Mode::Starting { next: after },
            Mode::Restarting { root, at } if at == child => match (before, after) {
                (Some(at), _) if root != child => Mode::Restarting { root, at },
                // All of them are down. They wait on.
                (_, Some(root)) => Mode::Restarting { root, at: root },
                (_, None) => {
                    self.release_group();
                    Mode::Starting { next: None }
                }
            },
            Mode::Restarting { root, at } if root == child => {
                Mode::Restarting { root: after.expect("what it stands at comes after"), at }
            }
            Mode::Closing { at } if at == Some(child) => Mode::Closing { at: before },
            mode => mode,
        };
    }

    /// A temporary child that was added at run time leaves nothing behind when it has ended; nor does
    /// any child of a dynamic supervisor.
    pub(super) fn drop_if_spent(&mut self, child: ChildId) {
        let slot = &self.roster[child];
        // Unless it is to be started once more by hand.
        let is_down = slot.phase == Phase::Down && slot.plan != Plan::Start;
        let is_over = is_down && !self.is_to_start(child) && !self.is_ending();
        if self.leaves_nothing_behind(child) && is_over {
            self.remove(child);
        }
    }

    pub(super) fn leaves_nothing_behind(&self, child: ChildId) -> bool {
        let slot = &self.roster[child];
        let is_temporary = slot.spec.restart_policy() == RestartPolicy::Temporary;
        slot.is_added && (is_temporary || self.declaration.dynamic.is_some())
    }
}
