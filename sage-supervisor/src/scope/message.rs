//! The messages to an engine.

use std::sync::Arc;

use super::{ChildId, Command, Verdict};
use crate::exit::Exit;

/// A message to an engine.
pub(crate) enum Message<S> {
    /// The instance of a child has ended.
    Exit { child: ChildId, exit: Exit },
    /// An instance is ready. A nested supervisor is ready when it has started all its children.
    Ready { child: ChildId, instance: u64 },
    /// An instance declines to run.
    Decline { child: ChildId, instance: u64 },
    /// An instance has an error that no restart can help.
    Verdict(Box<Verdict>),
    /// Nothing is alive any more below an instance of a nested supervisor.
    Vacated { child: ChildId, instance: u64 },
    /// The declaration of a nested supervisor has changed while it runs. The spec carries the new one.
    /// It contains the reloads of the parent up to this one.
    Redeclared { child: ChildId, instance: u64, nested: Arc<S>, reloads: u64 },
    /// A caller has given a command.
    Command(Command<S>),
    /// The time that a supervisor has to stop, which is stopping, has become shorter. The scope knows it.
    Bounded,
    /// All children are to be stopped in order. The scope knows who has asked for it.
    Stop,
    /// Everything is to be aborted at once.
    Kill,
}

impl<S> Message<S> {
    pub(crate) fn is_command(&self) -> bool {
        matches!(self, Self::Command(_))
    }
}
