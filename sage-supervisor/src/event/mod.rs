//! The events of a tree, as typed values and through `tracing`.
//!
//! Both forms are made in one place, `emit`, from the same data.

mod emit;
mod ring;
mod stream;
mod weight;

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use crate::error::FailureScope;
use crate::exit::Exit;
use crate::report::Requester;

pub(crate) use self::emit::{ChildEvent, shutdown_requested, tree_ended, tree_started};
#[cfg(feature = "signal")]
pub(crate) use self::emit::{signal_to_subscribers, signal_to_tracing};
#[cfg(feature = "signal")]
pub(crate) use self::stream::Echo;
pub(crate) use self::stream::Stream;
pub use self::stream::{Events, Lagged};

/// An event in the life of a tree.
///
/// The events about one supervisor and its children come in the order in which they happened. They
/// are received from [`SupervisorHandle::tree_events`]. The `tracing` events have the same fields under
/// the same names; the [front page](crate#events) lists them.
///
/// [`SupervisorHandle::tree_events`]: crate::SupervisorHandle::tree_events
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Event {
    /// The full path of the child that the event is about, such as `shop/storage/writer`.
    ///
    /// [`ShutdownRequested`](EventKind::ShutdownRequested) has the path of the supervisor that was
    /// asked. An event about the whole tree has the path of the root.
    pub path: String,
    /// The name of the child, which is the last name in `path`; `None` if the event is about the whole
    /// tree.
    pub child: Option<String>,
    /// The moment of the event, on tokio's clock.
    pub at: Instant,
    /// The kind of the event, with its own fields.
    pub kind: EventKind,
}

/// The kind of an [`Event`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum EventKind {
    /// An instance was started.
    #[non_exhaustive]
    Started {
        /// The number of the instance, from 1 on, in this run of its supervisor.
        instance: u64,
    },
    /// An instance is ready: it declares readiness and has reported it, or it is a nested supervisor
    /// and all its children have been started.
    Ready,
    /// An instance has ended. There is exactly one such event for each instance that was started, except
    /// for an unresponsive one whose supervisor ends without it. The event without a child says that
    /// the whole tree has ended.
    #[non_exhaustive]
    Exited {
        /// The exit of the instance.
        exit: Exit,
        /// `true` if the instance had been asked to stop, or was killed. Always `false` for the whole tree.
        asked: bool,
    },
    /// A restart was decided on.
    #[non_exhaustive]
    Restarting {
        /// The exit that led to the restart.
        exit: Exit,
        /// The number of this restart of the child, from 1 on, in this run of its supervisor.
        attempt: u64,
        /// The number of siblings that are restarted with the child.
        siblings: usize,
        /// The time that the restart waits before the child is started.
        delay: Duration,
        /// The number of restarts that count for the supervisor's restart limit, including this one. 0
        /// if this one does not count: there is no limit, or nobody has set it and a backoff delays the
        /// restart.
        used: u32,
        /// The number of restarts that the window may hold; `None` if this restart does not count.
        allowed: Option<u32>,
    },
    /// An instance was asked to stop.
    #[non_exhaustive]
    Stopping {
        /// The time that the instance may take before it is killed; `None` is for ever.
        timeout: Option<Duration>,
    },
    /// An instance was killed: a task was aborted, a process was sent SIGKILL, a thread was asked once
    /// more, or a nested supervisor was ordered to kill all its children.
    #[non_exhaustive]
    Killed {
        /// The reason for the kill.
        reason: KillReason,
    },
    /// A killed instance has not ended within the kill grace: a task that does not yield, or a thread that
    /// does not look at its request to stop.
    #[non_exhaustive]
    Unresponsive {
        /// The kill grace.
        grace: Duration,
    },
    /// A restart has waited too long for an unresponsive task, and the supervisor ends.
    #[non_exhaustive]
    UnresponsiveTimeout {
        /// The path of the supervisor that ends.
        supervisor: String,
        /// The time that the restart has waited.
        waited: Duration,
    },
    /// A significant child has ended for good, and its supervisor shuts down because of that.
    #[non_exhaustive]
    AutoShutdown {
        /// The path of the supervisor that shuts down.
        supervisor: String,
        /// The exit of the child.
        exit: Exit,
    },
    /// The child exceeded its own restart limit: it is given up and stays down.
    #[non_exhaustive]
    ChildGivenUp {
        /// The exit of the child.
        exit: Exit,
        /// The number of restarts that the window of the child's own limit would hold with the refused
        /// one.
        used: u32,
        /// The number of restarts that the window may hold.
        allowed: u32,
        /// The length of the window.
        within: Duration,
    },
    /// The child has an error that no restart can help, and has said so. The instance is asked to stop,
    /// and its exit follows.
    #[non_exhaustive]
    FinalError {
        /// The exit of the instance, with the error.
        exit: Exit,
        /// The part of the tree that ends with the error.
        scope: FailureScope,
    },
    /// The child exceeded the restart limit of its supervisor, and the supervisor ends.
    #[non_exhaustive]
    RestartLimitReached {
        /// The path of the supervisor that ends.
        supervisor: String,
        /// The exit of the child.
        exit: Exit,
        /// The number of restarts that the window of the supervisor's limit would hold with the refused
        /// one.
        used: u32,
        /// The number of restarts that the window may hold.
        allowed: u32,
        /// The length of the window.
        within: Duration,
    },
    /// The supervisor at `path` was asked to shut down, or was killed by its owner. A request to a
    /// supervisor that is ending already has no event, and neither has a shutdown that follows from a
    /// signal or from the supervisor above.
    #[non_exhaustive]
    ShutdownRequested {
        /// The requester.
        by: Requester,
        /// The reason, if the requester gave one.
        reason: Option<String>,
    },
    /// A signal was heard by
    /// [`Supervisor::run_until_signal`](crate::Supervisor#method.run_until_signal), or by another way
    /// to run a tree until a signal. The event comes before everything that the signal leads to.
    #[non_exhaustive]
    Signalled {
        /// The number of the signal.
        number: i32,
        /// The effect of the signal on this tree.
        effect: SignalEffect,
    },
}

/// The effect of a signal on a tree that is run until a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignalEffect {
    /// The tree was asked to stop in order.
    Stop,
    /// The signal is the one before it, delivered once more, and changes nothing.
    Repeat,
    /// Everything is aborted.
    Abort,
    /// The function for hangups was called in place of a stop.
    Handled,
}

impl fmt::Display for SignalEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Stop => "stop",
            Self::Repeat => "repeat",
            Self::Abort => "abort",
            Self::Handled => "handled",
        })
    }
}

/// The reason why an instance was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KillReason {
    /// The shutdown setting of the child is [`Shutdown::BrutalKill`](crate::Shutdown::BrutalKill).
    BrutalKill,
    /// The instance was asked to stop, and did not within its shutdown timeout.
    ShutdownTimeout,
    /// The instance gave no heartbeat in time.
    HeartbeatMissed,
    /// The whole supervisor was killed, with all its children at once.
    Supervisor,
    /// A command has killed the child:
    /// [`SupervisorHandle::kill_child`](crate::SupervisorHandle::kill_child).
    ByHand,
    /// A command has injected a failure, which is the exit of the instance:
    /// [`SupervisorHandle::fail_child`](crate::SupervisorHandle::fail_child).
    FailedByHand,
}

impl fmt::Display for KillReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::BrutalKill => "brutal kill",
            Self::ShutdownTimeout => "the shutdown timed out",
            Self::HeartbeatMissed => "the heartbeat was missed",
            Self::Supervisor => "the whole supervisor is killed",
            Self::ByHand => "by hand",
            Self::FailedByHand => "failed by hand",
        })
    }
}
