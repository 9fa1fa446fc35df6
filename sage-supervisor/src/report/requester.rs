//! The requester of a shutdown.

use std::fmt;

/// The requester of a supervisor's shutdown.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Requester {
    /// A child, through its [context](crate::ChildContext::shutdown_tree) or through the
    /// [handle](crate::ChildContext::supervisor) that the context gives.
    Child {
        /// The path of the child.
        path: String,
    },
    /// A caller that holds a [`SupervisorHandle`](crate::SupervisorHandle).
    Handle,
    /// The owner of the supervisor, by [`shutdown`](crate::RunningSupervisor::shutdown),
    /// [`kill`](crate::RunningSupervisor::kill) or
    /// [`run_until`](crate::RunningSupervisor::run_until).
    Owner,
    /// The drop of the supervisor's owner, or of the future of its run.
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
    /// The parent supervisor, which ends, or stops or restarts this one.
    Parent,
}

/// A request for the shutdown of a supervisor, as it is sent to its engine.
#[derive(Debug, Clone)]
pub(crate) struct ShutdownRequest {
    pub(crate) by: Requester,
    pub(crate) reason: Option<String>,
}

impl fmt::Display for Requester {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Child { path } => write!(f, "asked by child `{path}`"),
            Self::Handle => f.write_str("asked through a handle"),
            Self::Owner => f.write_str("asked by its owner"),
            Self::OwnerDropped => f.write_str("its owner was dropped"),
            Self::Signal { number: 1 } => f.write_str("SIGHUP"),
            Self::Signal { number: 2 } => f.write_str("Ctrl-C"),
            Self::Signal { number: 15 } => f.write_str("SIGTERM"),
            Self::Signal { number } => write!(f, "signal {number}"),
            Self::Parent => f.write_str("stopped by its parent"),
        }
    }
}
