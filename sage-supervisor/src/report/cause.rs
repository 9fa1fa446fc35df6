//! The cause of a supervisor's end.

use std::fmt;

use super::listed::Enumerated;
use super::requester::{Requester, ShutdownRequest};
use crate::error::{FailureScope, SageError};
use crate::exit::Exit;

/// The cause of a supervisor's end. The first cause counts, whatever went wrong after that.
#[derive(Debug, Clone)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum EndCause {
    /// All children of the supervisor had ended for good.
    AllEnded,
    /// The supervisor was asked to end. Of several requesters, the first is named.
    #[non_exhaustive]
    Requested {
        /// The requester.
        by: Requester,
        /// The reason that the requester gave.
        reason: Option<String>,
    },
    /// A significant child ended for good, and the supervisor is declared to shut down with it.
    #[non_exhaustive]
    Significant {
        /// The path of the child.
        path: String,
        /// The exit of the child.
        #[cfg_attr(feature = "serde", serde(serialize_with = "crate::tree::serialize_exit"))]
        exit: Exit,
    },
    /// A child needed more restarts than the supervisor's restart limit allows.
    #[non_exhaustive]
    RestartLimit {
        /// The path of the child.
        path: String,
    },
    /// A child had an error that no restart can help, and failed the supervisor or the whole tree.
    #[non_exhaustive]
    FinalError {
        /// The path of the child.
        path: String,
        /// The part of the tree that ended with the error.
        scope: FailureScope,
    },
    /// A child did not start while the supervisor itself was starting.
    #[non_exhaustive]
    FailedStart {
        /// The path of the child.
        path: String,
    },
    /// A restart waited too long for tasks that do not end.
    #[non_exhaustive]
    UnresponsiveTimeout {
        /// The number of the tasks.
        count: u64,
        /// The paths of the first 32 tasks.
        paths: Vec<String>,
    },
    /// The supervisor was not started: the declaration breaks a rule, or signals cannot be listened to.
    NotStarted,
    /// The runtime was shut down.
    RuntimeShutdown,
    /// The supervisor itself panicked, which is a defect of this crate.
    Defect,
}

impl EndCause {
    /// Returns the cause of a supervisor's end with this error.
    pub(crate) fn of(error: &SageError) -> Self {
        match error {
            SageError::Supervisor(reached) => {
                Self::RestartLimit { path: format!("{}/{}", reached.path, reached.child) }
            }
            SageError::FailedStart(failed) => Self::FailedStart { path: failed.path.clone() },
            SageError::Significant(lost) => {
                Self::Significant { path: lost.path.clone(), exit: lost.exit.clone() }
            }
            SageError::Unresponsive(held) => {
                Self::UnresponsiveTimeout { count: held.count, paths: held.paths.clone() }
            }
            SageError::Final(last) if last.scope != FailureScope::Child => {
                Self::FinalError { path: last.path.clone(), scope: last.scope }
            }
            // Neither a child that was given up nor one that failed while it stopped ends anything:
            // these errors are found after the end.
            SageError::GivenUp(_) | SageError::Final(_) | SageError::UncleanStop(_) => {
                Self::AllEnded
            }
            SageError::RuntimeShutdown => Self::RuntimeShutdown,
            SageError::Defect(_) => Self::Defect,
            // An engine ends with `Invalid` only before it has started a child. `Other` is the error of
            // a program that cannot listen to signals, and no supervisor ends with `Agent`.
            SageError::Invalid(_) | SageError::Agent(_) | SageError::Other(_) => Self::NotStarted,
        }
    }
}

impl From<ShutdownRequest> for EndCause {
    fn from(ShutdownRequest { by, reason }: ShutdownRequest) -> Self {
        Self::Requested { by, reason }
    }
}

impl fmt::Display for EndCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AllEnded => f.write_str("all children had ended for good"),
            Self::Requested { by, reason } => {
                write!(f, "{by}")?;
                reason.as_ref().map_or(Ok(()), |reason| write!(f, ": {reason}"))
            }
            Self::Significant { path, exit } => write!(f, "significant child `{path}`: {exit}"),
            Self::RestartLimit { path } => {
                write!(f, "child `{path}` needed too many restarts")
            }
            Self::FinalError { path, scope } => write!(f, "child `{path}` {}", scope.verb()),
            Self::FailedStart { path } => write!(f, "child `{path}` did not start"),
            Self::UnresponsiveTimeout { count, paths } => {
                write!(f, "unresponsive tasks did not end: {}", Enumerated(paths, *count))
            }
            Self::NotStarted => f.write_str("the supervisor could not start"),
            Self::RuntimeShutdown => f.write_str("the runtime was shut down"),
            Self::Defect => f.write_str("the supervisor itself panicked"),
        }
    }
}
