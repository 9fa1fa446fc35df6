//! The stages of the end of a process, and what leads from one to the next.

use std::time::{Duration, Instant};

use crate::policy::Shutdown;

/// The progress of the stop of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Nobody has asked for the end.
    Running,
    /// The driver was asked to stop.
    Goodbye,
    /// The driver is gone, and the input of the process with it.
    Closed,
    /// The process was sent the signal.
    Signalled,
    /// The process was killed.
    Killed,
}

/// A reason for the next stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cue {
    /// The supervisor asked for the end.
    Stop,
    /// The supervisor ordered a kill.
    Kill,
    /// The driver has ended, or a function of the user has panicked.
    Ended,
    /// The time of the present stage is over.
    TimeOver,
}

impl Stage {
    /// Returns the stage after a cue.
    pub(super) fn after(self, cue: Cue, has_driver: bool) -> Self {
        match (self, cue) {
            (_, Cue::Kill) | (Self::Signalled, Cue::TimeOver) => Self::Killed,
            // A process without a driver has no input that could be closed.
            (Self::Running, Cue::Stop | Cue::Ended) if !has_driver => Self::Signalled,
            (Self::Running, Cue::Stop) => Self::Goodbye,
            (Self::Running, Cue::Ended) | (Self::Goodbye, Cue::Ended | Cue::TimeOver) => {
                Self::Closed
            }
            (Self::Closed, Cue::TimeOver) => Self::Signalled,
            (same, _) => same,
        }
    }
}

/// The time that a process has to end after its input was closed, and that its driver has for the last
/// output, if the whole time is unlimited.
const CLOSED_TIME: Duration = Duration::from_secs(5);

/// The end of the time that a process or its driver has by itself, without a stop. A child that is
/// killed at once when it is stopped has the default time here, because this is no stop.
pub(super) fn own_end(shutdown: Shutdown) -> Option<Instant> {
    let time = match shutdown.normalised() {
        Shutdown::BrutalKill => Shutdown::OF_WORKER,
        other => other,
    };
    end(time)
}

/// The end of the time of a stop that begins now, or `None` if it is unlimited.
pub(super) fn end(shutdown: Shutdown) -> Option<Instant> {
    match shutdown.normalised() {
        Shutdown::Timeout(time) => Instant::now().checked_add(time),
        Shutdown::BrutalKill => Some(Instant::now()),
        Shutdown::Infinity => None,
    }
}

/// The time that a stage may take: half of what is left, so that every later stage has time as well.
pub(super) fn time_of(stage: Stage, until: Option<Instant>) -> Option<Duration> {
    match stage {
        Stage::Goodbye => half(until),
        Stage::Closed => Some(half(until).unwrap_or(CLOSED_TIME)),
        Stage::Running | Stage::Signalled | Stage::Killed => {
            until.map(|until| until.saturating_duration_since(Instant::now()))
        }
    }
}

/// The time for which the driver of a process that has ended well is not disturbed, because it may still
/// read the last output.
pub(super) fn undisturbed(until: Option<Instant>) -> Duration {
    half(until).unwrap_or(CLOSED_TIME)
}

fn half(until: Option<Instant>) -> Option<Duration> {
    until.map(|until| until.saturating_duration_since(Instant::now()) / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_has_its_next_one() {
        use Cue::{Ended, Kill, Stop, TimeOver};
        use Stage::{Closed, Goodbye, Killed, Running, Signalled};
        let cues = [Stop, Ended, TimeOver, Kill];
        let table = [
            (Running, true, [Goodbye, Closed, Running, Killed]),
            (Running, false, [Signalled, Signalled, Running, Killed]),
            (Goodbye, true, [Goodbye, Closed, Closed, Killed]),
            (Closed, true, [Closed, Closed, Signalled, Killed]),
            (Signalled, true, [Signalled, Signalled, Killed, Killed]),
            (Signalled, false, [Signalled, Signalled, Killed, Killed]),
            (Killed, true, [Killed; 4]),
        ];
        for (stage, has_driver, expected) in table {
            assert_eq!(cues.map(|cue| stage.after(cue, has_driver)), expected, "{stage:?}");
        }
    }

    #[test]
    fn each_stage_leaves_half_of_the_time_to_the_next() {
        let hour = Duration::from_secs(3_600);
        let until = Instant::now().checked_add(hour);
        let is_about = |time: Option<Duration>, expected: Duration| {
            time.is_some_and(|time| time <= expected && expected - time < hour / 10)
        };
        assert!(is_about(time_of(Stage::Goodbye, until), hour / 2));
        assert!(is_about(time_of(Stage::Closed, until), hour / 2));
        assert!(is_about(time_of(Stage::Signalled, until), hour));
        assert_eq!(time_of(Stage::Goodbye, None), None);
        assert_eq!(time_of(Stage::Closed, None), Some(CLOSED_TIME));
        assert!(own_end(Shutdown::BrutalKill) > Some(Instant::now()));
        assert_eq!(own_end(Shutdown::Infinity), None);
    }
}
