//! The drawing below the documentation of a named tree: the rows of the policy crate, with the facts
//! that only the macros know.
//!
//! The time and the children of an entry that is itself a named tree are not known here, so its line
//! refers to that tree. A line of a child under `#[cfg(..)]` carries its conditions, but the sums
//! and the branches are as if all children existed.

use proc_macro2::TokenStream;
use quote::quote;
use sage_supervisor_policy::{DeclaredTree, outline};

use crate::language::args::Value;
use crate::language::declared::declared;
use crate::language::model::{Child, Start, Tree};
use crate::language::split::Attribute;
use crate::language::text::text_of;

pub(crate) struct Line<'a> {
    pub(crate) text: String,
    /// The `#[cfg(..)]`s that the line depends on.
    pub(crate) conditions: Vec<&'a Attribute>,
}

pub(crate) fn draw(tree: &Tree) -> Vec<Line<'_>> {
    let budget = match tree.shutdown_budget {
        Some(Value::Known(budget, _)) => Some(budget),
        _ => None,
    };
    let mut rows = declared(tree, |declared| declared.rows(budget));
    let mut entries = Vec::new();
    add_children(tree, &[], &mut entries);
    for (row, (child, _)) in rows.iter_mut().skip(1).zip(&entries) {
        if let Start::Named(call) = &child.start {
            let place = format!("see `{}`", text_of(&call.path));
            row.text = match row.text.as_str() {
                "" => place,
                description => format!("{description} ({place})"),
            };
        }
    }
    let texts = outline::lines(&rows, DeclaredTree::SIDES).into_iter();
    let conditions = entries.into_iter().map(|(_, conditions)| conditions);
    let lines = texts.zip([Vec::new()].into_iter().chain(conditions));
    lines.map(|(text, conditions)| Line { text, conditions }).collect()
}

/// Adds each child with its conditions, in the order of the rows.
fn add_children<'a>(
    tree: &'a Tree,
    conditions: &[&'a Attribute],
    entries: &mut Vec<(&'a Child, Vec<&'a Attribute>)>,
) {
    for child in &tree.children {
        let conditions = conditions.iter().copied().chain(child.conditions()).collect::<Vec<_>>();
        entries.push((child, conditions.clone()));
        if let Start::Nested(nested) = &child.start {
            add_children(nested, &conditions, entries);
        }
    }
}

/// The lines as documentation: the last paragraph but the link.
pub(crate) fn documentation(tree: &Tree) -> TokenStream {
    let lines = draw(tree).into_iter().map(|Line { text, conditions }| {
        // Every line of a doc comment begins with a space, which rustdoc takes off.
        let text = format!(" {text}");
        if conditions.is_empty() {
            return quote!(#[doc = #text]);
        }
        let conditions = conditions.iter().map(|attribute| {
            let arguments = attribute.arguments().into_iter().collect::<TokenStream>();
            // The predicate without its parentheses and a comma at its end.
            quote!(all #arguments)
        });
        quote!(#[cfg_attr(all(#(#conditions),*), doc = #text)])
    });
    quote!(#[doc = ""] #[doc = " ```text"] #(#lines)* #[doc = " ```"])
}
