//! The answers of a tree to commands.

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
            Err(CommandError::AlreadyRunning { .. }) => Self::AlreadyRunning,
            Err(CommandError::AlreadyExists { .. }) => Self::AlreadyExists,
            Err(CommandError::StillRunning { .. }) => Self::StillRunning,
            Err(CommandError::Restarting { .. }) => Self::Restarting,
            Err(CommandError::NotFound { .. }) => Self::NotFound,
            Err(CommandError::NotRunning { .. }) => Self::NotRunning,
            Err(CommandError::Stopped { .. }) => Self::Stopped,
            Err(CommandError::MaxChildren { .. }) => Self::MaxChildren,
            Err(CommandError::FailedStart { exit, .. }) => Self::failed(&Exit::of(&exit)),
            Err(other) => panic!("an answer the model does not know: {other}"),
        }
    }

    pub(crate) fn failed(exit: &Exit) -> Self {
        Self::FailedStart(exit.to_string())
    }
}

/// The status of a child, as its supervisor shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Shown {
    pub(crate) unit: usize,
    pub(crate) state: ChildState,
    pub(crate) restarts: u64,
    /// The time of the start, if the child waits for one.
    pub(crate) restarts_at: Option<u64>,
}

/// The children of one supervisor in their order, or the answer that it gives instead.
pub(crate) type Look = Result<Vec<Shown>, Answer>;

/// The numbers of specs, of running and of restarting children, of supervisors, and of workers.
pub(crate) type Count = [usize; 5];

/// The rare events of a history. A run of the model shows something about them only if they happen
/// often enough.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Note {
    /// A restart in progress is widened to earlier siblings.
    Widened,
    /// A restart is widened to a sibling that had been stopped by hand.
    WidenedToStopped,
    /// A child that had been stopped by hand is started with its group.
    StoppedBefore,
    /// A child that is stopped by hand during the restart of its group stays down.
    StoppedMeanwhile,
    /// A child is restarted by hand during the restart of its group.
    RestartedMeanwhile,
    /// A child that is added by hand waits for its turn behind others that are being started.
    Queued,
    /// A start by hand fails: that of a new child here, and that of a known child in `OldFailed`.
    NewFailed,
    OldFailed,
    /// A child that has ended for good is removed from its supervisor.
    Spent,
    /// The removal of its last child keeps a supervisor up.
    KeptByRemoval,
    /// A child that was stopped by hand keeps its supervisor up.
    KeptByStop,
    /// A temporary sibling is left out of a group restart.
    LeftOut,
    /// The children of a dynamic supervisor are all stopped at once.
    Drained,
    /// A supervisor whose children start at once waits for one of them. In `GroupAsked` the members of a
    /// group are asked to stop at once.
    AllAwaited,
    GroupAsked,
    /// A supervisor that is stopping has less time from now on.
    Hurried,
    /// A supervisor whose time is bounded asks all children that are left at once.
    AskedTheRest,
    /// A group waits for its delay. In `GroupHurried` it is started at once, because one of its
    /// children is restarted by hand.
    GroupWaits,
    GroupHurried,
    /// A child that waits for its restart is stopped by hand. In `WaitCutShort` it is started by
    /// hand.
    WaitCancelled,
    WaitCutShort,
    /// A child waits for its restart when its supervisor begins to stop.
    StoppedWaiting,
    /// A delay is short again, because the last instance was up for long.
    BeganAnew,
    /// A restart does not count, because it is delayed and nobody has set the limit.
    LeftOutOfLimit,
    /// Restarts of a child do not count any more, because an instance was up for long.
    Forgiven,
    /// A child is given up alone. In `StartedAgain` it is started again, by hand or with its group.
    GivenUp,
    StartedAgain,
    /// A child sends no heartbeat in time.
    Silent,
    /// A child declines to run.
    Declined,
    /// A supervisor ends with a significant child. In `RemovedAsItEnded` the child was removed in
    /// the same turn; in `RestartedAsItEnded` it was restarted in the same turn, and the supervisor
    /// goes on.
    Departed,
    /// A dynamic supervisor ends with a significant child.
    DepartedOnDemand,
    RemovedAsItEnded,
    RestartedAsItEnded,
}

/// The state in which a command finds its child: a column of the table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Met {
    Starting,
    Running,
    Stopping,
    Restarting,
    /// The child waits for its delay, alone.
    Waiting,
    Stopped,
    Finished,
    GivenUp,
    Unknown,
    /// The supervisor of the child is ending.
    Ending,
    /// The supervisor of the child, or one above it, does not run.
    Nowhere,
    /// The supervisor of the child, or one above it, is about to be started again.
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
