//! The errors that an engine answers commands with.

use crate::command::{CommandError, SupervisorState};
use crate::engine::Engine;
use crate::scope::ChildId;

/// The reason for which a command about a child is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The supervisor is ending.
    Ending,
    Restarting,
    Unresponsive,
    StartsOnce,
    StillRunning,
    Stopped,
    /// The child is down, or on its way there.
    NotUp,
}

impl Engine {
    /// Returns the error of a command about a child.
    pub(crate) fn refusal(&self, child: ChildId, refusal: Refusal) -> CommandError {
        let path = self.path_of(child);
        match refusal {
            Refusal::Ending => self.is_ending_error(),
            Refusal::Restarting => CommandError::Restarting { path },
            Refusal::Unresponsive => CommandError::Unresponsive { path },
            Refusal::StartsOnce => CommandError::StartsOnce { path },
            Refusal::StillRunning => CommandError::StillRunning { path, state: self.state(child) },
            Refusal::Stopped => CommandError::Stopped { path },
            Refusal::NotUp => CommandError::NotUp { path, state: self.state(child) },
        }
    }

    /// Returns the error of a command to a supervisor that is ending.
    pub(crate) fn is_ending_error(&self) -> CommandError {
        let path = self.scope.lineage().to_string();
        CommandError::NotRunning { path, state: SupervisorState::Ending }
    }

    /// Returns the path of a child.
    pub(crate) fn path_of(&self, child: ChildId) -> String {
        self.scope.lineage().join(self.children[child].name())
    }
}
