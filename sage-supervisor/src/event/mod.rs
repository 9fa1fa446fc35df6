//! What happened, told as typed events and through `tracing`.
//!
//! Both are made from one [`Fact`], in one place.

mod fact;
mod stream;

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use crate::exit::Exit;
use crate::report::Requester;

pub(crate) use self::fact::{
    Fact, restart_limit_reached, shutdown_requested, tree_ended, tree_started,
};
#[cfg(feature = "signal")]
pub(crate) use self::fact::{signal, signalled};
pub(crate) use self::stream::Stream;
pub use self::stream::{Events, Lagged};

/// One thing that happened in a tree.
///
/// Those about one supervisor and its children come in the order in which they happened. See
/// [`SupervisorHandle::subscribe`] for how to get them.
///
/// [`SupervisorHandle::subscribe`]: crate::SupervisorHandle::subscribe
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Event {
    /// Where: the path of the child. That of the supervisor if it reached its restart limit or it was asked to
    /// shut down, that of the root if it is about the whole tree.
    pub path: String,
    /// The name of the child; `None` if it is about the whole tree.
    pub child: Option<String>,
    /// When, on tokio's clock.
    pub at: Instant,
    /// What.
    pub kind: EventKind,
}

/// What happened.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum EventKind {
    /// An instance was started.
    Started {
        /// Its number, from 1 on, in this run of its supervisor.
        instance: u64,
    },
    /// An instance is ready: it declares readiness and said so, or it is a nested supervisor and all
    /// its children have been started.
    Ready,
    /// An instance has ended; exactly one for each that was started. Without a child, the tree has.
    Exited {
        /// How it ended.
        exit: Exit,
        /// Whether it had been asked to stop, or was aborted.
        asked: bool,
    },
    /// A restart was decided on, and counted.
    Restarting {
        /// The exit that led to it.
        exit: Exit,
        /// Which restart of this child it is, from 1 on, in this run of its supervisor.
        attempt: u64,
        /// How many siblings go along.
        group: usize,
        /// How long it waits before it starts.
        delay: Duration,
        /// How many restarts are in the supervisor's window now, with this one; 0 if unlimited.
        used: u32,
        /// How many the window may hold; `None` if unlimited.
        allowed: Option<u32>,
    },
    /// An instance was asked to stop.
    Stopping {
        /// How long it may take before it is aborted; `None` is for ever.
        timeout: Option<Duration>,
    },
    /// The task of an instance was aborted, or a nested supervisor told to abort all it has.
    Killed {
        /// Why.
        reason: KillReason,
    },
    /// An aborted task has not ended within the kill grace.
    Unresponsive {
        /// The kill grace.
        grace: Duration,
    },
    /// A restart has waited too long for an unresponsive task: the supervisor ends.
    UnresponsiveTimeout {
        /// How long it has waited.
        waited: Duration,
    },
    /// A significant child has ended for good, and its supervisor ends with it.
    AutoShutdown {
        /// How the child ended.
        exit: Exit,
    },
    /// One more restart of the child would have been more than its own limit allows: it stays down.
    ChildGivenUp {
        /// How the child ended.
        exit: Exit,
        /// How many restarts its limit allows within the window.
        allowed: u32,
        /// The length of the window.
        within: Duration,
    },
    /// One more restart of the child would have been too many: the supervisor at `path` ends.
    RestartLimitReached {
        /// How the child ended.
        exit: Exit,
        /// How many restarts were allowed within the window.
        allowed: u32,
        /// The length of the window.
        within: Duration,
    },
    /// The supervisor at `path` was asked to shut down, or killed by its owner. What is asked of one
    /// that is ending already is not told, nor is what follows from a signal, or from above.
    ShutdownRequested {
        /// Who asked.
        by: Requester,
        /// Why, if that was said.
        reason: Option<String>,
    },
    /// A signal was heard by [`Supervisor::run_until_signal`](crate::Supervisor#method.run_until_signal).
    Signalled {
        /// The number of the signal.
        number: i32,
    },
}

/// Why an instance was aborted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KillReason {
    /// Its shutdown setting is [`Shutdown::BrutalKill`](crate::Shutdown::BrutalKill).
    BrutalKill,
    /// It was asked to stop, and did not within its time.
    TimeIsOver,
    /// It gave no heartbeat.
    HeartbeatMissed,
    /// All of its supervisor was killed at once.
    Supervisor,
}

impl fmt::Display for KillReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::BrutalKill => "brutal kill",
            Self::TimeIsOver => "its shutdown time is over",
            Self::HeartbeatMissed => "it gave no heartbeat",
            Self::Supervisor => "the whole supervisor is killed",
        })
    }
}
