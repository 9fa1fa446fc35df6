//! The reporters: they tell an engine how its instances ended.

use std::sync::Arc;

use crate::child::{self, Instance, Message, Scope};
use crate::exit::Exit;
use crate::scope::ChildId;

/// Reports the exit of one instance to its engine. It holds the scope occupied until then.
pub(crate) struct Reporter(Arc<Scope>);

impl Reporter {
    pub(crate) fn new(scope: &Arc<Scope>) -> Self {
        scope.enter();
        Self(Arc::clone(scope))
    }
}

impl child::Report for Reporter {
    type Label = ChildId;

    fn is_killed(&self) -> bool {
        self.0.is_killed()
    }

    fn ended(self, child: ChildId, exit: Exit) {
        self.0.leave();
        self.0.tell(Message::Exit { child, exit });
    }
}

// A fourth word would make every child 128 bytes larger (see `Instance`).
const _: () = assert!(size_of::<Instance<Reporter>>() <= 3 * size_of::<usize>());

/// The reporter of a nested supervisor, or of the task that waits for a process. These are polled to
/// their end even if they are killed, because they join what is below them.
pub(crate) struct JoiningReporter(pub(crate) Reporter);

impl child::Report for JoiningReporter {
    type Label = ChildId;

    fn is_killed(&self) -> bool {
        false
    }

    fn ended(self, child: ChildId, exit: Exit) {
        self.0.ended(child, exit);
    }
}
