//! Rules over `clone(a, b)` and the child that carries it.

use proc_macro2::{Ident, TokenStream, TokenTree};

use super::constructors;
use crate::language::closure;
use crate::language::diag::{Diag, Place, message};
use crate::language::model::{Call, Child, Start, listed};
use crate::language::split::items;
use crate::language::text::text;
use crate::language::tokens::{flatten, is_block, is_list, is_path, is_punct};

pub(super) fn go_to_a_closure(child: &Child, diag: &mut Diag) {
    let Some((key, names)) = &child.options.clone else { return };
    let help = match &child.start {
        Start::Nested(_) => {
            "put it on the children of this supervisor that need the values".to_owned()
        }
        Start::Value(value) | Start::Named(Call { value, .. }) => instead(child, value, &names.all),
        Start::Closure(_) | Start::Missing => return,
    };
    let text = message("`clone` needs a closure").help(help);
    diag.error(key, text.note("`clone(..)` hands a fresh clone to every start of a closure"));
}

/// Returns the help for `clone(..)` on a value that is not a closure.
fn instead(child: &Child, value: &TokenStream, names: &[Ident]) -> String {
    if let Some(constructor) = constructors::name_of(value) {
        return constructors::clone_instead(&child.name, &constructor, names);
    }
    match call(value, names) {
        Some(call) => format!("clone it in the call: `{} = {call}`", child.name),
        None => "write a closure, or pass the value as an argument".to_owned(),
    }
}

/// Returns the call with the clones in its arguments, such as
/// `worker(inbox.clone(), totals.clone())`, or `None` if the value is not such a call.
fn call(value: &TokenStream, names: &[Ident]) -> Option<String> {
    let tokens = flatten(value.clone());
    let [path @ .., last @ TokenTree::Group(list)] = tokens.as_slice() else { return None };
    if !is_list(last)
        || path.is_empty()
        || !path.iter().all(|token| is_path(token) || is_punct(token, '.'))
    {
        return None;
    }
    let mut arguments = Vec::new();
    for item in items(list).into_iter().filter(|item| !item.is_empty()) {
        match item.as_slice() {
            [TokenTree::Ident(name)] if names.contains(name) => {
                arguments.push(format!("{name}.clone()"));
            }
            // A block or a closure may use the name in ways that are unknown here, and reads badly
            // in a message.
            item if item.iter().any(|token| is_block(token) || is_punct(token, '|')) => {
                return None;
            }
            _ => arguments.push(text(&item)),
        }
    }
    // A name that the call does not pass yet is added behind its arguments. Where it belongs among
    // them is unknown.
    let is_passed = |name: &&Ident| mentions(list.stream(), name);
    arguments.extend(names.iter().filter(|n| !is_passed(n)).map(|name| format!("{name}.clone()")));
    Some(format!("{}({})", text(path), arguments.join(", ")))
}

fn mentions(tokens: TokenStream, name: &Ident) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == *name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        _ => false,
    })
}

pub(super) fn are_moved(child: &Child, diag: &mut Diag) {
    let Start::Closure(closure) = &child.start else { return };
    let (cloned, lent) = (listed(&child.options.clone), listed(&child.options.lend));
    if (cloned.is_empty() && lent.is_empty()) || !closure::is_async_without_move(closure) {
        return;
    }
    let (borrowed, rule) = match lent {
        [] => (
            "the clones it is given",
            "the clones are made for one start, and the closure has to own them",
        ),
        _ => (
            "the values it is lent",
            "a lent value belongs to one instance, and the closure has to own it",
        ),
    };
    let text = message(format!("this closure borrows {borrowed}"));
    let text = text.help("write `async move |..|`").note(rule);
    diag.error(Place::from(closure).first(), text);
}
