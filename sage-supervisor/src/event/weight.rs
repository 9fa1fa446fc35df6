//! The approximate size of an event in memory.

use super::{Event, EventKind};
use crate::exit::{Exit, StartFailure};

/// Returns about how many bytes an event holds. The text of an error stands for what the error holds
/// besides its own fields, which nobody else can know.
pub(super) fn of(event: &Event) -> usize {
    let Event { path, child, at: _, kind } = event;
    let names = path.len() + child.as_ref().map_or(0, String::len);
    size_of::<Event>().saturating_add(names).saturating_add(of_kind(kind))
}

fn of_kind(kind: &EventKind) -> usize {
    match kind {
        EventKind::Exited { exit, .. }
        | EventKind::Restarting { exit, .. }
        | EventKind::FinalError { exit, .. }
        | EventKind::ChildGivenUp { exit, .. } => of_exit(exit),
        EventKind::AutoShutdown { supervisor, exit }
        | EventKind::RestartLimitReached { supervisor, exit, .. } => {
            supervisor.len().saturating_add(of_exit(exit))
        }
        EventKind::UnresponsiveTimeout { supervisor, .. } => supervisor.len(),
        EventKind::ShutdownRequested { reason, .. } => reason.as_ref().map_or(0, String::len),
        EventKind::Started { .. }
        | EventKind::Ready
        | EventKind::Stopping { .. }
        | EventKind::Killed { .. }
        | EventKind::Unresponsive { .. }
        | EventKind::Signalled { .. } => 0,
    }
}

fn of_exit(exit: &Exit) -> usize {
    match exit {
        Exit::Error(error) => error.weight(),
        Exit::Panic(panic) => panic.message().len(),
        Exit::FailedStart(StartFailure::Ended(exit)) => of_exit(exit),
        _ => 0,
    }
}
