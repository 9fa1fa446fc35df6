//! The errors of commands that are given by hand, and the state of children that they report.

mod condition;
mod error;
mod reload;

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

pub(crate) use self::condition::{Condition, Met};
pub use self::error::{CommandError, SupervisorState};
pub use self::reload::{Reload, ReloadFailure};

use crate::exit::Exit;
use crate::policy::{RestartConfig, RestartPolicy, Shutdown};

/// The state of a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ChildState {
    /// The tree has not been started. Only the tree of a declaration, from
    /// [`Supervisor::tree`](crate::Supervisor::tree), has children in this state.
    NotStarted,
    /// The child has been started, and is not ready yet.
    Starting,
    /// The child is up.
    Running,
    /// The child has been asked to stop or was killed, and has not ended yet.
    Stopping,
    /// The child was killed, and did not end within the kill grace.
    Unresponsive,
    /// The child is down, and is about to be started by its supervisor.
    Restarting,
    /// The child was stopped by hand. A stopped child stays down until it is started by hand, or
    /// with its group.
    Stopped,
    /// The child has ended for good.
    Finished,
    /// The child needed more restarts than its own limit allows, or [said](crate::ChildContext::give_up) that
    /// no restart can help it. A child that is given up stays down until it is started by hand, or with its
    /// group.
    GivenUp,
}

impl ChildState {
    /// Returns `true` for [`Running`](Self::Running): the child has been started, is ready if it declares
    /// readiness, and has not been asked to stop.
    #[must_use]
    pub fn is_up(self) -> bool {
        self == Self::Running
    }
}

impl fmt::Display for ChildState {
    /// Writes the state as a word in lower case, such as `running` or `given up`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NotStarted => "not started",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Unresponsive => "unresponsive",
            Self::Restarting => "restarting",
            Self::Stopped => "stopped",
            Self::Finished => "finished",
            Self::GivenUp => "given up",
        })
    }
}

/// A child at one moment: its state, its history and its settings.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ChildStatus {
    /// The name of the child.
    pub name: String,
    /// The path of the child in the tree.
    pub path: String,
    /// The state of the child.
    pub state: ChildState,
    /// `true` if the child is a nested supervisor.
    pub is_supervisor: bool,
    /// The number of times the child was started again in this run of its supervisor.
    pub restarts: u64,
    /// The end of the backoff of the child or of its group, if the child waits for that.
    pub restarts_at: Option<Instant>,
    /// The exit of the last instance.
    pub last_exit: Option<Exit>,
    /// The restart policy of the child.
    pub restart: RestartPolicy,
    /// The shutdown setting of the child.
    pub shutdown: Shutdown,
    /// The longest time the child may take to become ready, if it reports its readiness.
    pub ready_within: Option<Duration>,
    /// `true` if the child is significant.
    pub is_significant: bool,
    /// The child's own restart limit, if it has one.
    pub restart_limit: Option<RestartConfig>,
    /// The longest time between two heartbeats of the child, if it needs any.
    pub heartbeat: Option<Duration>,
}

impl ChildStatus {
    /// Returns `true` if the child runs, as [`ChildState::is_up`] says.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.state.is_up()
    }
}

/// The numbers of children of a supervisor, at one moment. The children of nested supervisors are
/// not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub struct Counts {
    /// The number of children in all, up or not.
    pub specs: usize,
    /// The number of children that have an instance.
    pub running: usize,
    /// The number of children that are about to be started by their supervisor.
    pub restarting: usize,
    /// The number of nested supervisors, up or not.
    pub supervisors: usize,
    /// The number of all other children, up or not.
    pub workers: usize,
    /// The number of places of a dynamic supervisor that are [reserved](crate::Permit), each for a child
    /// that does not exist yet. The places and `specs` together are at most `max_children`.
    pub reserved: usize,
}
