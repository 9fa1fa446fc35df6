//! Trees as input for programs that draw graphs.

use std::fmt::Write as _;

/// A node of a graph, which comes behind its parent.
#[derive(Debug, Clone)]
pub struct Node {
    /// The index of the parent; `None` for the root.
    pub parent: Option<usize>,
    /// The lines of the label.
    pub label: Vec<String>,
}

/// Returns the tree in the language of Graphviz.
#[must_use]
pub fn dot(nodes: &[Node]) -> String {
    let mut text = "digraph tree {\n    node [shape=box];\n".to_owned();
    for (number, node) in nodes.iter().enumerate() {
        let label = label(node, dot_text, "\\n");
        // Writing to a string never fails.
        let _ = writeln!(text, "    n{number} [label=\"{label}\"];");
        if let Some(parent) = node.parent {
            let _ = writeln!(text, "    n{parent} -> n{number};");
        }
    }
    text.push_str("}\n");
    text
}

/// Returns the tree as a Mermaid flowchart.
#[must_use]
pub fn mermaid(nodes: &[Node]) -> String {
    let mut text = "flowchart TD\n".to_owned();
    for (number, node) in nodes.iter().enumerate() {
        let label = label(node, mermaid_text, "<br/>");
        let _ = writeln!(text, "    n{number}[\"{label}\"]");
        if let Some(parent) = node.parent {
            let _ = writeln!(text, "    n{parent} --> n{number}");
        }
    }
    text
}

fn label(node: &Node, text: fn(&str) -> String, line_break: &str) -> String {
    node.label.iter().map(|line| text(line)).collect::<Vec<_>>().join(line_break)
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
