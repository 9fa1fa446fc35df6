//! What a tree answers to what is asked by hand.

use sage_supervisor::{ChildState, CommandError};

use crate::facts::Exit;
use crate::history::Command;

/// A command, given to the root.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Request {
    pub(crate) number: usize,
    pub(crate) what: Command,
    pub(crate) unit: usize,
}

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) enum Answer {
    Done,
    AlreadyRunning,
    AlreadyExists,
    StillRunning,
    Restarting,
    NotFound,
    NotRunning,
    Stopped,
    MaxChildren,
    FailedStart(String),
}

impl Answer {
    pub(crate) fn of(result: Result<(), CommandError>) -> Self {
        match result {
            Ok(()) => Self::Done,
            Err(CommandError::AlreadyRunning) => Self::AlreadyRunning,
            Err(CommandError::AlreadyExists) => Self::AlreadyExists,
            Err(CommandError::StillRunning) => Self::StillRunning,
            Err(CommandError::Restarting) => Self::Restarting,
            Err(CommandError::NotFound) => Self::NotFound,
            Err(CommandError::NotRunning) => Self::NotRunning,
            Err(CommandError::Stopped) => Self::Stopped,
            Err(CommandError::MaxChildren) => Self::MaxChildren,
            Err(CommandError::FailedStart(exit)) => Self::failed(&Exit::of(&exit)),
            Err(other) => panic!("an answer the model does not know: {other}"),
        }
    }

    pub(crate) fn failed(exit: &Exit) -> Self {
        Self::FailedStart(exit.to_string())
    }
}

/// One child, as its supervisor shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Shown {
    pub(crate) unit: usize,
    pub(crate) state: ChildState,
    pub(crate) restarts: u64,
    /// When it is started, if there is a time to wait for.
    pub(crate) restarts_at: Option<u64>,
}

/// The children of one supervisor in their order, or why it does not show them.
pub(crate) type Look = Result<Vec<Shown>, Answer>;

/// Specs, running, restarting, supervisors, workers.
pub(crate) type Count = [usize; 5];

/// What happens seldom, and has to happen for the model to show anything about it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Note {
    /// A restart that is under way takes in earlier siblings.
    Widened,
    /// One of them had been stopped by hand.
    WidenedToStopped,
    /// What was stopped by hand starts with its group.
    StoppedBefore,
    /// It was stopped by hand when its group was being restarted, and stays down.
    StoppedMeanwhile,
    /// A child was restarted by hand when its group was.
    RestartedMeanwhile,
    /// A child is started by hand behind others that are.
    Queued,
    /// A start by hand fails, of a new child or of one that was there.
    NewFailed,
    OldFailed,
    /// Nothing is left of an added child.
    Spent,
    /// Its removal keeps the supervisor up.
    KeptByRemoval,
    /// It was stopped by hand, which keeps the supervisor up.
    KeptByStop,
    /// A temporary sibling is left out of a restart.
    LeftOut,
    /// Children of a dynamic supervisor are stopped at once.
    Drained,
    /// A group waits down, and is started at once because one of them is restarted by hand.
    GroupWaits,
    GroupHurried,
    /// Somebody stops a child that waits, by hand, or starts it at once.
    WaitCancelled,
    WaitCutShort,
    /// A child waits when its supervisor begins to stop.
    StoppedWaiting,
    /// A child waits less than it would had it not been up for long.
    BeganAnew,
    /// A child is given up, alone; and is started again by hand, or with its group.
    GivenUp,
    StartedAgain,
    /// A child gives no heartbeat.
    Silent,
    /// A child declines to run.
    Declined,
    /// A supervisor ends with a significant child, which may have been removed in the same turn; or
    /// it does not, because that was restarted in the same turn.
    Departed,
    RemovedAsItEnded,
    RestartedAsItEnded,
}

/// Where a command met the child that it is about: a column of the table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Met {
    Starting,
    Running,
    Stopping,
    Restarting,
    /// For the end of its backoff, alone.
    Waiting,
    Stopped,
    Finished,
    GivenUp,
    Unknown,
    /// Its supervisor ends.
    Ending,
    /// Its supervisor, or one above that, is not there.
    Nowhere,
    /// Its supervisor, or one above that, will come back.
    Awaited,
}

impl Met {
    pub(crate) fn of(state: Option<ChildState>, waits: bool) -> Self {
        match state {
            None => Self::Unknown,
            Some(ChildState::Starting) => Self::Starting,
            Some(ChildState::Running) => Self::Running,
            Some(ChildState::Stopping) => Self::Stopping,
            Some(ChildState::Restarting) if waits => Self::Waiting,
            Some(ChildState::Restarting) => Self::Restarting,
            Some(ChildState::Stopped) => Self::Stopped,
            Some(ChildState::Finished) => Self::Finished,
            Some(ChildState::GivenUp) => Self::GivenUp,
            Some(other) => panic!("a state the model does not know: {other:?}"),
        }
    }
}
