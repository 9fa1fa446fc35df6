//! The `ChildContext` among the arguments.

use proc_macro2::{Ident, TokenTree};
use quote::quote;

use crate::language::diag::{Diag, message};
use crate::language::krate::Krate;
use crate::language::signature::{Argument, Signature};
use crate::language::text::text_of;
use crate::language::tokens::{flatten, is_list, is_punct, is_word};

/// Types that are certainly not the context. Any other name may be an alias of `ChildContext`.
pub(super) const OTHER_TYPES: [&str; 18] = [
    "String", "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16",
    "i32", "i64", "i128", "isize", "f32", "f64",
];

/// Returns the index of the context: an argument of that type, or else the first one, unless it is
/// certainly of another type.
pub(super) fn index(signature: &Signature) -> Option<usize> {
    let named = signature.arguments.iter().position(is_context);
    let first = signature.arguments.first();
    named.or_else(|| first.is_some_and(|first| !is_clearly_another(first)).then_some(0))
}

/// Reports a context that is missing, borrowed, or not the first argument.
pub(super) fn is_first(signature: &Signature, diag: &mut Diag) {
    let context = index(signature);
    // The receiver was reported, and a second message about the missing context would not help.
    if signature.receiver.is_some() && signature.arguments.is_empty() {
        return;
    }
    let text = message("a child takes the `ChildContext` first");
    match (context.and_then(|at| signature.arguments.get(at)), context) {
        (Some(argument), _) if argument.is_reference() => {
            let text = message("a child takes the `ChildContext` by value");
            diag.error(&argument.ty, text.help(wanted(signature)));
        }
        (Some(_), Some(0)) => {}
        (Some(argument), _) => diag.error(&argument.tokens, text.help(wanted(signature))),
        (None, _) => match signature.arguments.first() {
            Some(first) => diag.error(&first.ty, text.help(wanted(signature))),
            None => diag.error(&signature.name, text.help(wanted(signature))),
        },
    }
}

/// Moves the context to the front, or adds one, so that the rest of the function is checked as if
/// the mistake had been corrected.
pub(super) fn put_first(signature: &mut Signature, krate: &Krate) {
    let context = match index(signature) {
        Some(at) => signature.arguments.remove(at),
        None => invented(signature, krate),
    };
    signature.arguments.insert(0, context);
}

/// Returns a new argument for the context, called `ctx`: the body may already use this name.
fn invented(signature: &Signature, krate: &Krate) -> Argument {
    let span = signature.name.span();
    let path = krate.path_at(span);
    let name = Ident::new("ctx", span);
    let ty = quote!(#path::ChildContext);
    // An argument of the user may already be called `ctx`, and two arguments of one name do not
    // compile.
    let taken = signature.arguments.iter().any(|argument| argument.name == name);
    let tokens = if taken { quote!(_: #ty) } else { quote!(ctx: #ty) };
    Argument { tokens, name, ty, cfg: None }
}

/// Returns the corrected head of the function: `async fn worker(ctx: ChildContext, name: String)`.
fn wanted(signature: &Signature) -> String {
    let context = index(signature);
    let name = match context.and_then(|at| signature.arguments.get(at)) {
        // A name that begins like this was invented for a pattern.
        Some(argument) if !argument.name.to_string().starts_with("__") => argument.name.to_string(),
        Some(_) => "_".to_owned(),
        None => "ctx".to_owned(),
    };
    let others = signature.arguments.iter().enumerate().filter(|(at, _)| Some(*at) != context);
    let others = others.map(|(_, argument)| text_of(&argument.tokens));
    let arguments =
        std::iter::once(format!("{name}: ChildContext")).chain(others).collect::<Vec<_>>();
    format!("`async fn {}({})`", signature.name, arguments.join(", "))
}

/// Returns whether the type is `ChildContext` or `BlockingContext`, which may stand behind a path
/// or a reference.
fn is_context(argument: &Argument) -> bool {
    let last = flatten(argument.ty.clone()).pop();
    last.is_some_and(|last| is_word(&last, "ChildContext") || is_word(&last, "BlockingContext"))
}

/// Returns whether the type is certainly not `ChildContext`: a primitive type, a tuple, a
/// reference, or a type with arguments.
fn is_clearly_another(argument: &Argument) -> bool {
    match flatten(argument.ty.clone()).as_slice() {
        [TokenTree::Ident(only)] => OTHER_TYPES.iter().any(|other| only == other),
        [first, .., last] => {
            is_list(first) || is_punct(first, '&') || is_punct(first, '*') || is_punct(last, '>')
        }
        [only] => matches!(only, TokenTree::Group(_)),
        [] => false,
    }
}
