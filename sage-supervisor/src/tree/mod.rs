//! A tree at one moment, as plain data.

mod draw;
mod graph;
#[cfg(feature = "serde")]
mod serial;

pub(crate) use self::draw::{human, one_line};
#[cfg(feature = "serde")]
pub(crate) use self::serial::{exit as serialize_exit, millis as serialize_millis};

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::command::ChildState;
use crate::exit::Exit;
use crate::policy::RestartPolicy;
use crate::policy::Strategy;

/// A whole tree at one moment; see [`SupervisorHandle::tree`] for how to get it.
///
/// It is plain data. Every supervisor answers for its own children, so what is said of two of them
/// may be a moment apart.
///
/// Its [`Display`](std::fmt::Display) is for people, in the manner of `systemctl status`;
/// [`to_dot`](Self::to_dot) and [`to_mermaid`](Self::to_mermaid) draw it. With the feature `serde` it
/// can be serialised: names as here, durations in milliseconds with `_ms` at the end of the name,
/// enums in `snake_case`, an exit as its `kind` and its text as `reason`, and no
/// [`Instant`], which means nothing elsewhere.
///
/// [`SupervisorHandle::tree`]: crate::SupervisorHandle::tree
#[derive(Debug, Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct TreeSnapshot {
    /// The number of this form, [`TreeSnapshot::SCHEMA`]. It changes when a field goes, or means
    /// something else; not when one comes.
    pub schema: u32,
    /// The supervisor at the root.
    pub root: TreeNode,
}

/// A supervisor, a task, a thread or a process at one moment.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct TreeNode {
    /// Its name.
    pub name: String,
    /// Its path in the tree.
    pub path: String,
    /// What it is.
    pub kind: NodeKind,
    /// What it is doing.
    pub state: ChildState,
    /// The number of its process, if it is one and is up.
    pub pid: Option<u32>,
    /// Its restart policy; `None` at the root, which nobody restarts.
    pub restart: Option<RestartPolicy>,
    /// Whom a failure takes along, if it is a supervisor.
    pub strategy: Option<Strategy>,
    /// Its restart limit, if it is a supervisor and has one.
    pub limit: Option<LimitStatus>,
    /// The limit on its own restarts, besides that of its supervisor, if it has one.
    pub own_limit: Option<LimitStatus>,
    /// How long it waits still before it is restarted, if it does: its backoff, or that of its group.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "restart_in_ms", serialize_with = "serial::millis")
    )]
    pub restart_in: Option<Duration>,
    /// The number of its present or last instance, from 1 on, in this run of its supervisor; 0 if it
    /// has not been started.
    pub instance: u64,
    /// How often it was started again in this run of its supervisor.
    pub restarts: u64,
    /// When that instance was started.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub started_at: Option<Instant>,
    /// How long it has been up; `None` if it is down.
    #[cfg_attr(feature = "serde", serde(rename = "uptime_ms", serialize_with = "serial::millis"))]
    pub uptime: Option<Duration>,
    /// How long that instance took to be ready, if it says when, or to start all its children.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "ready_after_ms", serialize_with = "serial::millis")
    )]
    pub ready_after: Option<Duration>,
    /// How its instances have ended in this run of its supervisor: the last four, the latest first.
    pub last_exits: Vec<PastExit>,
    /// Its children in start order. Empty unless it is a supervisor that is up.
    pub children: Vec<Self>,
}

/// What something in a tree is.
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
    /// A supervisor whose children come on demand.
    DynamicSupervisor,
}

/// A restart limit at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct LimitStatus {
    /// How many restarts any window may hold.
    pub max_restarts: u32,
    /// The length of the window.
    #[cfg_attr(feature = "serde", serde(rename = "within_ms", serialize_with = "serial::millis"))]
    pub within: Duration,
    /// How many restarts are in the window now.
    pub used: u32,
    /// How many more it may hold now. With none left, the next one exceeds the limit.
    pub left: u32,
}

/// How one instance has ended.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PastExit {
    /// How.
    #[cfg_attr(feature = "serde", serde(flatten, serialize_with = "serial::exit"))]
    pub exit: Exit,
    /// How long the instance had lived.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "lifetime_ms", serialize_with = "serial::millis")
    )]
    pub lifetime: Duration,
    /// When it ended.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub ended_at: Instant,
    /// How long before the snapshot.
    #[cfg_attr(feature = "serde", serde(rename = "ago_ms", serialize_with = "serial::millis"))]
    pub ago: Duration,
}

/// What only a nested supervisor itself knows: its limit and its children.
type Inside = (Option<LimitStatus>, Vec<TreeNode>);

impl TreeSnapshot {
    /// The number of the present form.
    pub const SCHEMA: u32 = 1;

    /// Puts the tree together from what its supervisors have said, each of its own children. `None`
    /// if the one at `root` has said nothing.
    pub(crate) fn assemble(root: &str, parts: impl IntoIterator<Item = TreeNode>) -> Option<Self> {
        let mut root_node = None;
        let mut below = HashMap::new();
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
    /// Takes from `below` what nested supervisors have said.
    fn attach(&mut self, below: &mut HashMap<String, Inside>) {
        for child in &mut self.children {
            // Most are none, and need not be looked for.
            if !matches!(child.kind, NodeKind::Supervisor | NodeKind::DynamicSupervisor) {
                continue;
            }
            if let Some((limit, children)) = below.remove(&child.path) {
                child.limit = limit;
                child.children = children;
                child.attach(below);
            }
        }
    }

    /// How the last instance ended.
    #[must_use]
    pub fn last_exit(&self) -> Option<&PastExit> {
        self.last_exits.first()
    }
}
