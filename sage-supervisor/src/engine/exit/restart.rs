//! The restarts that the exits of one turn lead to.

use crate::engine::Engine;
use crate::engine::children::Plan;
use crate::engine::mode::Mode;
use crate::policy::Group;
use crate::scope::ChildId;

/// The restart that the exits of one turn lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Restart {
    /// There is no restart: the supervisor is ending, or the exits belong to the restart that is under
    /// way.
    None,
    /// The restart that is under way begins at an earlier child.
    Widen,
    /// Each child is restarted alone.
    Each,
    /// All children are restarted from the first one on that has ended.
    FromFirstDue,
    /// All children are restarted.
    All,
}

impl Engine {
    /// Acts on the exits of this turn that lead to a restart.
    pub(crate) fn restart_due(&mut self) {
        let mut due = std::mem::take(&mut self.inbox.due);
        // A command in the same turn may have stopped a child, or removed it, and the id of a removed
        // child may have been given to another.
        due.retain(|&child| {
            self.children.contains(child)
                && self.children[child].take_due()
                && self.children[child].plan() != Plan::Stay
        });
        if !due.is_empty() && self.scope.failure_of_tree().is_some() {
            self.leave_down(&mut due);
        }
        // An exit during the restart of a group is part of that restart, which has been counted
        // already. It does not count against the child's own limit either.
        if matches!(self.mode, Mode::Starting { .. } | Mode::Running) {
            due.retain(|&child| self.charge_own_limit(child));
        }
        if let Some(first_due) = due.iter().copied().min_by_key(|&child| self.children.rank(child))
        {
            match self.restart_for(&due, first_due) {
                Restart::None => {}
                Restart::Widen => self.widen_group(first_due),
                Restart::Each => self.restart_each(&due),
                Restart::FromFirstDue => self.restart_group(first_due, first_due),
                Restart::All => {
                    let first =
                        self.children.first().expect("a child is due, so there are children");
                    self.restart_group(first_due, first);
                }
            }
        }
        // The buffer is kept for the next turn.
        due.clear();
        self.inbox.due = due;
    }

    /// Leaves the children down whose restart is due, because a child has ended the whole tree. A restart
    /// could take that child along, before the stop of the tree has come to this supervisor.
    #[cold]
    fn leave_down(&mut self, due: &mut Vec<ChildId>) {
        for child in due.drain(..) {
            self.refuse_start_if_over(child);
            self.remove_if_spent(child);
        }
    }

    fn restart_for(&self, due: &[ChildId], first_due: ChildId) -> Restart {
        let is_before_root = match self.mode {
            Mode::Restarting { root, .. } => {
                self.children.rank(first_due) < self.children.rank(root)
            }
            _ => false,
        };
        let have_all_failed_to_start = || due.iter().all(|&child| self.has_failed_to_start(child));
        let group = self.declaration.strategy.group();
        restart_for(self.mode, group, is_before_root, have_all_failed_to_start)
    }
}

/// Decides on the restart for the exits of one turn.
fn restart_for(
    mode: Mode,
    group: Group,
    is_before_root: bool,
    have_all_failed_to_start: impl FnOnce() -> bool,
) -> Restart {
    match mode {
        // An exit within the group belongs to its restart. An exit before the root widens the restart.
        // Neither is counted a second time.
        Mode::Restarting { .. } if is_before_root => Restart::Widen,
        Mode::Restarting { .. } | Mode::Closing { .. } | Mode::Draining | Mode::Killing => {
            Restart::None
        }
        // While a group starts, a failed start is retried from there on. The children before it stay up.
        Mode::Starting { .. } if group == Group::All && have_all_failed_to_start() => {
            Restart::FromFirstDue
        }
        Mode::Starting { .. } | Mode::Running => match group {
            Group::Alone => Restart::Each,
            Group::Rest => Restart::FromFirstDue,
            Group::All => Restart::All,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUPS: [Group; 3] = [Group::Alone, Group::Rest, Group::All];

    fn decided(mode: Mode, is_before_root: bool, failed: bool) -> [Restart; 3] {
        GROUPS.map(|group| restart_for(mode, group, is_before_root, || failed))
    }

    #[test]
    fn the_strategy_chooses_the_group() {
        let expected = [Restart::Each, Restart::FromFirstDue, Restart::All];
        for mode in [Mode::Running, Mode::Starting { next: None }] {
            assert_eq!(decided(mode, false, false), expected, "{mode:?}");
        }
        assert_eq!(decided(Mode::Running, false, true), expected, "started before");
        let retried = [Restart::Each, Restart::FromFirstDue, Restart::FromFirstDue];
        assert_eq!(decided(Mode::Starting { next: None }, false, true), retried);
    }

    #[test]
    fn a_restart_under_way_is_widened_at_most() {
        let first = ChildId::new(0);
        let mode = Mode::Restarting { root: first, at: first };
        for failed in [false, true] {
            assert_eq!(decided(mode, false, failed), [Restart::None; 3]);
            assert_eq!(decided(mode, true, failed), [Restart::Widen; 3]);
        }
    }

    #[test]
    fn nothing_is_restarted_while_the_supervisor_is_ending() {
        for mode in [Mode::Closing { at: None }, Mode::Draining, Mode::Killing] {
            for (is_before_root, failed) in [(false, false), (false, true), (true, true)] {
                assert_eq!(decided(mode, is_before_root, failed), [Restart::None; 3], "{mode:?}");
            }
        }
    }
}
