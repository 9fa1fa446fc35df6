//! A declared tree as input for programs that draw graphs.

use super::draw;
use super::place::Place;
use super::{DeclaredChild, DeclaredTree};
use crate::graph::{self, Node};

impl DeclaredTree<'_> {
    /// Returns the tree in the language of Graphviz. `dot -Tsvg` draws it.
    ///
    /// A label has what the drawing of the tree says of the supervisor or child, in lines: of the root the
    /// strategy, the restart limit and the time to stop; of a child the restart policy, the time to stop and
    /// the largest number of starts, and of a nested supervisor its strategy too.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::prelude::*;
    ///
    /// supervisor! {
    ///     pub fn app() -> Supervisor {
    ///         #[child]
    ///         listener = async |ctx| ctx.cancelled().await,
    ///     }
    /// }
    ///
    /// let dot = app::TREE.to_dot();
    /// assert!(dot.contains(r#"n1 [label="listener\npermanent\n5s to stop\n6 starts"];"#));
    /// # drop(app());
    /// ```
    #[must_use]
    pub fn to_dot(&self) -> String {
        graph::dot(&self.nodes())
    }

    /// Returns the tree as a Mermaid flowchart, which code forges draw in Markdown. The labels are the same
    /// as in [`to_dot`](Self::to_dot).
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::prelude::*;
    ///
    /// supervisor! {
    ///     pub fn app() -> Supervisor {
    ///         #[child]
    ///         listener = async |ctx| ctx.cancelled().await,
    ///     }
    /// }
    ///
    /// let mermaid = app::TREE.to_mermaid();
    /// assert!(mermaid.contains(r#"n1["listener<br/>permanent<br/>5s to stop<br/>6 starts"]"#));
    /// # drop(app());
    /// ```
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        graph::mermaid(&self.nodes())
    }

    fn nodes(&self) -> Vec<Node> {
        let settings = self.settings(None);
        let label = std::iter::once(self.name).chain(settings.split(", ")).map(str::to_owned);
        let mut nodes = vec![Node { parent: None, label: label.collect() }];
        self.add_nodes(None, 0, &mut nodes);
        nodes
    }

    fn add_nodes(&self, above: Option<&Place<'_>>, parent: usize, nodes: &mut Vec<Node>) {
        for (number, child) in self.children.iter().enumerate() {
            let place = Place::new(self, number, above);
            let at = nodes.len();
            nodes.push(Node { parent: Some(parent), label: self.label_of(child, &place) });
            if let Some(nested) = child.tree() {
                nested.add_nodes(Some(&place), at, nodes);
            }
        }
        if self.has_more {
            let label = vec!["..".to_owned(), draw::MORE.to_owned()];
            nodes.push(Node { parent: Some(parent), label });
        }
    }

    fn label_of(&self, child: &DeclaredChild<'_>, place: &Place<'_>) -> Vec<String> {
        let strategy = child.tree().and_then(|tree| tree.strategy).map(crate::Strategy::word);
        let policy = child.restart.map_or("unknown", |policy| policy.word());
        let time = draw::time(self.part_of(child), child.given_ms());
        let lines = [
            child.label(),
            strategy.unwrap_or_default().to_owned(),
            policy.to_owned(),
            time,
            draw::starts(place),
        ];
        lines.into_iter().filter(|line| !line.is_empty()).collect()
    }
}
