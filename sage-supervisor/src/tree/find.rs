//! The nodes of a snapshot: each by its path, and all in order.

use std::iter::FusedIterator;

use super::{NodeKind, TreeNode, TreeSnapshot};
use crate::command::ChildState;

impl TreeSnapshot {
    /// Returns the node at `path`, if there is one.
    ///
    /// The paths are those of the [commands](crate::SupervisorHandle): a path from the root down, such as
    /// `storage/writer`, or a whole one as events and statuses have it, such as `shop/storage/writer` or
    /// `/shop/storage/writer`. If the root has a child of its own name, only the form with the slash in
    /// front is certain to begin at the root. The root itself is found by its name.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    ///
    /// async fn writer(ctx: ChildContext) {
    ///     ctx.cancelled().await;
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let storage = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .child("writer", writer);
    /// let shop = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .name("shop")
    ///     .child("storage", storage)
    ///     .start();
    /// shop.started().await?;
    /// let tree = shop.handle().tree().await?;
    /// let writer = tree.find("storage/writer").expect("it is declared");
    /// assert!(writer.is_up() && tree.is_up());
    /// assert_eq!(tree.find("shop/storage/writer").unwrap().path, writer.path);
    ///
    /// let paths: Vec<_> = tree.iter().map(|node| node.path.as_str()).collect();
    /// assert_eq!(paths, ["shop", "shop/storage", "shop/storage/writer"]);
    /// shop.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn find(&self, path: &str) -> Option<&TreeNode> {
        if let Some(path) = path.strip_prefix('/') {
            return self.named_by_root(path);
        }
        let (first, below) = split(path);
        let child = self.root.children.iter().find(|child| child.name == first);
        match child {
            // A worker has nothing below it, so the root must be meant.
            Some(child) if below.is_none() || child.is_supervisor() => child.below(below),
            _ => self.named_by_root(path),
        }
    }

    /// Returns the node at a path that begins with the name of the root.
    fn named_by_root(&self, path: &str) -> Option<&TreeNode> {
        let (first, below) = split(path);
        if first == self.root.name { self.root.below(below) } else { None }
    }

    /// Returns an iterator over all nodes: the root first, and each node in front of its children, in
    /// start order. Each node has its [`path`](TreeNode::path).
    #[must_use]
    pub fn iter(&self) -> impl FusedIterator<Item = &TreeNode> + Clone {
        self.root.iter()
    }

    /// Returns `true` if the tree does its work: the root [is up](TreeNode::is_up), and so is every node
    /// below it, except for those that are meant to be down, because they were stopped by hand, or have
    /// finished without a failure.
    ///
    /// The answer fits a readiness probe. A child that is starting, is stopping, waits for its restart, was
    /// given up, does not respond, or has failed for good makes it `false`.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.root.is_up() && self.iter().all(|node| node.is_up() || node.is_meant_to_be_down())
    }
}

impl TreeNode {
    /// Returns an iterator over this node and all below it, as [`TreeSnapshot::iter`] does for the root.
    #[must_use]
    pub fn iter(&self) -> impl FusedIterator<Item = &Self> + Clone {
        Nodes { rest: vec![self] }
    }

    /// Returns `true` if the node runs: it has been started, is ready if it declares readiness, and has not
    /// been asked to stop. A supervisor is ready when all its children have been started.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.state.is_up()
    }

    fn is_meant_to_be_down(&self) -> bool {
        match self.state {
            ChildState::Stopped => true,
            ChildState::Finished => !self.last_exit().is_some_and(|past| past.exit.is_failure()),
            _ => false,
        }
    }

    fn is_supervisor(&self) -> bool {
        matches!(self.kind, NodeKind::Supervisor | NodeKind::DynamicSupervisor)
    }

    /// Returns the node at a path that leads down from this one.
    fn below(&self, path: Option<&str>) -> Option<&Self> {
        let Some(path) = path else { return Some(self) };
        path.split('/')
            .try_fold(self, |node, name| node.children.iter().find(|child| child.name == name))
    }
}

/// Splits the first name off a path.
fn split(path: &str) -> (&str, Option<&str>) {
    path.split_once('/').map_or((path, None), |(first, below)| (first, Some(below)))
}

/// An iterator over nodes, each in front of its children.
#[derive(Debug, Clone)]
struct Nodes<'a> {
    /// The nodes that are still to come, the next one last.
    rest: Vec<&'a TreeNode>,
}

impl<'a> Iterator for Nodes<'a> {
    type Item = &'a TreeNode;

    fn next(&mut self) -> Option<&'a TreeNode> {
        let node = self.rest.pop()?;
        self.rest.extend(node.children.iter().rev());
        Some(node)
    }
}

impl FusedIterator for Nodes<'_> {}
