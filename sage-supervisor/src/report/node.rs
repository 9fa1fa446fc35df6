//! What a report says of each part of a tree.

use std::time::Duration;

use tokio::time::Instant;

use crate::exit::Exit;
use crate::tree::NodeKind;

/// How many failures are told in full.
pub(crate) const MAX_FAILURES: usize = 8;
/// How many paths of those who did not stop in time are told.
const MAX_PATHS: usize = 32;

/// How a supervisor or a worker ended when all was being stopped.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct NodeReport {
    /// Its name.
    pub name: String,
    /// Its path in the tree.
    pub path: String,
    /// Whether it has children of its own.
    pub kind: NodeKind,
    /// How long the stop waited for it, from when its turn came; `None` if it was not stopped,
    /// because it was down by then. Those of static siblings, which stop one after the other, add up
    /// to that of their supervisor, unless that was stopping before its own turn came; dynamic ones, and all that is aborted at once, stop together.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "took_ms", serialize_with = "crate::tree::serialize_millis")
    )]
    pub took: Option<Duration>,
    /// How its last instance ended; `None` if it was never started or has not ended, and at the root.
    #[cfg_attr(feature = "serde", serde(serialize_with = "exit"))]
    pub exit: Option<Exit>,
    /// Whether it was killed because its time to stop was over.
    pub shutdown_timed_out: bool,
    /// Whether it was aborted and has not ended, or something below it has not.
    pub is_unresponsive: bool,
    /// Whether it was down because of its own restart limit.
    pub is_given_up: bool,
    /// Its declared children in start order, and those added by hand that were left. Empty if it is a
    /// worker, a dynamic supervisor, or was down before all was being stopped.
    pub children: Vec<Self>,
    /// Its children, if it is a dynamic supervisor.
    pub dynamic_children: Option<StopSummary>,
}

/// How the children of a dynamic supervisor were stopped: all at once.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct StopSummary {
    /// How many were stopped, those that have not ended included.
    pub stopped: u64,
    /// How many of its own were killed because their time was over.
    pub shutdown_timeouts: u64,
    /// The path of one that took longest; `None` if none was stopped.
    pub slowest: Option<String>,
    /// How long that took.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "longest_ms", serialize_with = "crate::tree::serialize_millis")
    )]
    pub longest: Duration,
}

/// Who did not stop in time and was killed for it.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ShutdownTimeouts {
    /// How many.
    pub count: u64,
    /// The paths of the first 32.
    pub paths: Vec<String>,
}

/// Failures of temporary children that are not significant: none of them is an error.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct TemporaryChildFailures {
    /// How many.
    pub count: u64,
    /// The last eight, the latest last.
    pub last: Vec<TemporaryChildFailure>,
}

/// The failure of a temporary child.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct TemporaryChildFailure {
    /// The path of the child.
    pub path: String,
    /// How it ended.
    #[cfg_attr(feature = "serde", serde(flatten, serialize_with = "crate::tree::serialize_exit"))]
    pub exit: Exit,
    /// When.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub at: Instant,
    /// How long before the end of the supervisor that the report is about.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "before_end_ms", serialize_with = "crate::tree::serialize_millis")
    )]
    pub before_end: Duration,
}

impl NodeReport {
    pub(crate) fn new(path: String, kind: NodeKind) -> Self {
        Self {
            name: path.rsplit('/').next().unwrap_or_default().to_owned(),
            path,
            kind,
            took: None,
            exit: None,
            shutdown_timed_out: false,
            is_unresponsive: false,
            is_given_up: false,
            children: Vec::new(),
            dynamic_children: None,
        }
    }
}

impl ShutdownTimeouts {
    pub(crate) fn add(&mut self, path: impl FnOnce() -> String) {
        self.count += 1;
        if self.paths.len() < MAX_PATHS {
            self.paths.push(path());
        }
    }

    /// Adds those of a nested supervisor.
    pub(crate) fn add_below(&mut self, below: &Self) {
        self.count += below.count;
        let room = MAX_PATHS - self.paths.len();
        self.paths.extend(below.paths.iter().take(room).cloned());
    }
}

impl TemporaryChildFailures {
    /// Adds those of a nested supervisor that has ended.
    pub(crate) fn add_below(&mut self, below: &Self) {
        if below.count == 0 {
            return;
        }
        self.count += below.count;
        self.last.extend(below.last.iter().cloned());
        self.keep_the_last();
    }

    pub(crate) fn keep_the_last(&mut self) {
        self.last.sort_by_key(|failure| failure.at);
        let surplus = self.last.len().saturating_sub(MAX_FAILURES);
        self.last.drain(..surplus);
    }

    /// As of the end of a supervisor.
    pub(crate) fn seen_from(mut self, end: Instant) -> Self {
        for failure in &mut self.last {
            failure.before_end = end - failure.at;
        }
        self
    }
}

/// The text of an error, if it is one.
#[cfg(feature = "serde")]
pub(super) fn error<S: serde::Serializer>(
    result: &crate::error::SageResult<()>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    use serde::Serialize as _;
    result.as_ref().err().map(ToString::to_string).serialize(serializer)
}

#[cfg(feature = "serde")]
fn exit<S: serde::Serializer>(exit: &Option<Exit>, serializer: S) -> Result<S::Ok, S::Error> {
    match exit {
        Some(exit) => crate::tree::serialize_exit(exit, serializer),
        None => serializer.serialize_none(),
    }
}
