//! A snapshot as input for programs that draw graphs.

use crate::policy::graph::{self, Node};

use super::{TreeNode, TreeSnapshot, draw};

impl TreeSnapshot {
    /// Returns the tree in the language of Graphviz. `dot -Tsvg` draws it.
    ///
    /// The label of each node has its name, the strategy if it is a supervisor, the word `thread` or
    /// `process` if it is one, and its state.
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
    /// assert!(tree.to_dot().contains(r#"n1 [label="listener\nrunning"];"#));
    /// app.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn to_dot(&self) -> String {
        graph::dot(&self.nodes())
    }

    /// Returns the tree as a Mermaid flowchart, which code forges draw in Markdown.
    ///
    /// The labels are the same as in [`to_dot`](Self::to_dot).
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
    /// assert!(tree.to_mermaid().contains(r#"n1["listener<br/>running"]"#));
    /// app.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        graph::mermaid(&self.nodes())
    }

    /// Returns the nodes, a parent before its children.
    fn nodes(&self) -> Vec<Node> {
        let mut nodes = Vec::new();
        // The stack holds the nodes that are still to be visited. Children are pushed in reverse,
        // so that the first child comes next.
        let mut rest = vec![(None, &self.root)];
        while let Some((parent, node)) = rest.pop() {
            let number = nodes.len();
            nodes.push(Node { parent, label: label(node) });
            rest.extend(node.children.iter().rev().map(|child| (Some(number), child)));
        }
        nodes
    }
}

fn label(node: &TreeNode) -> Vec<String> {
    let strategy = node.strategy.map(|by| by.word().to_owned());
    let state = node.state.to_string();
    [Some(node.name.clone()), strategy, draw::host(node), Some(state)]
        .into_iter()
        .flatten()
        .collect()
}
