//! A snapshot as input for programs that draw graphs.

use std::fmt::Write as _;

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
        let mut text = "digraph tree {\n    node [shape=box];\n".to_owned();
        self.visit(&mut |number, parent, node| {
            let label = label(node, dot_text, "\\n");
            // Writing to a string never fails.
            let _ = writeln!(text, "    n{number} [label=\"{label}\"];");
            if let Some(parent) = parent {
                let _ = writeln!(text, "    n{parent} -> n{number};");
            }
        });
        text.push_str("}\n");
        text
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
        let mut text = "flowchart TD\n".to_owned();
        self.visit(&mut |number, parent, node| {
            let label = label(node, mermaid_text, "<br/>");
            let _ = writeln!(text, "    n{number}[\"{label}\"]");
            if let Some(parent) = parent {
                let _ = writeln!(text, "    n{parent} --> n{number}");
            }
        });
        text
    }

    /// Calls `visit` for all nodes, for a parent before its children, with the number of the node from 0
    /// on, the number of its parent, and the node.
    fn visit(&self, visit: &mut dyn FnMut(usize, Option<usize>, &TreeNode)) {
        let mut number = 0;
        // The stack holds the nodes that are still to be visited. Children are pushed in reverse,
        // so that the first child comes next.
        let mut rest = vec![(None, &self.root)];
        while let Some((parent, node)) = rest.pop() {
            visit(number, parent, node);
            rest.extend(node.children.iter().rev().map(|child| (Some(number), child)));
            number += 1;
        }
    }
}

fn label(node: &TreeNode, text: fn(&str) -> String, line_break: &str) -> String {
    let strategy = node.strategy.map(|by| by.word().to_owned());
    let state = node.state.to_string();
    let lines = [Some(node.name.clone()), strategy, draw::host(node), Some(state)];
    lines.into_iter().flatten().map(|line| text(&line)).collect::<Vec<_>>().join(line_break)
}

/// Escapes a text for double quotes in Graphviz, where a backslash begins an escape.
fn dot_text(text: &str) -> String {
    // Graphviz decodes HTML entities such as `&lt;` even in a quoted text. The backslash is escaped
    // first, because the escape of a quotation mark adds one.
    text.replace('\\', "\\\\").replace('&', "&amp;").replace('"', "\\\"")
}

/// Escapes a text for double quotes in Mermaid. Each character that could have a meaning in Mermaid
/// or in Markdown is replaced by its code point.
fn mermaid_text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut last = ' ';
    for c in text.chars() {
        let is_plain = match c {
            ' ' | '_' => true,
            // A hyphen inside of a word has no meaning, but one in front of it could make a list.
            '-' => last.is_alphanumeric(),
            _ => !c.is_ascii() || c.is_ascii_alphanumeric(),
        };
        if is_plain {
            escaped.push(c);
        } else {
            let _ = write!(escaped, "#{};", u32::from(c));
        }
        last = c;
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped() {
        assert_eq!(dot_text(r#"a "b" c\n"#), r#"a \"b\" c\\n"#);
        assert_eq!(mermaid_text("worker-1 é_x"), "worker-1 é_x");
        assert_eq!(mermaid_text("- a\"]; `b`#<c>"), "#45; a#34;#93;#59; #96;b#96;#35;#60;c#62;");
    }
}
