//! The mode of one supervisor.

use crate::scope::ChildId;

/// The procedure that an engine is carrying out. The diagram in [`engine`](super) shows which mode
/// may follow which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Children are started in order, from `next` on. The one before `next` may not be ready yet.
    Starting { next: Option<ChildId> },
    /// All children have been started.
    Running,
    /// A group is being stopped from its end down to `root`. Every child after `at` is down.
    Restarting { root: ChildId, at: ChildId },
    /// All children are being stopped in reverse order. Every child after `at` is down, or has been
    /// left behind as unresponsive.
    Closing { at: Option<ChildId> },
    /// All children have been asked to stop at once, and their exits are awaited.
    Draining,
    /// All children have been aborted, and their exits are awaited.
    Killing,
}

impl Mode {
    /// Returns whether the supervisor stops all its children.
    pub(crate) fn is_ending(self) -> bool {
        matches!(self, Self::Closing { .. } | Self::Draining | Self::Killing)
    }

    /// Returns whether a procedure is starting or restarting children.
    pub(crate) fn is_starting_or_restarting(self) -> bool {
        matches!(self, Self::Starting { .. } | Self::Restarting { .. })
    }

    /// Returns the first child that the present procedure is going to start.
    pub(crate) fn first_to_start(self) -> Option<ChildId> {
        match self {
            Self::Starting { next } => next,
            Self::Restarting { root, .. } => Some(root),
            Self::Running | Self::Closing { .. } | Self::Draining | Self::Killing => None,
        }
    }

    /// Returns the mode after the removal of `child`, which stands between the neighbours `before`
    /// and `after`: no procedure may refer to a child that is not there.
    pub(crate) fn without(
        self,
        child: ChildId,
        before: Option<ChildId>,
        after: Option<ChildId>,
    ) -> Self {
        match self {
            Self::Starting { next } if next == Some(child) => Self::Starting { next: after },
            Self::Restarting { root, at } if at == child => match (before, after) {
                (Some(at), _) if root != child => Self::Restarting { root, at },
                // The whole group is down, and goes on waiting for its start.
                (_, Some(root)) => Self::Restarting { root, at: root },
                (_, None) => Self::Starting { next: None },
            },
            Self::Restarting { root, at } if root == child => {
                Self::Restarting { root: after.expect("`at` comes after the root"), at }
            }
            Self::Closing { at } if at == Some(child) => Self::Closing { at: before },
            mode => mode,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(index: usize) -> ChildId {
        ChildId::new(index)
    }

    fn starting(next: Option<usize>) -> Mode {
        Mode::Starting { next: next.map(id) }
    }

    fn restarting(root: usize, at: usize) -> Mode {
        Mode::Restarting { root: id(root), at: id(at) }
    }

    fn closing(at: Option<usize>) -> Mode {
        Mode::Closing { at: at.map(id) }
    }

    /// The children are 0, 1 and 2; each mode loses each of them.
    #[test]
    fn a_procedure_steps_over_a_child_that_is_removed() {
        let table = [
            (starting(None), [starting(None), starting(None), starting(None)]),
            (starting(Some(0)), [starting(Some(1)), starting(Some(0)), starting(Some(0))]),
            (starting(Some(2)), [starting(Some(2)), starting(Some(2)), starting(None)]),
            (Mode::Running, [Mode::Running; 3]),
            (restarting(0, 0), [restarting(1, 1), restarting(0, 0), restarting(0, 0)]),
            (restarting(0, 2), [restarting(1, 2), restarting(0, 2), restarting(0, 1)]),
            (restarting(1, 2), [restarting(1, 2), restarting(2, 2), restarting(1, 1)]),
            (restarting(2, 2), [restarting(2, 2), restarting(2, 2), starting(None)]),
            (closing(Some(1)), [closing(Some(1)), closing(Some(0)), closing(Some(1))]),
            (closing(Some(0)), [closing(None), closing(Some(0)), closing(Some(0))]),
            (closing(None), [closing(None); 3]),
            (Mode::Draining, [Mode::Draining; 3]),
            (Mode::Killing, [Mode::Killing; 3]),
        ];
        for (mode, expected) in table {
            for (child, expected) in expected.into_iter().enumerate() {
                let after = (child < 2).then(|| id(child + 1));
                let without = mode.without(id(child), child.checked_sub(1).map(id), after);
                assert_eq!(without, expected, "{mode:?} without {child}");
            }
        }
    }

    #[test]
    fn a_mode_is_opening_running_or_ending() {
        for mode in [starting(None), starting(Some(1)), restarting(0, 1)] {
            assert!(mode.is_starting_or_restarting() && !mode.is_ending(), "{mode:?}");
        }
        for mode in [closing(None), closing(Some(1)), Mode::Draining, Mode::Killing] {
            assert!(mode.is_ending() && !mode.is_starting_or_restarting(), "{mode:?}");
        }
        assert!(!Mode::Running.is_ending() && !Mode::Running.is_starting_or_restarting());
    }

    #[test]
    fn only_starts_and_restarts_have_children_to_start() {
        assert_eq!(starting(Some(1)).first_to_start(), Some(id(1)));
        assert_eq!(starting(None).first_to_start(), None);
        assert_eq!(restarting(1, 2).first_to_start(), Some(id(1)));
        for mode in [Mode::Running, closing(Some(1)), Mode::Draining, Mode::Killing] {
            assert_eq!(mode.first_to_start(), None, "{mode:?}");
            assert!(!mode.is_starting_or_restarting(), "{mode:?}");
        }
    }
}
