//! What a supervisor answers to commands given by hand.

use std::time::Duration;

use thiserror::Error;
use tokio::time::Instant;

use crate::error::InvalidTree;
use crate::exit::Exit;
use crate::policy::Shutdown;
use crate::policy::{RestartConfig, RestartPolicy};

/// Why a command was not carried out.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum CommandError {
    /// There is no child of that name, or no supervisor at that path.
    #[error("there is no such child")]
    NotFound,
    /// A child of that name is up.
    #[error("a child of that name is running")]
    AlreadyRunning,
    /// There is a child of that name, and it is not up.
    #[error("there is a child of that name, which is not running")]
    AlreadyExists,
    /// It has to be stopped first.
    #[error("the child is still running")]
    StillRunning,
    /// It is about to be started by its supervisor.
    #[error("the child is being restarted")]
    Restarting,
    /// It was aborted and has not ended.
    #[error("the child was aborted and has not ended")]
    Unresponsive,
    /// The supervisor has ended, is ending, or has not been started.
    #[error("the supervisor is not running")]
    NotRunning,
    /// The dynamic supervisor has as many children as it may have.
    #[error("the supervisor has as many children as it may have")]
    MaxChildren,
    /// It can be started only once.
    #[error("the child can be started only once")]
    StartsOnce,
    /// It was stopped by hand before it was up.
    #[error("the child was stopped before it was up")]
    Stopped,
    /// The spec breaks a rule; nothing was started.
    #[error(transparent)]
    Invalid(InvalidTree),
    /// It did not start, and is not tried again.
    #[error("the child did not start: {0}")]
    FailedStart(Exit),
}

/// What a child is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ChildState {
    /// Started, and not ready yet.
    Starting,
    /// Up.
    Running,
    /// Asked to stop, or aborted, and not ended yet.
    Stopping,
    /// Aborted, and not ended within the kill grace.
    Unresponsive,
    /// Down, and about to be started by its supervisor.
    Restarting,
    /// Stopped by hand: it stays down until it is started by hand, or with its group.
    Stopped,
    /// It has ended for good.
    Finished,
    /// It needed more restarts than its own limit allows: it stays down until it is started by hand, or
    /// with its group.
    GivenUp,
}

/// A child at one moment.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ChildStatus {
    /// Its name.
    pub name: String,
    /// Its path in the tree.
    pub path: String,
    /// What it is doing.
    pub state: ChildState,
    /// Whether it is a nested supervisor.
    pub is_supervisor: bool,
    /// How often it was started again in this run of its supervisor.
    pub restarts: u64,
    /// When its backoff, or that of its group, is over, if it waits for that.
    pub restarts_at: Option<Instant>,
    /// How its last instance ended.
    pub last_exit: Option<Exit>,
    /// Its restart policy.
    pub restart: RestartPolicy,
    /// How it is stopped.
    pub shutdown: Shutdown,
    /// How long it may take to become ready, if it says when.
    pub ready_within: Option<Duration>,
    /// Whether it is significant.
    pub is_significant: bool,
    /// The limit on its own restarts, if it has one.
    pub restart_limit: Option<RestartConfig>,
    /// How often it has to say that it is alive, if it has to.
    pub heartbeat: Option<Duration>,
}

/// How many children a supervisor has, at one moment. Those of nested supervisors do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub struct Counts {
    /// Children in all, up or not.
    pub specs: usize,
    /// Those that have an instance.
    pub running: usize,
    /// Those that are about to be started by their supervisor.
    pub restarting: usize,
    /// Nested supervisors, up or not.
    pub supervisors: usize,
    /// All others, up or not.
    pub workers: usize,
}
