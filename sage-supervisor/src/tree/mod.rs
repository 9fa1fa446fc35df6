//! Snapshots of a running tree as plain data.

mod draw;
mod find;
#[cfg(feature = "serde")]
mod flat;
mod graph;
#[cfg(feature = "serde")]
mod serial;

pub(crate) use self::draw::human;
#[cfg(feature = "serde")]
pub(crate) use self::flat::unnest;
#[cfg(feature = "serde")]
pub(crate) use self::serial::{exit as serialize_exit, millis as serialize_millis};

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::command::ChildState;
use crate::exit::Exit;
use crate::policy::{RestartPolicy, Strategy};

/// A snapshot of a whole tree at one moment, from [`SupervisorHandle::tree`]; or a tree that has not been
/// started, as it is declared, from [`Supervisor::tree`].
///
/// A snapshot is plain data. Every supervisor answers for its own children, so the answers of two
/// supervisors may be a moment apart.
///
/// The [`Display`](std::fmt::Display) of a snapshot is for people, in the manner of `systemctl status`;
/// [`to_dot`](Self::to_dot) and [`to_mermaid`](Self::to_mermaid) draw it as a graph.
///
/// With the feature `serde` a snapshot can be serialised. The fields keep their names, except that the
/// name of a duration ends with `_ms`, because durations are in milliseconds. Enums are in `snake_case`.
/// An exit is serialised as its `kind`, and its text as `reason`. An [`Instant`] is left out, because it
/// means nothing in another process.
///
/// [`Supervisor::tree`]: crate::Supervisor::tree
/// [`SupervisorHandle::tree`]: crate::SupervisorHandle::tree
#[derive(Debug, Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct TreeSnapshot {
    /// The version of the serialised form, [`TreeSnapshot::SCHEMA`]. The version changes if a field is
    /// removed or changes its meaning, and stays if a field is added.
    pub schema: u32,
    /// The supervisor at the root.
    pub root: TreeNode,
}

/// A supervisor, or a worker that is a task, a thread or a process, at one moment.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct TreeNode {
    /// The name of the node.
    pub name: String,
    /// The path of the node in the tree, such as `shop/storage/writer`.
    pub path: String,
    /// The kind of the node.
    pub kind: NodeKind,
    /// The state of the node.
    pub state: ChildState,
    /// The process id, if the node is a process and is up.
    pub pid: Option<u32>,
    /// The restart policy; `None` at the root, which nothing restarts.
    pub restart: Option<RestartPolicy>,
    /// The restart strategy, if the node is a supervisor.
    pub strategy: Option<Strategy>,
    /// The restart limit for its children, if the node is a supervisor and has a limit.
    pub limit: Option<LimitStatus>,
    /// The limit on its own restarts, if the node has one besides the limit of its supervisor.
    pub own_limit: Option<LimitStatus>,
    /// The time until a pending restart, if the node waits for its own backoff or for the backoff of its
    /// group.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "restart_in_ms", serialize_with = "serial::millis")
    )]
    pub restart_in: Option<Duration>,
    /// The period of its work and the next run, if the work of the node is periodic.
    pub every: Option<EveryStatus>,
    /// The number of the present or last instance, from 1 on, in this run of its supervisor; 0 if the
    /// node has not been started.
    pub instance: u64,
    /// The number of times that the node was started again in this run of its supervisor.
    pub restarts: u64,
    /// The moment when that instance was started.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub started_at: Option<Instant>,
    /// The time since the start of the present instance; `None` if the node is down.
    #[cfg_attr(feature = "serde", serde(rename = "uptime_ms", serialize_with = "serial::millis"))]
    pub uptime: Option<Duration>,
    /// The time that the instance took to become ready, if the node declares readiness, or to start all
    /// its children, if the node is a supervisor.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "ready_after_ms", serialize_with = "serial::millis")
    )]
    pub ready_after: Option<Duration>,
    /// The exits of the last four instances in this run of its supervisor, the latest first.
    pub last_exits: Vec<PastExit>,
    /// The children in start order. The list is empty unless the node is a supervisor that is up.
    pub children: Vec<Self>,
}

/// The kind of a node in a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum NodeKind {
    /// A task.
    Worker,
    /// A thread.
    Blocking,
    /// A process of the operating system.
    Process,
    /// A supervisor.
    Supervisor,
    /// A dynamic supervisor, whose children are started on demand.
    DynamicSupervisor,
}

/// A restart limit at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct LimitStatus {
    /// The number of restarts that any window may hold.
    pub max_restarts: u32,
    /// The length of the window.
    #[cfg_attr(feature = "serde", serde(rename = "within_ms", serialize_with = "serial::millis"))]
    pub within: Duration,
    /// The number of restarts that count now: they are in the window, and are not forgiven.
    pub used: u32,
    /// The number of further restarts that the window may hold now. If it is 0, the next restart exceeds
    /// the limit.
    pub left: u32,
    /// The number of restarts in this run of the supervisor that were not counted: a backoff delayed
    /// them, and nobody has set the limit. 0 for the limit of a child's own, which somebody has set.
    pub uncounted: u32,
}

/// The work of a child that is periodic, at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct EveryStatus {
    /// The period of the work.
    #[cfg_attr(feature = "serde", serde(rename = "period_ms", serialize_with = "serial::millis"))]
    pub period: Duration,
    /// The time until the next run, if the child is up and waits for it. If the child is up and this is
    /// `None`, a run is under way.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "next_run_in_ms", serialize_with = "serial::millis")
    )]
    pub next_run_in: Option<Duration>,
    /// The number of runs that the present instance has begun; 0 if the child is down.
    pub runs: u64,
    /// The number of ticks that the present instance has skipped, because a run took longer than its
    /// period, or because the process was frozen; 0 if the child is down.
    pub skipped: u64,
}

/// The exit of one earlier instance.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PastExit {
    /// The exit.
    #[cfg_attr(feature = "serde", serde(flatten, serialize_with = "serial::exit"))]
    pub exit: Exit,
    /// The time from the start of the instance to its end.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "lifetime_ms", serialize_with = "serial::millis")
    )]
    pub lifetime: Duration,
    /// The moment when the instance ended.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub ended_at: Instant,
    /// The time from the end of the instance to the snapshot.
    #[cfg_attr(feature = "serde", serde(rename = "ago_ms", serialize_with = "serial::millis"))]
    pub ago: Duration,
}

/// The facts that only a nested supervisor itself knows: its restart limit and its children.
type Inside = (Option<LimitStatus>, Vec<TreeNode>);

impl TreeSnapshot {
    /// The present version of the serialised form.
    pub const SCHEMA: u32 = 1;

    /// Assembles a snapshot from the answers of the supervisors, each about its own children. Returns
    /// `None` if the supervisor at `root` has not answered.
    pub(crate) fn assemble(root: &str, parts: impl IntoIterator<Item = TreeNode>) -> Option<Self> {
        let mut root_node = None;
        let mut below = HashMap::new();
        // The parts arrive in any order, because each supervisor answers in its own turn.
        for part in parts {
            if part.path == root {
                root_node = Some(part);
            } else {
                below.insert(part.path, (part.limit, part.children));
            }
        }
        let mut root = root_node?;
        root.attach(&mut below);
        Some(Self { schema: Self::SCHEMA, root })
    }
}

impl TreeNode {
    /// Moves the answers of nested supervisors from `below` to their nodes.
    fn attach(&mut self, below: &mut HashMap<String, Inside>) {
        for child in &mut self.children {
            // Most children are workers, which have no entry in the map.
            if !matches!(child.kind, NodeKind::Supervisor | NodeKind::DynamicSupervisor) {
                continue;
            }
            // A supervisor that has ended since its parent answered has sent nothing, and keeps an
            // empty list.
            if let Some((limit, children)) = below.remove(&child.path) {
                child.limit = limit;
                child.children = children;
                child.attach(below);
            }
        }
    }

    /// Returns the exit of the last instance that has ended.
    #[must_use]
    pub fn last_exit(&self) -> Option<&PastExit> {
        self.last_exits.first()
    }
}
