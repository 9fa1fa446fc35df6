//! The shutdown of the supervisor on request, or because its parent asks.

use crate::engine::Engine;
use crate::error::SageError;
use crate::report::{Requester, ShutdownRequest};

impl Engine {
    /// Shuts the supervisor down on request. Without a request, its parent asks.
    pub(crate) fn shut_down(&mut self) {
        if let Some(error) = self.failure() {
            self.notes.fail_if_well(|| error);
            self.begin_ending_with_error();
        }
        let by_parent = ShutdownRequest { by: Requester::Parent, reason: None };
        let request = self.scope.shutdown_request().cloned();
        self.begin_ending(request.unwrap_or(by_parent).into());
        self.close();
        self.hand_down_bound();
    }

    /// Returns the error with which a child ends the whole tree, if this is the root.
    fn failure(&self) -> Option<SageError> {
        let failure = (!self.scope.is_nested()).then(|| self.scope.failure_of_tree());
        failure.flatten().cloned()
    }
}
