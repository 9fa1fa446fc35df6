//! Rules over the signature of a child function, one function each.

use proc_macro2::TokenTree;

use super::{blocking, context};
use crate::language::diag::{Diag, message};
use crate::language::signature::{Argument, Parameter, Signature};

pub(super) fn check(signature: &Signature, diag: &mut Diag) {
    // A function for a thread breaks most of the rules below. One message explains all of them.
    if blocking::context(signature).is_some() {
        return blocking::is_none(signature, diag);
    }
    is_async(signature, diag);
    is_plain(signature, diag);
    takes_no_self(signature, diag);
    context::is_first(signature, diag);
    owns_its_arguments(signature, diag);
    takes_all_arguments(signature, diag);
}

fn is_async(signature: &Signature, diag: &mut Diag) {
    if signature.asynchronous().is_none() {
        let text = message("a child must be an `async fn`");
        diag.error(&signature.fn_token, text.help("add `async` before `fn`"));
    }
}

fn is_plain(signature: &Signature, diag: &mut Diag) {
    for word in &signature.qualifiers {
        let text = word.to_string();
        if text != "async" && matches!(word, TokenTree::Ident(_)) {
            diag.error(word, message(format!("a child function cannot be `{text}`")));
        }
    }
}

fn takes_no_self(signature: &Signature, diag: &mut Diag) {
    if let Some(receiver) = &signature.receiver {
        let text = message("a child function cannot take `self`");
        let help = "pass the value as an argument after the `ChildContext`";
        diag.error(receiver, text.help(help));
    }
}

fn owns_its_arguments(signature: &Signature, diag: &mut Diag) {
    const HELP: &str = "take the value itself, or an `Arc` of it";
    for parameter in signature.parameters() {
        if let Parameter::Lifetime(name, place) = parameter {
            let text = format!("a child owns its arguments, `'{name}` cannot be used here");
            diag.error(place, message(text).help(HELP));
        }
    }
    let context = context::index(signature);
    let owned = signature.arguments.iter().enumerate().filter(|(index, _)| Some(*index) != context);
    for (_, argument) in owned {
        if argument.is_reference() {
            let text = "a child owns its arguments, a reference cannot be used here";
            diag.error(&argument.ty, message(text).help(HELP));
        }
    }
}

fn takes_all_arguments(signature: &Signature, diag: &mut Diag) {
    for argument in &signature.arguments {
        if let Some(cfg) = &argument.cfg {
            let text = message("an argument of a child function cannot be conditional");
            let help = "write the function twice, under `#[cfg(..)]` and under `#[cfg(not(..))]`";
            diag.error(cfg, text.help(help));
        }
    }
}

/// Returns whether the function can be called with a context and clones of its arguments.
pub(super) fn is_callable(signature: &Signature) -> bool {
    let borrows = signature.parameters().iter().any(|p| matches!(p, Parameter::Lifetime(..)))
        || signature.arguments.iter().any(Argument::is_reference);
    let conditional = signature.arguments.iter().any(|argument| argument.cfg.is_some());
    let blocks = blocking::context(signature).is_some();
    let takes_all = !signature.arguments.is_empty() && !borrows && !conditional;
    signature.receiver.is_none() && takes_all && !blocks
}
