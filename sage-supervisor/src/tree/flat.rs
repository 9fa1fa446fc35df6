//! The flat serialised form of a snapshot.

use std::time::Duration;

use serde::Serialize;

use super::{EveryStatus, LimitStatus, NodeKind, PastExit, TreeNode, TreeSnapshot, serial};
use crate::command::ChildState;
use crate::policy::{RestartPolicy, Strategy};

/// The fields of a [`TreeSnapshot`], with a list in place of the tree.
#[derive(Serialize)]
struct FlatSnapshot<'a> {
    schema: u32,
    nodes: Vec<FlatNode<'a>>,
}

/// The fields of a [`TreeNode`], with the depth in place of the children.
#[derive(Serialize)]
struct FlatNode<'a> {
    depth: usize,
    name: &'a str,
    path: &'a str,
    kind: NodeKind,
    state: ChildState,
    pid: Option<u32>,
    restart: Option<RestartPolicy>,
    strategy: Option<Strategy>,
    limit: Option<LimitStatus>,
    own_limit: Option<LimitStatus>,
    #[serde(rename = "restart_in_ms", serialize_with = "serial::millis")]
    restart_in: Option<Duration>,
    every: Option<EveryStatus>,
    instance: u64,
    restarts: u64,
    #[serde(rename = "uptime_ms", serialize_with = "serial::millis")]
    uptime: Option<Duration>,
    #[serde(rename = "ready_after_ms", serialize_with = "serial::millis")]
    ready_after: Option<Duration>,
    last_exits: &'a [PastExit],
}

impl TreeSnapshot {
    /// Returns the snapshot in a form that is serialised without nesting. A tree may be 256 levels deep,
    /// which is more than many readers accept: `serde_json` reads 128 levels by default.
    ///
    /// A list, `nodes`, takes the place of `root`. Each node is in front of its children, and has its
    /// `depth`, which is 0 at the root, in place of its `children`. All other fields are those of the
    /// nested form.
    ///
    /// This method needs the feature `serde`.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    ///
    /// async fn listener(ctx: ChildContext) {
    ///     ctx.cancelled().await;
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .child("listener", listener)
    ///     .start();
    /// # tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    /// let tree = app.handle().tree().await?;
    /// let json = serde_json::to_string(&tree.flat())?;
    /// let read: serde_json::Value = serde_json::from_str(&json)?;
    /// assert_eq!(read["nodes"][1]["path"], "root/listener");
    /// assert_eq!(read["nodes"][1]["depth"], 1);
    /// app.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn flat(&self) -> impl Serialize {
        let nodes = unnest(&self.root, |node| &node.children);
        let nodes = nodes.into_iter().map(|(depth, node)| FlatNode::new(depth, node));
        FlatSnapshot { schema: self.schema, nodes: nodes.collect() }
    }
}

impl<'a> FlatNode<'a> {
    fn new(depth: usize, node: &'a TreeNode) -> Self {
        Self {
            depth,
            name: &node.name,
            path: &node.path,
            kind: node.kind,
            state: node.state,
            pid: node.pid,
            restart: node.restart,
            strategy: node.strategy,
            limit: node.limit,
            own_limit: node.own_limit,
            restart_in: node.restart_in,
            every: node.every,
            instance: node.instance,
            restarts: node.restarts,
            uptime: node.uptime,
            ready_after: node.ready_after,
            last_exits: &node.last_exits,
        }
    }
}

/// Lists a node and all below it, each in front of its children, with their depths.
pub(crate) fn unnest<'a, N>(
    root: &'a N,
    children: impl Fn(&'a N) -> &'a [N],
) -> Vec<(usize, &'a N)> {
    let mut nodes = Vec::new();
    // The stack holds the nodes that are still to be listed. Children are pushed in reverse, so that
    // the first child comes next.
    let mut rest = vec![(0, root)];
    while let Some((depth, node)) = rest.pop() {
        nodes.push((depth, node));
        rest.extend(children(node).iter().rev().map(|child| (depth + 1, child)));
    }
    nodes
}
