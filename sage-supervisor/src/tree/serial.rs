//! The parts of the serialised form that derives do not cover.

use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::exit::Exit;

/// Serialises a duration as whole milliseconds.
pub(crate) fn millis<S: Serializer>(
    duration: &impl Milliseconds,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    duration.milliseconds().serialize(serializer)
}

/// A type that is a duration or an optional duration.
pub(crate) trait Milliseconds {
    fn milliseconds(&self) -> Option<u64>;
}

impl Milliseconds for Duration {
    fn milliseconds(&self) -> Option<u64> {
        Some(u64::try_from(self.as_millis()).unwrap_or(u64::MAX))
    }
}

impl Milliseconds for Option<Duration> {
    fn milliseconds(&self) -> Option<u64> {
        self.as_ref().and_then(Milliseconds::milliseconds)
    }
}

/// Serialises an exit as its kind and its text.
pub(crate) fn exit<S: Serializer>(exit: &Exit, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Described {
        kind: &'static str,
        reason: String,
    }
    let kind = match exit {
        Exit::Normal => "normal",
        Exit::Shutdown => "shutdown",
        Exit::Error(_) => "error",
        Exit::Panic(_) => "panic",
        Exit::Killed => "killed",
        Exit::HeartbeatMissed(_) => "heartbeat_missed",
        Exit::FailedStart(_) => "failed_start",
    };
    Described { kind, reason: exit.to_string() }.serialize(serializer)
}
