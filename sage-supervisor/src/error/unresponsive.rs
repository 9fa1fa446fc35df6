//! The error of tasks and threads that do not end.

use std::error::Error;
use std::fmt;

use super::SageError;
use crate::chain::write_sources_if_alternate;
use crate::exit::{Exit, StartFailure};
use crate::report::{ChildPaths, Enumerated, MAX_LISTED};

/// Tasks that were aborted, or threads that were asked to stop, had not ended when the kill grace was
/// over.
///
/// An abort takes effect only where a task yields, and a thread cannot be aborted at all: these tasks
/// did not yield, and these threads did not check for cancellation. A task or a thread that ends late,
/// but before its supervisor does, is not listed, unless the supervisor had given up waiting for it.
/// [`Supervisor::kill_grace`] and [`Supervisor::unresponsive_timeout`] have examples.
///
/// [`Supervisor::unresponsive_timeout`]: crate::Supervisor::unresponsive_timeout
/// [`Supervisor::kill_grace`]: crate::Supervisor::kill_grace
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Unresponsive {
    /// The number of the children that have not ended.
    pub count: u64,
    /// The paths of the first 32 of them, such as `shop/storage/writer`, in alphabetical order.
    pub paths: Vec<String>,
    /// The error that the supervisor would have ended with otherwise. This error is the
    /// [`source`](Error::source).
    pub cause: Option<SageError>,
}

impl Unresponsive {
    /// Returns the error of a nested supervisor below which tasks do not end, if it ended with that.
    pub(crate) fn of(exit: &Exit) -> Option<&Self> {
        let error = match exit {
            Exit::Error(error) => error,
            Exit::FailedStart(StartFailure::Ended(exit)) => return Self::of(exit),
            _ => return None,
        };
        match error.get_ref().downcast_ref() {
            Some(SageError::Unresponsive(below)) => Some(below),
            _ => None,
        }
    }

    /// Returns the children that have not ended.
    pub(crate) fn children(&self) -> ChildPaths {
        ChildPaths { count: self.count, paths: self.paths.clone() }
    }

    /// Merges this error with the error that was known before. The earlier error becomes the cause, and
    /// two errors about unresponsive tasks become one with the paths of both. No task may be counted by
    /// both of them.
    pub(crate) fn on_top_of(mut self, before: Option<SageError>) -> SageError {
        let before = match before {
            Some(SageError::Unresponsive(before)) => {
                self.count += before.count;
                self.paths.extend(before.paths);
                before.cause
            }
            before => before,
        };
        self.paths.sort_unstable();
        self.paths.truncate(MAX_LISTED);
        self.cause = before.or(self.cause);
        SageError::Unresponsive(Box::new(self))
    }
}

impl From<ChildPaths> for Unresponsive {
    fn from(ChildPaths { count, paths }: ChildPaths) -> Self {
        Self { count, paths, cause: None }
    }
}

impl fmt::Display for Unresponsive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "killed and not ended: {}", Enumerated(&self.paths, self.count))?;
        if self.cause.is_some() {
            f.write_str(", while stopping after an error")?;
        }
        write_sources_if_alternate(f, self)
    }
}

impl Error for Unresponsive {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(|cause| cause as &(dyn Error + 'static))
    }
}
