//! The changes that a reload has made.

use std::error::Error;
use std::fmt;

use super::CommandError;

/// The changes that a [reload](crate::SupervisorHandle::reload) has made, with the paths of the children.
///
/// Every list is in the order of the declaration, supervisor by supervisor. A nested supervisor that goes on
/// with other settings or children is kept, and its children are listed for themselves.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
#[must_use = "the children that could not be stopped or started are in it"]
pub struct Reload {
    /// The children that run on, because they are the same.
    pub kept: Vec<String>,
    /// The children that were stopped and started from a new spec, unless they are among those that
    /// [failed](Self::failed).
    pub replaced: Vec<String>,
    /// The children that are new, unless they are among those that failed.
    pub added: Vec<String>,
    /// The children that were stopped and removed, because they are not declared any more.
    pub removed: Vec<String>,
    /// The children whose stop or start did not succeed. The new declaration stands all the same.
    pub failed: Vec<ReloadFailure>,
}

/// A child that a [`Reload`] could not stop or start.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ReloadFailure {
    /// The path of the child.
    pub path: String,
    /// The answer to its stop or start.
    pub error: CommandError,
}

impl fmt::Display for ReloadFailure {
    /// Writes the path of the child, and the answer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.path, self.error)
    }
}

impl Error for ReloadFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        // The text of the error is in the text of this one already.
        self.error.source()
    }
}

impl Reload {
    /// Returns `true` if no child was replaced, added or removed.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.replaced.is_empty() && self.added.is_empty() && self.removed.is_empty()
    }

    /// Adds a failure, unless one of the same child is known.
    pub(crate) fn fail(&mut self, path: String, error: CommandError) {
        if self.failed.iter().all(|failed| failed.path != path) {
            self.failed.push(ReloadFailure { path, error });
        }
    }

    /// Adds what was changed below a nested supervisor.
    pub(crate) fn add(&mut self, below: Self) {
        self.kept.extend(below.kept);
        self.replaced.extend(below.replaced);
        self.added.extend(below.added);
        self.removed.extend(below.removed);
        below.failed.into_iter().for_each(|failed| self.fail(failed.path, failed.error));
    }
}
