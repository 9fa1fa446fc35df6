//! The reasons for which a task has no result.

use std::time::Duration;

use thiserror::Error;

use crate::command::CommandError;
use crate::contain::ChildPanic;

/// The reason for which a task has no result.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum TaskError {
    /// The task panicked.
    #[error("the task panicked{place}: {0}", place = .0.place())]
    Panicked(ChildPanic),
    /// The task was aborted before it had ended: by its owner, by a stop whose time was over, or with
    /// its supervisor.
    #[error("the task was aborted")]
    Aborted,
    /// The task took longer than the [`timeout`](crate::TaskStream::timeout) of its stream, and was aborted.
    #[error("the task took longer than {0:?}")]
    TimedOut(Duration),
    /// The task of an item of a [`TaskStream`](crate::TaskStream) could not be started.
    #[error("the task was not started: {0}")]
    NotStarted(CommandError),
}
