//! Tasks that do not end.

use super::slot::{Phase, Plan, Verdict};
use super::{Engine, Mode};
use crate::child::id::ChildId;
use crate::error::Unresponsive;
use crate::event::ChildEvent;
use crate::restart::RestartPolicy;

impl Engine {
    pub(super) fn call_unresponsive_wave(&mut self, wave: u32) {
        let mut next = self.roster.first();
        while let Some(child) = next {
            next = self.roster.after(child);
            let slot = &self.roster[child];
            let killed = slot.phase == Phase::Killed && slot.timer.is_none();
            if killed && slot.wave == wave && !slot.is_supervisor() {
                self.call_unresponsive(child);
            }
        }
    }

    /// The kill grace is over, and the task is not.
    pub(super) fn call_unresponsive(&mut self, child: ChildId) {
        self.tell(child, &ChildEvent::Unresponsive { grace: self.patience.kill_grace });
        self.note_stopped(child);
        self.hold_unresponsive(child);
    }

    /// From here on a restart waits for the child, but not for ever; a stop goes on without it.
    pub(super) fn hold_unresponsive(&mut self, child: ChildId) {
        self.unresponsive += 1;
        self.roster[child].phase = Phase::Unresponsive;
        if self.is_waited_for(child) {
            self.schedule(child, Some(self.patience.unresponsive_timeout));
        } else {
            self.schedule(child, None);
        }
        self.answer_unresponsive(child);
    }

    /// Whether something can go on only when this child is down.
    fn is_waited_for(&self, child: ChildId) -> bool {
        let slot = &self.roster[child];
        match self.mode {
            Mode::Restarting { root, .. } => self.roster.rank(child) >= self.roster.rank(root),
            Mode::Starting { next } => {
                let last = next.map_or(self.roster.last(), |next| self.roster.before(next));
                last == Some(child) && slot.is_starting()
            }
            Mode::Running => {
                let restarts = slot.spec.restart_policy() != RestartPolicy::Temporary
                    && slot.plan != Plan::Stay;
                restarts
                    && match slot.verdict {
                        Some(Verdict::TooLate) => !slot.by_hand,
                        Some(Verdict::Silent) => true,
                        Some(Verdict::Declined) | None => false,
                    }
            }
            Mode::Closing { .. } | Mode::Draining | Mode::Killing => false,
        }
    }

    pub(super) fn give_up(&mut self, child: ChildId) {
        if self.is_waited_for(child) {
            self.tell(
                child,
                &ChildEvent::UnresponsiveTimeout { waited: self.patience.unresponsive_timeout },
            );
            // Kept now: it may end while the others are being stopped, and the restart is off.
            let paths = self.unresponsive_paths();
            self.fail(Unresponsive { paths, cause: None });
            self.close();
        }
    }
}
