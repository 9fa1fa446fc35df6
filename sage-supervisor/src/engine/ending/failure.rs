//! The failures of children while everything is being stopped.

use crate::error::Unresponsive;
use crate::exit::Exit;

/// Decides whether an instance that has ended in the final stop has failed, so that the end of the tree
/// is not clean.
pub(super) fn has_failed(exit: &Exit, was_asked: bool, shutdown_timed_out: bool) -> bool {
    let failed = match exit {
        Exit::Normal | Exit::Shutdown => false,
        // The kill was ordered: by the shutdown setting of the child, or by whoever killed everything.
        Exit::Killed => !was_asked,
        // The tasks below a nested supervisor that do not end have an error of their own.
        exit => Unresponsive::of(exit).is_none(),
    };
    failed || shutdown_timed_out
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::contain::contain;
    use crate::error::SageError;
    use crate::exit::{ExitError, StartFailure};
    use crate::report::ChildPaths;

    fn panic(message: &'static str) -> Exit {
        let panic = contain(|| std::panic::resume_unwind(Box::new(message)));
        Exit::Panic(panic.expect_err("it has panicked"))
    }

    #[test]
    fn an_ordered_end_is_no_failure_unless_it_was_late() {
        let unresponsive = SageError::Unresponsive(Box::new(ChildPaths::default().into()));
        let error = || Exit::Error(ExitError::new("boom"));
        let [never, always] = [[false, false], [true, true]];
        // The columns are an instance that ended by itself, and one that was asked to end.
        let table = [
            (Exit::Normal, never),
            (Exit::Shutdown, never),
            (Exit::Killed, [true, false]),
            (error(), always),
            (panic("oh"), always),
            (Exit::HeartbeatMissed(Duration::ZERO), always),
            (Exit::FailedStart(StartFailure::Ended(Arc::new(error()))), always),
            (Exit::Error(ExitError::new(unresponsive)), never),
        ];
        for (exit, expected) in table {
            let found = [false, true].map(|was_asked| has_failed(&exit, was_asked, false));
            assert_eq!(found, expected, "{exit:?}");
            assert!([false, true].iter().all(|&was_asked| has_failed(&exit, was_asked, true)));
        }
    }
}
