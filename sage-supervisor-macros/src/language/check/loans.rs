//! Rules over `lend(a, b)` and the child that carries it.

use std::collections::HashMap;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};

use super::constructors;
use crate::language::diag::{Diag, message};
use crate::language::model::{Call, Child, Start, Tree, listed};
use crate::language::text::text;
use crate::language::tokens::{flatten, is_list, is_path};

pub(super) fn go_to_a_closure(child: &Child, diag: &mut Diag) {
    let Some((key, names)) = &child.options.lend else { return };
    let help = match &child.start {
        Start::Nested(_) => {
            "put it on the child of this supervisor that needs the value".to_owned()
        }
        Start::Value(value) | Start::Named(Call { value, .. }) => instead(child, value, &names.all),
        Start::Closure(_) | Start::Missing => return,
    };
    let rule = "`lend(..)` hands the value itself to one instance of a closure after the other";
    diag.error(key, message("`lend` needs a closure").help(help).note(rule));
}

/// Returns the help for `lend(..)` on a value that is not a closure.
fn instead(child: &Child, value: &TokenStream, names: &[Ident]) -> String {
    if let Some(constructor) = constructors::name_of(value) {
        return constructors::lend_instead(&child.name, &constructor, names);
    }
    let tokens = flatten(value.clone());
    let arguments = names.iter().map(Ident::to_string).collect::<Vec<_>>().join(", ");
    match tokens.as_slice() {
        path if !names.is_empty() && path.iter().all(is_path) => {
            let path = text(path);
            format!(
                "write a closure: `{} = async move |ctx| {path}(ctx, {arguments}).await`",
                child.name
            )
        }
        [path @ .., TokenTree::Group(_)]
            if tokens.last().is_some_and(is_list) && path.iter().all(is_path) =>
        {
            "give it to the call: an argument of type `Lent<..>` of a `#[child]` function is lent"
                .to_owned()
        }
        _ => "write a closure".to_owned(),
    }
}

pub(super) fn are_not_cloned(child: &Child, diag: &mut Diag) {
    let cloned = listed(&child.options.clone);
    for name in listed(&child.options.lend).iter().filter(|name| cloned.contains(name)) {
        let text = message(format!("`{name}` is both lent and cloned"))
            .help("remove it from one of the two lists")
            .note("`lend` hands over the value itself, `clone` a new one at every start");
        diag.error(name, text);
    }
}

/// Reports a value that is lent to two children of the whole tree. Several children may share it
/// where their conditions exclude each other.
pub(super) fn go_to_one_child(tree: &Tree, diag: &mut Diag) {
    visit(tree, "", &mut HashMap::new(), diag);
}

/// The conditions and the place of each loan, by the name of the value.
type Lent = HashMap<String, Vec<(String, Span)>>;

fn visit(tree: &Tree, above: &str, lent: &mut Lent, diag: &mut Diag) {
    for child in &tree.children {
        diag.enter(child.index);
        // A nested block exists only under the conditions of the entries above it.
        let condition = format!("{above}{}", child.condition().unwrap_or_default());
        for name in listed(&child.options.lend) {
            let earlier = lent.entry(name.to_string()).or_default();
            // Two different conditions are taken to exclude each other. Where both hold, the
            // compiler reports that the value is moved twice.
            let exists = |(other, _): &&(String, Span)| {
                condition.is_empty() || other.is_empty() || *other == condition
            };
            match earlier.iter().find(exists) {
                Some((_, first)) => lent_twice(name, *first, diag),
                None => earlier.push((condition.clone(), name.span())),
            }
        }
        if let Start::Nested(nested) = &child.start {
            visit(nested, &condition, lent, diag);
        }
        diag.leave();
    }
}

fn lent_twice(name: &Ident, first: Span, diag: &mut Diag) {
    let text = message(format!("`{name}` is lent to two children"))
        .help(format!(
            "lend it to one child that passes on what it holds, or share it as an \
             `Arc<Mutex<..>>`: `clone({name})`"
        ))
        .note("a lent value belongs to one child at a time");
    diag.error(name, text);
    diag.error(first, message(format!("`{name}` is first lent here")));
}
