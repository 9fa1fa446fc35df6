//! The kinds of children, each with its start function.

use std::fmt;
use std::sync::Arc;

use super::blocking::ThreadStart;
use super::context::ChildContext;
use super::declaration::Declaration;
use super::future::Start;
#[cfg(feature = "process")]
use super::process::MakeCommand;

/// The kind of a child, with its start function.
#[derive(Clone)]
pub(crate) enum Kind {
    Task(TaskStart),
    Thread(ThreadStart),
    #[cfg(feature = "process")]
    Process(MakeCommand),
    Supervisor(Arc<Declaration>),
}

impl Kind {
    pub(crate) fn is_supervisor(&self) -> bool {
        matches!(self, Self::Supervisor(_))
    }

    /// Returns `true` if an instance of this kind has a context, by which it can report that it is
    /// ready or alive.
    pub(crate) fn has_context(&self) -> bool {
        matches!(self, Self::Task(TaskStart::WithContext(_)) | Self::Thread(_))
    }
}

/// The start function of a task. The engine calls it inside the task, so that a panic of it is a
/// panic of the child.
#[derive(Clone)]
pub(crate) enum TaskStart {
    WithContext(Arc<dyn Start<ChildContext>>),
    WithoutContext(Arc<dyn Start<()>>),
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Task(_) => "Task",
            Self::Thread(_) => "Thread",
            #[cfg(feature = "process")]
            Self::Process(_) => "Process",
            Self::Supervisor(_) => "Supervisor",
        })
    }
}
