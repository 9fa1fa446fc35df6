//! The errors of commands that are given by hand, and the state of children that they report.

use std::time::Duration;

use thiserror::Error;
use tokio::time::Instant;

use crate::error::InvalidTree;
use crate::exit::Exit;
use crate::policy::{RestartConfig, RestartPolicy, Shutdown};

/// The reason for which a command was not carried out.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum CommandError {
    /// There is no child of that name, or no supervisor at that path.
    #[error("there is no such child or supervisor")]
    NotFound,
    /// A child of that name is already up.
    #[error("a child of that name is already running")]
    AlreadyRunning,
    /// A child of that name exists, and is not up.
    #[error("a child of that name already exists and is not running")]
    AlreadyExists,
    /// The child is still running, and has to be stopped first.
    #[error("the child is still running and has to be stopped first")]
    StillRunning,
    /// The child is about to be started by its supervisor.
    #[error("the child is being restarted")]
    Restarting,
    /// The child was killed and has not ended.
    #[error("the child was killed and has not ended")]
    Unresponsive,
    /// The supervisor has ended, is ending, or has not been started.
    #[error("the supervisor is not running")]
    NotRunning,
    /// The dynamic supervisor has reached its maximum number of children.
    #[error("the supervisor has reached its maximum number of children")]
    MaxChildren,
    /// The child can be started only once.
    #[error("the child can be started only once")]
    StartsOnce,
    /// The child was stopped by hand before it was up.
    #[error("the child was stopped before it was up")]
    Stopped,
    /// The spec breaks a rule, and nothing was started.
    #[error(transparent)]
    Invalid(InvalidTree),
    /// The child did not start, and its start is not retried.
    #[error("the child did not start: {0}")]
    FailedStart(Exit),
}

/// The state of a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ChildState {
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
    /// The child needed more restarts than its own limit allows. A child that is given up stays
    /// down until it is started by hand, or with its group.
    GivenUp,
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
}
