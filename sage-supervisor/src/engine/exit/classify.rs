//! The classification of an exit: what an instance reports, against what its engine knows of it.

use std::sync::Arc;
use std::time::Duration;

use crate::engine::children::StopCause;
use crate::exit::{Exit, StartFailure};

/// The knowledge of an engine about an instance, at the moment of its exit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Observation {
    /// `true` if the engine has asked the instance to end.
    pub(super) was_asked: bool,
    /// `true` if this supervisor or one above it has been killed.
    pub(super) is_scope_killed: bool,
    /// `true` if the instance was not ready yet.
    pub(super) was_starting: bool,
    /// `true` if the instance is a nested supervisor that somebody asked to end.
    pub(super) was_shut_down: bool,
    /// The reason for which the engine stopped the instance by itself, if any.
    pub(super) stop_cause: Option<StopCause>,
    /// The time that the child has to become ready; zero if it declares no readiness.
    pub(super) ready_within: Duration,
    /// The time between two heartbeats; zero if the child declares none.
    pub(super) heartbeat: Duration,
}

/// An exit as it counts.
#[derive(Debug)]
pub(super) struct Classified {
    pub(super) exit: Exit,
    /// `true` if the instance ended because it was asked to. Such an exit is never a failure.
    pub(super) was_asked: bool,
}

/// Classifies the exit of an instance.
#[inline]
pub(super) fn classify(exit: Exit, seen: Observation) -> Classified {
    let has_failed = matches!(
        seen.stop_cause,
        Some(StopCause::ReadyTimeout | StopCause::HeartbeatMissed | StopCause::Verdict)
    );
    // Instances see a kill of the scope before the engine receives the message.
    let is_killed = matches!(exit, Exit::Killed) && seen.is_scope_killed;
    let was_asked = (seen.was_asked && !has_failed) || is_killed;
    let exit = match (exit, seen.stop_cause) {
        (_, Some(StopCause::ReadyTimeout)) => {
            Exit::FailedStart(StartFailure::NotReady(seen.ready_within))
        }
        (Exit::Normal | Exit::Killed, Some(StopCause::HeartbeatMissed)) => {
            Exit::HeartbeatMissed(seen.heartbeat)
        }
        // A shutdown is no failed start, even if it comes before the supervisor is ready.
        (Exit::Normal, _) if !was_asked && seen.was_shut_down => Exit::Normal,
        // A value that the instance is lent was missing, so it has not begun.
        (Exit::FailedStart(_), _) if was_asked => Exit::Shutdown,
        (exit @ Exit::FailedStart(_), _) => exit,
        (exit, _) if seen.was_starting && !was_asked => {
            Exit::FailedStart(StartFailure::Ended(Arc::new(exit)))
        }
        (Exit::Normal, _) if was_asked => Exit::Shutdown,
        (exit, _) => exit,
    };
    Classified { exit, was_asked }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::ExitError;

    const SECOND: Duration = Duration::from_secs(1);
    const NOTHING: Observation = Observation {
        was_asked: false,
        is_scope_killed: false,
        was_starting: false,
        was_shut_down: false,
        stop_cause: None,
        ready_within: SECOND,
        heartbeat: SECOND,
    };
    const ASKED: Observation = Observation { was_asked: true, ..NOTHING };
    const STARTING: Observation = Observation { was_starting: true, ..NOTHING };

    fn stopped(cause: StopCause) -> Observation {
        Observation { stop_cause: Some(cause), ..ASKED }
    }

    fn error() -> Exit {
        Exit::Error(ExitError::new("boom"))
    }

    fn not_begun() -> Exit {
        Exit::FailedStart(StartFailure::Ended(Arc::new(error())))
    }

    /// The exit as a word, and whether it was asked for.
    fn classified(exit: Exit, seen: Observation) -> (&'static str, bool) {
        let Classified { exit, was_asked } = classify(exit, seen);
        let word = match exit {
            Exit::Normal => "normal",
            Exit::Shutdown => "shutdown",
            Exit::Error(_) => "error",
            Exit::Killed => "killed",
            Exit::HeartbeatMissed(SECOND) => "no heartbeat",
            Exit::FailedStart(StartFailure::NotReady(SECOND)) => "not ready",
            Exit::FailedStart(StartFailure::Ended(_)) => "failed start",
            _ => "another",
        };
        (word, was_asked)
    }

    /// The columns are an exit that is normal, an error, a kill, and a start that did not begin.
    #[test]
    fn an_exit_counts_as_what_its_engine_has_seen() {
        let late = stopped(StopCause::ReadyTimeout);
        let silent = stopped(StopCause::HeartbeatMissed);
        let declined = stopped(StopCause::Declined);
        let (by_itself, asked) = (false, true);
        let asked_words = ["shutdown", "error", "killed", "shutdown"];
        let silent_words = ["no heartbeat", "error", "no heartbeat", "failed start"];
        let table = [
            ("by itself", NOTHING, ["normal", "error", "killed", "failed start"], by_itself),
            ("asked", ASKED, asked_words, asked),
            ("starting", STARTING, ["failed start"; 4], by_itself),
            (
                "asked while starting",
                Observation { was_starting: true, ..ASKED },
                asked_words,
                asked,
            ),
            ("late", late, ["not ready"; 4], by_itself),
            (
                "late while starting",
                Observation { was_starting: true, ..late },
                ["not ready"; 4],
                by_itself,
            ),
            ("silent", silent, silent_words, by_itself),
            ("declined", declined, asked_words, asked),
        ];
        for (name, seen, words, was_asked) in table {
            let exits = [Exit::Normal, error(), Exit::Killed, not_begun()];
            for (exit, word) in exits.into_iter().zip(words) {
                assert_eq!(classified(exit, seen), (word, was_asked), "{name}");
            }
        }
    }

    /// An exit that the kill of a scope caused is no failure, whatever else is known of the instance.
    #[test]
    fn a_kill_of_the_scope_is_no_failure_of_a_killed_instance() {
        let killed = |seen| Observation { is_scope_killed: true, ..seen };
        let table = [
            (NOTHING, "killed"),
            (STARTING, "killed"),
            (ASKED, "killed"),
            (stopped(StopCause::ReadyTimeout), "not ready"),
            (stopped(StopCause::HeartbeatMissed), "no heartbeat"),
        ];
        for (seen, word) in table {
            assert_eq!(classified(Exit::Killed, killed(seen)), (word, true), "{seen:?}");
        }
        // An instance that has ended in another way has done so by itself.
        assert_eq!(classified(error(), killed(NOTHING)), ("error", false));
        assert_eq!(classified(Exit::Normal, killed(STARTING)), ("failed start", false));
    }

    #[test]
    fn a_nested_supervisor_that_was_shut_down_has_not_failed_to_start() {
        let shut_down = Observation { was_shut_down: true, ..STARTING };
        assert_eq!(classified(Exit::Normal, shut_down), ("normal", false));
        assert_eq!(classified(error(), shut_down), ("failed start", false));
        assert_eq!(classified(Exit::Killed, shut_down), ("failed start", false));
        // An instance that its own supervisor has stopped is another case.
        let asked = Observation { was_shut_down: true, ..ASKED };
        assert_eq!(classified(Exit::Normal, asked), ("shutdown", true));
    }
}
