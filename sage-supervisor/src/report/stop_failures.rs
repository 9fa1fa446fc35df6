//! The children that failed while their tree stopped.

use std::fmt;

use super::listed::{MAX_LISTED, add_first};
use crate::exit::Exit;

/// The children that failed during the final stop. All are counted, and the first 32 are named.
///
/// A child has failed if it ended with an error or a panic, or if it was killed because its shutdown
/// timed out. A child that was killed on purpose has not: its shutdown is
/// [`BrutalKill`](crate::Shutdown::BrutalKill), or the whole tree was killed. A child that was killed
/// and has not ended is not listed here, because it is [unresponsive](crate::Unresponsive).
///
/// The children of nested supervisors are included. A nested supervisor that ended with an error of its
/// own, such as a reached restart limit, is listed itself.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct StopFailures {
    /// The number of children.
    pub count: u64,
    /// The first 32 children, in the order in which their supervisors learned of them.
    pub first: Vec<StopFailure>,
}

/// A child that failed while its tree stopped.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct StopFailure {
    /// The path of the child.
    pub path: String,
    /// The exit of the child.
    #[cfg_attr(feature = "serde", serde(flatten, serialize_with = "crate::tree::serialize_exit"))]
    pub exit: Exit,
    /// `true` if the child was killed because its shutdown timed out.
    pub shutdown_timed_out: bool,
}

impl StopFailures {
    pub(crate) fn add(&mut self, failure: impl FnOnce() -> StopFailure) {
        self.count += 1;
        if self.first.len() < MAX_LISTED {
            self.first.push(failure());
        }
    }

    /// Adds the failures of a nested supervisor.
    pub(crate) fn add_below(&mut self, below: &Self) {
        add_first(&mut self.first, &below.first);
        self.count += below.count;
    }
}

/// Writes the path, the exit, and if the shutdown timed out.
impl fmt::Display for StopFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let late = if self.shutdown_timed_out { TIMED_OUT } else { "" };
        write!(f, "{}: {}{late}", self.path, self.exit)
    }
}

/// The words behind the exit of a child whose shutdown timed out.
pub(super) const TIMED_OUT: &str = ", its shutdown timed out";
