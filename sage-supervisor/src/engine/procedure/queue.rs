//! The queue of the starts that the present procedure carries out.

use crate::engine::mode::Mode;
use crate::engine::phase::Phase;
use crate::scope::ChildId;

/// The wait of a start that the present procedure carries out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Queue {
    /// Nothing is waited for.
    #[default]
    Open,
    /// The child that is being started has to become ready first.
    BehindStart(ChildId),
    /// The child that is being started goes down first, and is then started once more.
    BehindStop(ChildId),
    /// The members of the group have to go down first, from `at` back to `root`.
    BehindGroup { root: ChildId, at: ChildId },
}

/// Decides what a start by the present procedure waits for. `last` is the child that was started last,
/// with its phase, if the procedure waits for it.
pub(super) fn queue(mode: Mode, last: Option<(ChildId, Phase)>) -> Queue {
    match (mode, last) {
        (Mode::Restarting { root, at }, _) => Queue::BehindGroup { root, at },
        (Mode::Starting { .. }, Some((last, Phase::Starting))) => Queue::BehindStart(last),
        (Mode::Starting { .. }, Some((last, phase))) if phase != Phase::Down => {
            Queue::BehindStop(last)
        }
        _ => Queue::Open,
    }
}

impl Queue {
    /// Returns whether `later`, the next state of the queue, can wait for a child that waits for a command
    /// itself, and was not waited for before. The beginning of a group restart is noted apart.
    fn is_outgrown_by(self, later: Self) -> bool {
        match (self, later) {
            // The child before the group may have been restarted, and not be ready.
            (Self::BehindGroup { .. }, Self::BehindStart(_)) => true,
            (before, Self::BehindStop(_)) => before != later,
            // A group that goes down gets smaller, and a child that has just been started has given no
            // command yet.
            (_, Self::Open | Self::BehindGroup { .. } | Self::BehindStart(_)) => false,
        }
    }
}

/// The last look at the commands that wait for a start.
#[derive(Default)]
pub(crate) struct Reviewed {
    queue: Queue,
    /// `true` if something has happened that can add to what they wait for.
    is_due: bool,
    /// The children to whose starts alone such a thing has happened.
    due: Vec<ChildId>,
}

impl Reviewed {
    pub(crate) fn set_due(&mut self) {
        self.is_due = true;
    }

    pub(crate) fn set_due_for(&mut self, child: ChildId) {
        self.due.push(child);
    }

    pub(super) fn has_due(&self) -> bool {
        !self.due.is_empty()
    }

    /// Takes out the children whose commands are to be looked at again, if not all are.
    pub(super) fn take_due(&mut self) -> Vec<ChildId> {
        std::mem::take(&mut self.due)
    }

    /// Returns whether all commands are to be looked at again, now that the queue is in this state.
    pub(super) fn is_outgrown_by(&mut self, queue: Queue) -> bool {
        let before = std::mem::replace(&mut self.queue, queue);
        std::mem::take(&mut self.is_due) || before.is_outgrown_by(queue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_children_may_wait_for_commands_when_the_queue_waits_for_others() {
        let (first, second) = (ChildId::new(0), ChildId::new(1));
        let group = |at| Queue::BehindGroup { root: first, at };
        let table = [
            (Queue::Open, Queue::BehindStart(first), false),
            (Queue::BehindStart(first), Queue::BehindStart(second), false),
            (Queue::BehindStart(first), Queue::BehindStop(first), true),
            (Queue::BehindStop(first), Queue::BehindStop(first), false),
            (Queue::BehindStop(first), Queue::BehindStart(first), false),
            (group(second), group(first), false),
            (group(first), Queue::BehindStart(first), true),
            (group(first), Queue::Open, false),
        ];
        for (before, after, expected) in table {
            let mut reviewed = Reviewed { queue: before, ..Reviewed::default() };
            assert_eq!(reviewed.is_outgrown_by(after), expected, "{before:?}, {after:?}");
            assert!(!reviewed.is_outgrown_by(after), "once");
            reviewed.set_due();
            assert!(reviewed.is_outgrown_by(after), "asked for");
        }
    }

    #[test]
    fn a_start_waits_for_what_the_procedure_waits_for() {
        let (first, second) = (ChildId::new(0), ChildId::new(1));
        let starting = Mode::Starting { next: Some(second) };
        let restarting = Mode::Restarting { root: first, at: second };
        let group = Queue::BehindGroup { root: first, at: second };
        let table = [
            (Mode::Running, None, Queue::Open),
            (Mode::Starting { next: None }, None, Queue::Open),
            (starting, None, Queue::Open),
            (starting, Some(Phase::Starting), Queue::BehindStart(first)),
            (starting, Some(Phase::Stopping), Queue::BehindStop(first)),
            (starting, Some(Phase::Killed), Queue::BehindStop(first)),
            // The child is about to be started once more.
            (starting, Some(Phase::Down), Queue::Open),
            (restarting, None, group),
            (Mode::Closing { at: None }, None, Queue::Open),
        ];
        for (mode, last, expected) in table {
            let found = queue(mode, last.map(|phase| (first, phase)));
            assert_eq!(found, expected, "{mode:?}, {last:?}");
        }
    }
}
