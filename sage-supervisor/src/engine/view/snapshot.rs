//! The snapshot of a tree, as far as one engine knows it.
//!
//! Every engine sends a node for itself and its children, and passes the request on to its nested
//! supervisors, which answer in their own time. Only the callers wait: each engine that is asked holds
//! their senders, and drops them when it has answered or ended.

use std::sync::Arc;

use tokio::time::Instant;

use crate::child::{ChildContext, ChildSpec, Declaration, Every, Kind, Schedule};
use crate::command::ChildState;
use crate::engine::Engine;
use crate::engine::children::Body;
use crate::engine::phase::Phase;
use crate::policy::RestartConfig;
use crate::scope::{ChildId, Collectors};
use crate::tree::{EveryStatus, LimitStatus, NodeKind, TreeNode};

impl Engine {
    /// Sends the node of this supervisor to everybody who takes a snapshot.
    pub(super) fn collect(&self, collectors: &Collectors) {
        let (now, began) = (self.clock.now(), self.startup.began());
        let above = self.path_above();
        // The iterator does not know its length, and there can be very many children.
        let mut children = Vec::with_capacity(self.children.len());
        children.extend(self.children.all().map(|child| self.node(child, &above, now)));
        let state = match (self.is_ending(), self.startup.is_complete()) {
            (true, _) => ChildState::Stopping,
            (false, true) => ChildState::Running,
            (false, false) => ChildState::Starting,
        };
        let path = self.scope.lineage().to_string();
        let node = TreeNode {
            name: self.scope.lineage().name().to_owned(),
            kind: kind(&self.declaration),
            state,
            pid: None,
            restart: None,
            strategy: Some(self.declaration.strategy),
            limit: self.declaration.limit.map(|limit| {
                let is_forgiven = |child: Option<_>| child.is_some_and(|it| self.is_forgiven(it));
                let used = self.limit.used(self.clock.moment(), is_forgiven);
                LimitStatus {
                    uncounted: u32::try_from(self.uncounted).unwrap_or(u32::MAX),
                    ..budget(limit, used)
                }
            }),
            own_limit: None,
            restart_in: None,
            every: None,
            instance: 1,
            restarts: 0,
            started_at: Some(began),
            uptime: Some(now - began),
            ready_after: self.startup.took(),
            last_exits: Vec::new(),
            children,
            path,
        };
        let node = Arc::new(node);
        for collector in &collectors[1..] {
            // The caller may have stopped waiting.
            let _ = collector.send(Arc::clone(&node));
        }
        // The engine keeps no reference, so a caller that is alone need not copy.
        let _ = collectors[0].send(node);
    }

    /// Returns the node of a child, without what is below it: only the engine of a nested supervisor
    /// knows that.
    fn node(&self, child: ChildId, above: &str, now: Instant) -> TreeNode {
        let slot = &self.children[child];
        let (strategy, limit) = match slot.spec().kind() {
            Kind::Supervisor(nested) => {
                (Some(nested.strategy), nested.limit.map(|limit| budget(limit, 0)))
            }
            _ => (None, None),
        };
        let is_up = slot.phase() != Phase::Down;
        TreeNode {
            name: (**slot.name()).to_owned(),
            path: [above, &**slot.name()].concat(),
            kind: kind_of(slot.spec()),
            state: self.state(child),
            pid: slot.body().and_then(Body::pid),
            restart: Some(slot.spec().restart_policy()),
            strategy,
            limit,
            own_limit: slot
                .spec()
                .restart_limit_setting()
                .map(|limit| budget(limit, self.used_of_own(child))),
            restart_in: self.starts_at(child).map(|at| at - now),
            every: slot.spec().every_setting().map(|every| {
                let context = slot.body().and_then(Body::context);
                periodic(every, context.and_then(ChildContext::schedule))
            }),
            instance: slot.starts(),
            restarts: slot.starts().saturating_sub(1),
            started_at: slot.record().started_at().map(|at| self.clock.instant(at)),
            uptime: is_up.then(|| slot.record().lifetime(self.clock.moment())),
            ready_after: slot.record().ready_after(),
            last_exits: slot.record().last_exits(&self.clock),
            children: Vec::new(),
        }
    }

    /// Returns the number of restarts that count for the own restart limit of a child.
    fn used_of_own(&self, child: ChildId) -> u32 {
        match self.is_forgiven(child) {
            true => 0,
            false => self.children[child].record().used(self.clock.moment()),
        }
    }
}

pub(crate) fn kind_of(spec: &ChildSpec) -> NodeKind {
    match spec.kind() {
        Kind::Task(_) => NodeKind::Worker,
        Kind::Thread(_) => NodeKind::Blocking,
        #[cfg(feature = "process")]
        Kind::Process(_) => NodeKind::Process,
        Kind::Supervisor(nested) => kind(nested),
    }
}

pub(crate) fn kind(declaration: &Declaration) -> NodeKind {
    match declaration.dynamic {
        Some(_) => NodeKind::DynamicSupervisor,
        None => NodeKind::Supervisor,
    }
}

/// Returns the state of periodic work. A child that is down has no schedule.
pub(super) fn periodic(every: &Every, schedule: Option<&Schedule>) -> EveryStatus {
    EveryStatus {
        period: every.period(),
        next_run_in: schedule.and_then(Schedule::next_run_in),
        runs: schedule.map_or(0, Schedule::runs),
        skipped: schedule.map_or(0, Schedule::skipped),
    }
}

/// Returns the state of a restart limit, of which this number of restarts is used.
pub(super) fn budget(limit: RestartConfig, used: u32) -> LimitStatus {
    let RestartConfig { max_restarts, within } = limit;
    let left = max_restarts.saturating_sub(used);
    LimitStatus { max_restarts, within, used, left, uncounted: 0 }
}
