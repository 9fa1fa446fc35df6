//! What one engine knows of the tree.
//!
//! Every engine answers for itself and its children, and asks those of the nested supervisors, which
//! answer in their own time. Nobody waits but the one who wants to know: whoever is asked holds a
//! sender, and drops it when it has answered or ended.

use std::time::Duration;

use tokio::time::Instant;

use super::Engine;
use super::body::Body;
use super::request::{Collector, Operation, Request};
use super::slot::Phase;
use crate::child::id::ChildId;
use crate::child::{ChildSpec, Declaration, Kind};
use crate::command::ChildState;
use crate::policy::{RestartConfig, RestartTracker};
use crate::tree::{LimitStatus, NodeKind, TreeNode};

/// What an engine notes of its own start.
pub(super) struct Began {
    pub(super) at: Instant,
    /// How long its children took to be started.
    pub(super) ready_after: Option<Duration>,
}

impl Began {
    pub(super) fn now() -> Self {
        Self { at: Instant::now(), ready_after: None }
    }

    /// All children have been started; the first time counts.
    pub(super) fn ready(&mut self) {
        self.ready_after.get_or_insert_with(|| self.at.elapsed());
    }
}

impl Engine {
    /// Answers for itself and its children, and asks the nested supervisors.
    pub(super) fn collect(&self, collector: &Collector) {
        let now = self.clock.now();
        let above = self.path_above();
        // There can be very many: the room for them is exact.
        let mut children = Vec::with_capacity(self.roster.len());
        children.extend(
            self.roster.from(self.roster.first()).map(|child| self.node(child, &above, now)),
        );
        let state = match (self.is_ending(), self.has_started) {
            (true, _) => ChildState::Stopping,
            (false, true) => ChildState::Running,
            (false, false) => ChildState::Starting,
        };
        let path = self.scope.lineage().to_string();
        let node = TreeNode {
            name: path.rsplit('/').next().unwrap_or_default().to_owned(),
            kind: kind(&self.declaration),
            state,
            pid: None,
            restart: None,
            strategy: Some(self.declaration.strategy),
            limit: self.declaration.limit.map(|limit| budget(limit, Some(&self.limit), now)),
            own_limit: None,
            restart_in: None,
            instance: 1,
            restarts: 0,
            started_at: Some(self.began.at),
            uptime: Some(now - self.began.at),
            ready_after: self.began.ready_after,
            last_exits: Vec::new(),
            children,
            path,
        };
        // Whoever does not wait any more is not told.
        let _ = collector.send(node);
        for child in self.roster.from(self.roster.first()) {
            if let Some(Body::Supervisor(scope)) = &self.roster[child].body {
                let operation = Operation::Collect(collector.clone());
                scope.command(Request { path: Vec::new(), operation }.into());
            }
        }
    }

    /// What is known here of a child. What is below it, only its own engine knows.
    fn node(&self, child: ChildId, above: &str, now: Instant) -> TreeNode {
        let slot = &self.roster[child];
        let (strategy, limit) = match slot.spec.kind() {
            Kind::Supervisor(nested) => {
                (Some(nested.strategy), nested.limit.map(|limit| budget(limit, None, now)))
            }
            _ => (None, None),
        };
        let is_up = slot.phase != Phase::Down;
        TreeNode {
            name: (*slot.name).to_owned(),
            path: [above, &*slot.name].concat(),
            kind: kind_of(&slot.spec),
            state: self.state(child),
            pid: slot.body.as_ref().and_then(Body::pid),
            restart: Some(slot.spec.restart_policy()),
            strategy,
            limit,
            own_limit: slot
                .spec
                .restart_limit_setting()
                .map(|limit| budget(limit, slot.record.limit(), now)),
            restart_in: self.waits_until(child).map(|at| at - now),
            instance: slot.starts,
            restarts: slot.starts.saturating_sub(1),
            started_at: slot.record.started_at().map(|at| self.clock.instant(at)),
            uptime: is_up.then(|| slot.record.lifetime(self.clock.moment())),
            ready_after: slot.record.ready_after(),
            last_exits: slot.record.last_exits(&self.clock),
            children: Vec::new(),
        }
    }
}

pub(super) fn kind_of(spec: &ChildSpec) -> NodeKind {
    match spec.kind() {
        Kind::Task(_) => NodeKind::Worker,
        Kind::Thread(_) => NodeKind::Blocking,
        #[cfg(feature = "process")]
        Kind::Process(_) => NodeKind::Process,
        Kind::Supervisor(nested) => kind(nested),
    }
}

pub(super) fn kind(declaration: &Declaration) -> NodeKind {
    match declaration.dynamic {
        Some(_) => NodeKind::DynamicSupervisor,
        None => NodeKind::Supervisor,
    }
}

/// What is left of a limit.
fn budget(limit: RestartConfig, tracker: Option<&RestartTracker>, now: Instant) -> LimitStatus {
    let used = tracker.map_or(0, |tracker| tracker.used(now));
    let left = limit.max_restarts.saturating_sub(used);
    LimitStatus { max_restarts: limit.max_restarts, within: limit.within, used, left }
}
