//! The flat serialised form of a report.

use std::time::Duration;

use serde::Serialize;

use super::{
    ChildPaths, EndCause, NodeReport, Report, Requester, StopFailures, StopSummary,
    TemporaryChildFailures, node,
};
use crate::error::SageResult;
use crate::exit::Exit;
use crate::tree::{NodeKind, unnest};

/// The fields of a [`Report`], with a list in place of the tree.
#[derive(Serialize)]
struct FlatReport<'a> {
    schema: u32,
    #[serde(rename = "error", serialize_with = "node::error")]
    result: &'a SageResult<()>,
    cause: &'a EndCause,
    aborted_by: &'a Option<Requester>,
    #[serde(rename = "ran_ms", serialize_with = "crate::tree::serialize_millis")]
    ran: Duration,
    restarts: u64,
    failures: &'a TemporaryChildFailures,
    stop_failures: &'a StopFailures,
    shutdown_timeouts: &'a ChildPaths,
    unresponsive: &'a ChildPaths,
    nodes: Vec<FlatNode<'a>>,
}

/// The fields of a [`NodeReport`], with the depth in place of the children.
#[derive(Serialize)]
struct FlatNode<'a> {
    depth: usize,
    name: &'a str,
    path: &'a str,
    kind: NodeKind,
    #[serde(rename = "took_ms", serialize_with = "crate::tree::serialize_millis")]
    took: Option<Duration>,
    #[serde(serialize_with = "node::exit")]
    exit: &'a Option<Exit>,
    shutdown_timed_out: bool,
    is_unresponsive: bool,
    is_given_up: bool,
    more_children: u64,
    dynamic_children: &'a Option<StopSummary>,
}

impl Report {
    /// Returns the report in a form that is serialised without nesting, for readers that limit the depth.
    ///
    /// A list, `nodes`, takes the place of `root`. Each node is in front of its children, and has its
    /// `depth`, which is 0 at the root, in place of its `children`. All other fields are those of the
    /// nested form. [`TreeSnapshot::flat`](crate::TreeSnapshot::flat) has an example.
    ///
    /// This method needs the feature `serde`.
    #[must_use]
    pub fn flat(&self) -> impl Serialize {
        FlatReport {
            schema: self.schema,
            result: &self.result,
            cause: &self.cause,
            aborted_by: &self.aborted_by,
            ran: self.ran,
            restarts: self.restarts,
            failures: &self.failures,
            stop_failures: &self.stop_failures,
            shutdown_timeouts: &self.shutdown_timeouts,
            unresponsive: &self.unresponsive,
            nodes: unnest(&self.root, |node| &node.children)
                .into_iter()
                .map(|(depth, node)| FlatNode::new(depth, node))
                .collect(),
        }
    }
}

impl<'a> FlatNode<'a> {
    fn new(depth: usize, node: &'a NodeReport) -> Self {
        Self {
            depth,
            name: &node.name,
            path: &node.path,
            kind: node.kind,
            took: node.took,
            exit: &node.exit,
            shutdown_timed_out: node.shutdown_timed_out,
            is_unresponsive: node.is_unresponsive,
            is_given_up: node.is_given_up,
            more_children: node.more_children,
            dynamic_children: &node.dynamic_children,
        }
    }
}
