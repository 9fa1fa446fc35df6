//! Trees whose children are known to the compiler alone.

use crate::language::model::{Start, Tree};

/// Returns whether there are named trees in the tree, or children with a `#[cfg(..)]`.
pub(crate) fn needs_compiler(tree: &Tree) -> bool {
    tree.children.iter().any(|child| match &child.start {
        _ if child.condition().is_some() => true,
        Start::Nested(nested) => needs_compiler(nested),
        start => matches!(start, Start::Named(_)),
    })
}

/// Returns whether there are children with a `#[cfg(..)]` in the tree.
pub(super) fn is_conditional(tree: &Tree) -> bool {
    tree.children.iter().any(|child| match &child.start {
        _ if child.condition().is_some() => true,
        Start::Nested(nested) => is_conditional(nested),
        _ => false,
    })
}
