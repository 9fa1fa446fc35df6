//! What an instance runs as, and how it is told to end.

use std::sync::Arc;

use tokio::task::JoinHandle;

use super::scope::Scope;
use crate::child::ChildContext;
#[cfg(feature = "process")]
use crate::child::ProcessLink;
use crate::report::Requester;

/// What the engine holds of a living instance.
pub(super) enum Body {
    Task {
        task: JoinHandle<()>,
        context: Option<ChildContext>,
    },
    /// It can only be asked.
    Thread(ChildContext),
    /// What is told to its end belongs to the task that waits for it.
    #[cfg(feature = "process")]
    Process(Arc<ProcessLink>),
    Supervisor(Arc<Scope>),
}

impl Body {
    /// Asks the instance to stop, if it can hear that.
    pub(super) fn ask_to_stop(&self) {
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

    /// Ends the instance as far as that can be done from outside.
    pub(super) fn kill(&self) {
        match self {
            Self::Task { task, .. } => task.abort(),
            Self::Thread(context) => context.ask_to_stop(),
            #[cfg(feature = "process")]
            Self::Process(link) => link.kill(),
            Self::Supervisor(scope) => scope.kill(Requester::Parent),
        }
    }

    /// The instance is gone: whatever it has handed its context to hears that.
    pub(super) fn release(self) {
        if let Self::Task { context: Some(context), .. } | Self::Thread(context) = self {
            context.ask_to_stop();
        }
    }

    /// Whether it is a nested supervisor. When that is killed it joins all it has, in its own time:
    /// it knows what does not end.
    pub(super) fn is_supervisor(&self) -> bool {
        matches!(self, Self::Supervisor(_))
    }

    /// What the instance was given, if anything.
    pub(super) fn context(&self) -> Option<&ChildContext> {
        match self {
            Self::Task { context, .. } => context.as_ref(),
            Self::Thread(context) => Some(context),
            _ => None,
        }
    }

    /// The process that it is.
    pub(super) fn pid(&self) -> Option<u32> {
        match self {
            #[cfg(feature = "process")]
            Self::Process(link) => link.pid(),
            _ => None,
        }
    }
}
