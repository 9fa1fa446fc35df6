//! Rules over the names of children.

use std::collections::HashMap;

use proc_macro2::{Ident, Span, TokenTree};

use crate::language::diag::{Diag, message};
use crate::language::model::{Child, Tree};

pub(super) fn is_identifier(child: &Child, diag: &mut Diag) {
    let name = &child.name;
    if is_ident(name) {
        return;
    }
    let text = message(format!("`{name}` cannot be the name of a child"));
    let text = match name.to_string().as_str() {
        "_" | "self" | "Self" | "super" | "crate" => text,
        word => text.help(format!("write `r#{word}`")),
    };
    diag.error(name, text.note("a name is an identifier"));
}

fn is_ident(name: &Ident) -> bool {
    syn::parse2::<Ident>(TokenTree::from(name.clone()).into()).is_ok()
}

/// Reports two siblings with one name. They may share it if both carry a `#[cfg(..)]` and the two
/// conditions differ: which of them exists is known to the compiler alone.
pub(super) fn are_unique(tree: &Tree, diag: &mut Diag) {
    // Each name leads to the condition and the place of the children that have it. Several children
    // stand in the list only where their conditions may exclude each other.
    let mut declared = HashMap::<String, Vec<(Option<String>, Span)>>::new();
    for child in &tree.children {
        let Some((name, at)) = child.sibling_name() else { continue };
        let condition = child.condition();
        let earlier = declared.entry(name.clone()).or_default();
        let first = earlier
            .iter()
            .find(|(other, _)| condition.is_none() || other.is_none() || *other == condition);
        let Some((other, first)) = first else {
            earlier.push((condition, at));
            continue;
        };
        let same = condition.is_some() && *other == condition;
        diag.enter(child.index);
        let text = message(format!("two children are named `{name}`"));
        let text = if same {
            text.help(
                "give each a condition of its own, such as `#[cfg(..)]` and `#[cfg(not(..))]`",
            )
            .note("both exist under the same `#[cfg]`")
        } else {
            text.help("a name is unique among its siblings")
        };
        diag.error(at, text);
        diag.error(*first, message(format!("`{name}` is first declared here")));
        diag.leave();
    }
}
