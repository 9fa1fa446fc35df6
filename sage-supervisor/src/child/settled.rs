//! The link of a task to its owner, as the supervisor of the task sees it.

use std::sync::Arc;

use super::outcome::{Outcome, Seal};
use crate::contain::contain;
use crate::exit::Exit;

/// The owner of a task, who waits for the result of the task and may abort it.
pub(crate) trait TaskOwner: Send + Sync {
    /// Notes that the supervisor has learned of the end of the task, or is gone. May be called again.
    fn note_settled(&self);

    /// Returns whether the owner has aborted the task.
    fn has_aborted(&self) -> bool;
}

/// The owner of a child that is a task. The owner is told once the supervisor has learned of the end of
/// the child, or when the spec of the child is dropped.
pub(super) struct Settled(Arc<dyn TaskOwner>);

impl Settled {
    fn new(owner: Arc<dyn TaskOwner>) -> Self {
        Self(owner)
    }

    pub(super) fn tell(&self) {
        // The wakers may be the user's, and panic.
        let _ = contain(|| self.0.note_settled());
    }

    pub(super) fn has_aborted(&self) -> bool {
        self.0.has_aborted()
    }
}

impl Drop for Settled {
    fn drop(&mut self) {
        self.tell();
    }
}

/// The owner of a task, among the settings of a child. A copy of the settings has none, because the drop of
/// a copy says nothing about the child.
#[derive(Default)]
pub(super) struct OwnerOfTask(Option<Settled>);

impl OwnerOfTask {
    pub(super) fn new(owner: Arc<dyn TaskOwner>) -> Self {
        Self(Some(Settled::new(owner)))
    }

    pub(super) fn get(&self) -> Option<&Settled> {
        self.0.as_ref()
    }
}

impl Clone for OwnerOfTask {
    fn clone(&self) -> Self {
        Self(None)
    }
}

/// The end of the future of a task.
#[derive(Debug)]
pub(crate) enum TaskEnd {
    /// The work has ended, and its result is the owner's.
    Done,
    /// The owner has aborted the work.
    Aborted,
}

impl Outcome for TaskEnd {
    fn into_exit(self, _: Seal) -> Exit {
        match self {
            Self::Done => Exit::Normal,
            Self::Aborted => Exit::Killed,
        }
    }
}
