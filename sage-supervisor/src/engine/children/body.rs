//! The body of an instance: the task, thread, process or supervisor that it runs as.

use std::sync::Arc;

use tokio::task::{self, JoinHandle};

#[cfg(feature = "process")]
use crate::child::ProcessLink;
use crate::child::{ChildContext, Scope};
use crate::report::Requester;
use crate::scope::Why;

/// The engine's hold on a living instance, by which it is asked to stop and killed.
pub(crate) enum Body {
    Task {
        task: JoinHandle<()>,
        context: Option<ChildContext>,
    },
    /// A blocking thread, which cannot be killed.
    Thread(ChildContext),
    /// A process. The task that waits for it reports its exit.
    #[cfg(feature = "process")]
    Process(Arc<ProcessLink>),
    Supervisor(Arc<Scope>),
}

impl Body {
    /// Notes why the instance is about to be asked to stop, or killed.
    #[inline]
    pub(crate) fn note_why(&self, why: Why) {
        match self {
            Self::Task { context: Some(context), .. } | Self::Thread(context) => {
                context.note_why(why);
            }
            Self::Supervisor(scope) => scope.note_why(why),
            Self::Task { context: None, .. } => {}
            #[cfg(feature = "process")]
            Self::Process(link) => {
                if let Some(context) = link.context() {
                    context.note_why(why);
                }
            }
        }
    }

    /// Asks the instance to stop, if its start function took a context to hear the request with.
    pub(crate) fn ask_to_stop(&self) {
        match self {
            Self::Task { context: Some(context), .. } | Self::Thread(context) => {
                context.ask_to_stop();
            }
            Self::Task { context: None, .. } => {}
            #[cfg(feature = "process")]
            Self::Process(link) => link.stop(),
            Self::Supervisor(scope) => scope.stop(None),
        }
    }

    /// Ends the instance as far as that is possible from outside: a task when it yields, a process at
    /// once, a thread not at all.
    pub(crate) fn kill(&self) {
        match self {
            Self::Task { task, .. } => task.abort(),
            Self::Thread(context) => context.ask_to_stop(),
            #[cfg(feature = "process")]
            Self::Process(link) => link.kill(),
            Self::Supervisor(scope) => scope.kill(Requester::Parent),
        }
    }

    /// Cancels the context of an instance that has ended, so that tasks to which the instance handed
    /// its token end as well.
    pub(crate) fn release(self) {
        match self {
            Self::Task { context: Some(context), .. } | Self::Thread(context) => {
                context.ask_to_stop();
            }
            #[cfg(feature = "process")]
            Self::Process(link) => link.release(),
            Self::Task { context: None, .. } | Self::Supervisor(_) => {}
        }
    }

    /// Returns whether the instance is a nested supervisor. A killed supervisor joins its own children
    /// and knows which of them do not end, so it needs no kill grace of its own.
    pub(crate) fn is_supervisor(&self) -> bool {
        matches!(self, Self::Supervisor(_))
    }

    pub(crate) fn is_thread_or_process(&self) -> bool {
        match self {
            Self::Task { .. } | Self::Supervisor(_) => false,
            Self::Thread(_) => true,
            #[cfg(feature = "process")]
            Self::Process(_) => true,
        }
    }

    /// Returns whether something of the instance lives in real time, whatever the clock of the runtime
    /// shows: a thread or a process, or one below a nested supervisor.
    pub(crate) fn lives_in_real_time(&self) -> bool {
        match self {
            Self::Supervisor(scope) => scope.has_real_time(),
            other => other.is_thread_or_process(),
        }
    }

    /// Returns the context of the instance, if its start function took one.
    pub(crate) fn context(&self) -> Option<&ChildContext> {
        match self {
            Self::Task { context, .. } => context.as_ref(),
            Self::Thread(context) => Some(context),
            #[cfg(feature = "process")]
            Self::Process(link) => link.context(),
            Self::Supervisor(_) => None,
        }
    }

    /// Returns the task of an instance that is a task.
    pub(crate) fn task(&self) -> Option<task::Id> {
        match self {
            Self::Task { task, .. } => Some(task.id()),
            _ => None,
        }
    }

    /// Returns the process id of an instance that is a process.
    pub(crate) fn pid(&self) -> Option<u32> {
        match self {
            #[cfg(feature = "process")]
            Self::Process(link) => link.pid(),
            _ => None,
        }
    }
}
