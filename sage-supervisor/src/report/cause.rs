//! Why a supervisor ended, and who wanted it to.

use std::fmt;

use crate::error::SageError;
use crate::exit::Exit;

/// Why a supervisor ended: what came first, whatever went wrong after that.
#[derive(Debug, Clone)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum EndCause {
    /// All its children had ended for good.
    AllEnded,
    /// It was asked to. Of several who ask, the first is named.
    Requested {
        /// Who asked.
        by: Requester,
        /// Why, in the words of who asked.
        reason: Option<String>,
    },
    /// A significant child ended for good, and it is declared to end with it.
    Significant {
        /// The path of the child.
        path: String,
        /// How the child ended.
        #[cfg_attr(feature = "serde", serde(serialize_with = "crate::tree::serialize_exit"))]
        exit: Exit,
    },
    /// A child was to be restarted more often than the limit allows.
    RestartLimit {
        /// The path of the child.
        path: String,
    },
    /// A child did not start while the supervisor itself was starting.
    FailedStart {
        /// The path of the child.
        path: String,
    },
    /// A restart waited too long for tasks that do not end.
    UnresponsiveTimeout {
        /// The paths of the tasks.
        paths: Vec<String>,
    },
    /// It never began: the declaration breaks a rule, or signals cannot be listened to.
    NotStarted,
    /// The runtime was shut down.
    RuntimeShutdown,
    /// It panicked, which is a defect of this crate.
    Defect,
}

/// Who asked for the end of a supervisor.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Requester {
    /// A child, by its [context](crate::ChildContext::shutdown_tree) or the
    /// [handle](crate::ChildContext::supervisor) that this gives.
    Child {
        /// The path of the child.
        path: String,
    },
    /// Whoever holds a [`SupervisorHandle`](crate::SupervisorHandle).
    Handle,
    /// Its owner, by [`shutdown`](crate::RunningSupervisor::shutdown) or
    /// [`kill`](crate::RunningSupervisor::kill).
    Owner,
    /// Nobody in words: its owner, or the future of its run, was dropped.
    OwnerDropped,
    /// The operating system, under [`run_until_signal`].
    ///
    #[cfg_attr(
        feature = "signal",
        doc = "[`run_until_signal`]: crate::Supervisor::run_until_signal"
    )]
    #[cfg_attr(not(feature = "signal"), doc = "[`run_until_signal`]: crate#features")]
    Signal {
        /// The number of the signal.
        number: i32,
    },
    /// The supervisor above, which ends, or stops or restarts this one.
    Parent,
}

/// A request for the end of a supervisor, on its way.
#[derive(Debug)]
pub(crate) struct ShutdownRequest {
    pub(crate) by: Requester,
    pub(crate) reason: Option<String>,
}

impl EndCause {
    /// What leads to a supervisor's end with this error.
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
                Self::UnresponsiveTimeout { paths: held.paths.clone() }
            }
            // It is known when all is over, and the cause of nothing.
            SageError::GivenUp(_) => Self::AllEnded,
            SageError::RuntimeShutdown => Self::RuntimeShutdown,
            SageError::Defect(_) => Self::Defect,
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
            Self::AllEnded => f.write_str("all its children had ended for good"),
            Self::Requested { by, reason } => {
                write!(f, "{by}")?;
                reason.as_ref().map_or(Ok(()), |reason| write!(f, ": {reason}"))
            }
            Self::Significant { path, exit } => write!(f, "significant child `{path}`: {exit}"),
            Self::RestartLimit { path } => {
                write!(f, "child `{path}` was to be restarted too often")
            }
            Self::FailedStart { path } => write!(f, "child `{path}` did not start"),
            Self::UnresponsiveTimeout { paths } => {
                write!(f, "gave up waiting for the end of {}", paths.join(", "))
            }
            Self::NotStarted => f.write_str("it could not begin"),
            Self::RuntimeShutdown => f.write_str("the runtime was shut down"),
            Self::Defect => f.write_str("the supervisor itself panicked"),
        }
    }
}

impl fmt::Display for Requester {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Child { path } => write!(f, "asked by child `{path}`"),
            Self::Handle => f.write_str("asked through a handle"),
            Self::Owner => f.write_str("asked by its owner"),
            Self::OwnerDropped => f.write_str("its owner was dropped"),
            Self::Signal { number: 2 } => f.write_str("Ctrl-C"),
            Self::Signal { number: 15 } => f.write_str("SIGTERM"),
            Self::Signal { number } => write!(f, "signal {number}"),
            Self::Parent => f.write_str("stopped by the supervisor above"),
        }
    }
}
