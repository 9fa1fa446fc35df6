//! The reports on the single supervisors and workers of a tree.

use std::time::Duration;

use tokio::time::Instant;

use crate::exit::Exit;
use crate::tree::NodeKind;

/// The number of failures that are kept with their exits.
pub(crate) const MAX_FAILURES: usize = 8;

/// The report on the stop of one node of the tree, a supervisor or a worker.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct NodeReport {
    /// The name of the node.
    pub name: String,
    /// The path in the tree, such as `shop/storage/writer`.
    pub path: String,
    /// The kind: a supervisor, or a kind of worker.
    pub kind: NodeKind,
    /// The time that the stop waited for it, from the moment when its turn came; `None` if it was not
    /// stopped, because it was down by then.
    ///
    /// Static siblings stop one after the other, so their times add up to the time of their supervisor,
    /// unless the supervisor was stopping before its own turn came. Dynamic children stop together, and
    /// so does everything that is aborted at once.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "took_ms", serialize_with = "crate::tree::serialize_millis")
    )]
    pub took: Option<Duration>,
    /// The exit of the last instance; `None` if the node was never started or has not ended, and
    /// at the root.
    #[cfg_attr(feature = "serde", serde(serialize_with = "exit"))]
    pub exit: Option<Exit>,
    /// `true` if the node was killed because its shutdown timed out.
    pub shutdown_timed_out: bool,
    /// `true` if the node, or something below it, was killed and has not ended.
    pub is_unresponsive: bool,
    /// `true` if the node was down because it exceeded its own restart limit.
    pub is_given_up: bool,
    /// The declared children in start order, and the first 32 of the children added by hand that were
    /// left. The list is empty for a worker, for a dynamic supervisor, and for a node that was down before
    /// the final stop began.
    pub children: Vec<Self>,
    /// The number of further children added by hand, which are not in the list.
    pub more_children: u64,
    /// The summary of the children, if the node is a dynamic supervisor.
    pub dynamic_children: Option<StopSummary>,
}

/// The summary of the stop of a dynamic supervisor's children, which are all stopped at once.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct StopSummary {
    /// The number of children that were stopped, including children that have not ended.
    pub stopped: u64,
    /// The number of its own children that were killed because their shutdown timed out.
    pub shutdown_timeouts: u64,
    /// The number of its own children that failed while they stopped in another way, with an error or a
    /// panic.
    pub failures: u64,
    /// The path of a child that took longest to stop; `None` if no child was stopped.
    pub slowest: Option<String>,
    /// The time that the slowest child took.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "longest_ms", serialize_with = "crate::tree::serialize_millis")
    )]
    pub longest: Duration,
}

/// The failures of temporary children that are not significant. Such a failure is not an error.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct TemporaryChildFailures {
    /// The number of failures.
    pub count: u64,
    /// The last eight failures, the latest one last.
    pub last: Vec<TemporaryChildFailure>,
}

/// The failure of a temporary child.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct TemporaryChildFailure {
    /// The path of the child.
    pub path: String,
    /// The exit of the child.
    #[cfg_attr(feature = "serde", serde(flatten, serialize_with = "crate::tree::serialize_exit"))]
    pub exit: Exit,
    /// The moment of the failure.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub at: Instant,
    /// The time from the failure to the end of the supervisor that the report is about.
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
            more_children: 0,
            dynamic_children: None,
        }
    }
}

impl TemporaryChildFailures {
    /// Adds the failures of a nested supervisor that has ended.
    pub(crate) fn add_below(&mut self, below: &Self) {
        if below.count == 0 {
            return;
        }
        // The count includes the failures that the supervisor below has dropped from its own list.
        self.count += below.count;
        self.last.extend(below.last.iter().cloned());
        self.keep_the_last();
    }

    /// Sorts the failures by time, and drops all but the last [`MAX_FAILURES`].
    pub(crate) fn keep_the_last(&mut self) {
        // Failures of nested supervisors are added when these end, which may be much later.
        self.last.sort_by_key(|failure| failure.at);
        let surplus = self.last.len().saturating_sub(MAX_FAILURES);
        self.last.drain(..surplus);
    }

    /// Computes `before_end` of each failure for a supervisor that ended at `end`.
    pub(crate) fn seen_from(mut self, end: Instant) -> Self {
        for failure in &mut self.last {
            failure.before_end = end - failure.at;
        }
        self
    }
}

/// Serialises a result as the text of its error with all causes, or as null.
#[cfg(feature = "serde")]
pub(super) fn error<S: serde::Serializer>(
    result: &crate::error::SageResult<()>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    use serde::Serialize as _;
    result.as_ref().err().map(|error| format!("{error:#}")).serialize(serializer)
}

/// Serialises an exit that a node may not have.
#[cfg(feature = "serde")]
pub(super) fn exit<S: serde::Serializer>(
    exit: &Option<Exit>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match exit {
        Some(exit) => crate::tree::serialize_exit(exit, serializer),
        None => serializer.serialize_none(),
    }
}
