//! Tasks do not end.

use std::error::Error;
use std::fmt;

use super::SageError;
use crate::exit::{Exit, StartFailure};

/// Tasks that were aborted, and threads that were asked to stop, and had not ended when the kill grace
/// was over.
///
/// They never yielded, or never looked: an abort takes effect only where a task does, and a thread
/// cannot be aborted at all. One that ends late, but before
/// its supervisor does, is not among them, unless the supervisor had given up waiting for it.
/// [`Supervisor::kill_grace`] and [`Supervisor::unresponsive_timeout`] have examples.
///
/// [`Supervisor::unresponsive_timeout`]: crate::Supervisor::unresponsive_timeout
/// [`Supervisor::kill_grace`]: crate::Supervisor::kill_grace
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Unresponsive {
    /// The paths of the children that have not ended, such as `shop/storage/writer`.
    pub paths: Vec<String>,
    /// What the supervisor would have ended with otherwise; it is the
    /// [`source`](Error::source).
    pub cause: Option<SageError>,
}

impl Unresponsive {
    /// What a nested supervisor says of tasks that do not end, if that is what it ended with.
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

    /// The error that says this and what was known before.
    pub(crate) fn on_top_of(mut self, before: Option<SageError>) -> SageError {
        let before = match before {
            Some(SageError::Unresponsive(before)) => {
                self.paths.extend(before.paths);
                before.cause
            }
            before => before,
        };
        self.paths.sort_unstable();
        self.paths.dedup();
        self.cause = before.or(self.cause);
        SageError::Unresponsive(Box::new(self))
    }
}

impl fmt::Display for Unresponsive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "aborted and not ended: {}", self.paths.join(", "))?;
        self.cause.as_ref().map_or(Ok(()), |cause| write!(f, "; stopped because: {cause}"))
    }
}

impl Error for Unresponsive {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(|cause| cause as &(dyn Error + 'static))
    }
}
