//! The classification of an exit: what an instance reports, against what its engine knows of it.

use std::sync::Arc;
use std::time::Duration;

use crate::exit::{Exit, StartFailure};

/// The knowledge of an engine about an instance, at the moment of its exit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Observation {
    /// `true` if the engine has told the instance to end.
    pub(super) was_asked: bool,
    /// `true` if this supervisor or one above it has been killed.
    pub(super) is_scope_killed: bool,
    /// `true` if the instance was not ready yet.
    pub(super) was_starting: bool,
    /// `true` if the instance is a nested supervisor that somebody asked to end.
    pub(super) was_shut_down: bool,
    /// The reason for which the engine stopped the instance by itself, if any.
    pub(super) blamed_for: Option<Blame>,
}

/// The reason of an engine to stop an instance that is to blame for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blame {
    /// The instance was not ready within this time.
    ReadyTimeout(Duration),
    /// The instance gave no heartbeat within this time.
    HeartbeatMissed(Duration),
    /// The instance declined to run.
    Declined,
}

/// An exit as it counts.
#[derive(Debug, Clone)]
pub(super) struct Classified {
    pub(super) exit: Exit,
    /// `true` if the instance ended because it was told to. Such an exit is never a failure.
    pub(super) was_asked: bool,
}

/// Classifies the exit of an instance.
#[inline]
pub(super) fn classify(exit: Exit, seen: Observation) -> Classified {
    let has_failed =
        matches!(seen.blamed_for, Some(Blame::ReadyTimeout(_) | Blame::HeartbeatMissed(_)));
    // Instances see a kill of the scope before the engine receives the message.
    let is_killed = matches!(exit, Exit::Killed) && seen.is_scope_killed;
    let was_asked = (seen.was_asked && !has_failed) || is_killed;
    let exit = match (exit, seen.blamed_for) {
        (_, Some(Blame::ReadyTimeout(within))) => Exit::FailedStart(StartFailure::NotReady(within)),
        (Exit::Normal | Exit::Killed, Some(Blame::HeartbeatMissed(within))) => {
            Exit::HeartbeatMissed(within)
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

    const NOTHING: Observation = Observation {
        was_asked: false,
        is_scope_killed: false,
        was_starting: false,
        was_shut_down: false,
        blamed_for: None,
    };
    const ASKED: Observation = Observation { was_asked: true, ..NOTHING };
    const STARTING: Observation = Observation { was_starting: true, ..NOTHING };
    const SECOND: Duration = Duration::from_secs(1);

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
        let killed = Observation { is_scope_killed: true, ..NOTHING };
        let shut_down = Observation { was_shut_down: true, ..STARTING };
        let late = Observation { blamed_for: Some(Blame::ReadyTimeout(SECOND)), ..ASKED };
        let silent = Observation { blamed_for: Some(Blame::HeartbeatMissed(SECOND)), ..ASKED };
        let declined = Observation { blamed_for: Some(Blame::Declined), ..ASKED };
        let (by_itself, asked) = (false, true);
        let table = [
            ("by itself", NOTHING, ["normal", "error", "killed", "failed start"], by_itself),
            ("asked", ASKED, ["shutdown", "error", "killed", "shutdown"], asked),
            ("starting", STARTING, ["failed start"; 4], by_itself),
            ("late", late, ["not ready"; 4], by_itself),
            (
                "silent",
                silent,
                ["no heartbeat", "error", "no heartbeat", "failed start"],
                by_itself,
            ),
            ("declined", declined, ["shutdown", "error", "killed", "shutdown"], asked),
            (
                "asked while it is starting",
                Observation { was_starting: true, ..ASKED },
                ["shutdown", "error", "killed", "shutdown"],
                asked,
            ),
        ];
        for (name, seen, words, was_asked) in table {
            let exits = [Exit::Normal, error(), Exit::Killed, not_begun()];
            for (exit, word) in exits.into_iter().zip(words) {
                assert_eq!(classified(exit, seen), (word, was_asked), "{name}");
            }
        }
        // The kill of a scope excuses a killed instance, and no other one.
        assert_eq!(classified(Exit::Killed, killed), ("killed", asked));
        assert_eq!(classified(error(), killed), ("error", by_itself));
        // A nested supervisor that somebody has asked to end has not failed to start.
        assert_eq!(classified(Exit::Normal, shut_down), ("normal", by_itself));
        assert_eq!(classified(error(), shut_down), ("failed start", by_itself));
    }
}
