//! Instances that were aborted and do not end.

use crate::engine::Engine;
use crate::engine::children::{Plan, StopCause};
use crate::engine::mode::Mode;
use crate::event::ChildEvent;
use crate::policy::RestartPolicy;
use crate::scope::ChildId;

/// An unresponsive child, as far as the wait for it depends on it.
#[derive(Debug, Clone, Copy)]
struct Held {
    /// `true` if the child belongs to the group that is being restarted.
    is_in_group: bool,
    /// `true` if the children after this one cannot be started before it is down.
    blocks_start: bool,
    is_temporary: bool,
    plan: Plan,
    is_started_by_hand: bool,
    stop_cause: Option<StopCause>,
}

impl Engine {
    /// Marks all members of a wave as unresponsive that have not ended within the kill grace.
    pub(crate) fn mark_unresponsive_wave(&mut self, wave: u32) {
        let mut next = self.children.first();
        while let Some(child) = next {
            next = self.children.after(child);
            if self.children[child].is_in_wave(wave) {
                self.mark_unresponsive(child);
            }
        }
    }

    /// Marks an instance as unresponsive that has not ended within the kill grace.
    pub(crate) fn mark_unresponsive(&mut self, child: ChildId) {
        self.tell(child, &ChildEvent::Unresponsive { grace: self.timeouts.kill_grace });
        self.note_stopped(child);
        self.hold_unresponsive(child);
    }

    /// Holds the slot of an unresponsive instance, because no other may be started beside it. A restart
    /// waits for its end up to the unresponsive timeout. A shutdown goes on without it.
    pub(super) fn hold_unresponsive(&mut self, child: ChildId) {
        self.children.hold_unresponsive(child);
        let timeout = self.is_waited_for(child).then_some(self.timeouts.unresponsive_timeout);
        self.schedule(child, timeout);
        self.answer_unresponsive(child);
    }

    /// Ends the supervisor if a restart has waited for this instance for too long.
    pub(crate) fn stop_waiting_for(&mut self, child: ChildId) {
        if self.is_waited_for(child) {
            let waited = self.timeouts.unresponsive_timeout;
            self.tell(child, &ChildEvent::UnresponsiveTimeout { waited });
            // The paths are noted at once: the task may end while the others are being stopped, and
            // the restart is given up all the same.
            self.note_unresponsive();
            self.close();
        }
    }

    /// Returns whether something can go on only when this child is down.
    fn is_waited_for(&self, child: ChildId) -> bool {
        let slot = &self.children[child];
        let held = Held {
            is_in_group: matches!(self.mode, Mode::Restarting { .. }) && self.is_ahead(child),
            blocks_start: self.holds_up_start(child),
            is_temporary: slot.spec().restart_policy() == RestartPolicy::Temporary,
            plan: slot.plan(),
            is_started_by_hand: slot.is_started_by_hand(),
            stop_cause: slot.stop_cause(),
        };
        is_waited_for(self.mode, held)
    }
}

/// Decides whether something can go on only when an unresponsive child is down.
fn is_waited_for(mode: Mode, held: Held) -> bool {
    match mode {
        Mode::Restarting { .. } => held.is_in_group,
        Mode::Starting { .. } => held.blocks_start,
        Mode::Running => {
            let is_restarted = match held.stop_cause {
                Some(StopCause::ReadyTimeout) => !held.is_started_by_hand,
                Some(StopCause::HeartbeatMissed) => true,
                Some(StopCause::Declined | StopCause::Verdict) | None => false,
            };
            is_restarted && !held.is_temporary && held.plan != Plan::Stay
        }
        Mode::Closing { .. } | Mode::Draining | Mode::Killing => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELD: Held = Held {
        is_in_group: false,
        blocks_start: false,
        is_temporary: false,
        plan: Plan::Policy,
        is_started_by_hand: false,
        stop_cause: None,
    };

    #[test]
    fn a_running_supervisor_waits_for_children_that_it_restarts() {
        let late = Held { stop_cause: Some(StopCause::ReadyTimeout), ..HELD };
        let silent = Held { stop_cause: Some(StopCause::HeartbeatMissed), ..HELD };
        let declined = Held { stop_cause: Some(StopCause::Declined), ..HELD };
        let gave_up = Held { stop_cause: Some(StopCause::Verdict), ..HELD };
        let table = [
            (HELD, false),
            (late, true),
            (silent, true),
            (declined, false),
            (gave_up, false),
            (Held { is_started_by_hand: true, ..late }, false),
            (Held { is_started_by_hand: true, ..silent }, true),
            (Held { is_temporary: true, ..silent }, false),
            (Held { plan: Plan::Stay, ..silent }, false),
            (Held { plan: Plan::Start, ..silent }, true),
        ];
        for (held, expected) in table {
            assert_eq!(is_waited_for(Mode::Running, held), expected, "{held:?}");
        }
    }

    #[test]
    fn a_procedure_waits_for_its_own_children_and_a_shutdown_for_none() {
        let first = ChildId::new(0);
        let group = Mode::Restarting { root: first, at: first };
        let starting = Mode::Starting { next: None };
        for bits in 0..4 {
            let (is_in_group, blocks_start) = (bits & 1 != 0, bits & 2 != 0);
            let stop_cause = Some(StopCause::HeartbeatMissed);
            let held = Held { is_in_group, blocks_start, stop_cause, ..HELD };
            assert_eq!(is_waited_for(group, held), is_in_group, "{held:?}");
            assert_eq!(is_waited_for(starting, held), blocks_start, "{held:?}");
            for mode in [Mode::Closing { at: Some(first) }, Mode::Draining, Mode::Killing] {
                assert!(!is_waited_for(mode, held), "{mode:?} {held:?}");
            }
        }
    }
}
