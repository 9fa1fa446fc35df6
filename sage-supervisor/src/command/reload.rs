//! The changes that a reload has made.

use super::CommandError;

/// The changes that a [reload](crate::SupervisorHandle::reload) has made, with the paths of the children.
///
/// Every list is in the order of the declaration, supervisor by supervisor. A nested supervisor that goes on
/// with other settings or children is kept, and its children are listed for themselves.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Reload {
    /// The children that run on, because they are the same.
    pub kept: Vec<String>,
    /// The children that were stopped and started from a new spec.
    pub replaced: Vec<String>,
    /// The children that are new.
    pub added: Vec<String>,
    /// The children that were stopped and removed, because they are not declared any more.
    pub removed: Vec<String>,
    /// The stops and starts that did not succeed, each with the path of its child. The new declaration stands
    /// all the same.
    pub failed: Vec<CommandError>,
}

impl Reload {
    /// Returns `true` if no child was replaced, added or removed.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.replaced.is_empty() && self.added.is_empty() && self.removed.is_empty()
    }

    /// Adds a failure, unless one of the same child or supervisor is known.
    pub(crate) fn fail(&mut self, error: CommandError) {
        if self.failed.iter().all(|failed| failed.path() != error.path()) {
            self.failed.push(error);
        }
    }

    /// Adds what was changed below a nested supervisor.
    pub(crate) fn add(&mut self, below: Self) {
        self.kept.extend(below.kept);
        self.replaced.extend(below.replaced);
        self.added.extend(below.added);
        self.removed.extend(below.removed);
        below.failed.into_iter().for_each(|error| self.fail(error));
    }
}
