//! A report before it is written out.

use std::sync::Arc;
use std::time::Duration;

use super::{NodeReport, Report};
use crate::exit::Exit;
use crate::lineage::Lineage;
use crate::tree::NodeKind;

/// A report as the engine leaves it.
///
/// The reports of the children are written out only when somebody reads the report, because most reports
/// of large supervisors are never read.
pub(crate) struct Draft {
    /// The report without the children.
    report: Report,
    lineage: Option<Lineage>,
    children: Vec<NodeDraft>,
}

/// The facts about one child, from which its [`NodeReport`] is written.
pub(crate) struct NodeDraft {
    pub(crate) name: Arc<str>,
    pub(crate) kind: NodeKind,
    pub(crate) took: Option<Duration>,
    pub(crate) exit: Option<Exit>,
    pub(crate) shutdown_timed_out: bool,
    pub(crate) is_unresponsive: bool,
    pub(crate) is_given_up: bool,
    /// The report of the child, if it is a nested supervisor.
    pub(crate) below: Option<Arc<Draft>>,
}

impl Draft {
    pub(crate) fn new(report: Report, lineage: Lineage, children: Vec<NodeDraft>) -> Self {
        Self { report, lineage: Some(lineage), children }
    }

    /// The part of the report about the supervisor itself.
    pub(crate) fn head(&self) -> &Report {
        &self.report
    }

    pub(crate) fn head_mut(&mut self) -> &mut Report {
        &mut self.report
    }

    /// Writes out the whole report.
    pub(crate) fn write_out(&self) -> Report {
        let mut report = self.report.clone();
        report.root.children = self.children();
        report
    }

    fn children(&self) -> Vec<NodeReport> {
        // A supervisor that was not started has neither a lineage nor children.
        let Some(lineage) = &self.lineage else { return Vec::new() };
        self.children.iter().map(|part| part.write_out(lineage)).collect()
    }
}

impl From<Report> for Draft {
    fn from(report: Report) -> Self {
        Self { report, lineage: None, children: Vec::new() }
    }
}

impl NodeDraft {
    fn write_out(&self, parent: &Lineage) -> NodeReport {
        let below = self.below.as_deref();
        NodeReport {
            name: self.name.to_string(),
            path: parent.join(&self.name),
            kind: self.kind,
            took: self.took,
            exit: self.exit.clone(),
            shutdown_timed_out: self.shutdown_timed_out,
            is_unresponsive: self.is_unresponsive,
            is_given_up: self.is_given_up,
            // The report of a nested supervisor is kept by reference, and copied only here.
            children: below.map(Draft::children).unwrap_or_default(),
            more_children: below.map_or(0, |below| below.report.root.more_children),
            dynamic_children: below.and_then(|below| below.report.root.dynamic_children.clone()),
        }
    }
}
