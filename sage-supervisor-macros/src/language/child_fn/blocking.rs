//! Functions that take a `BlockingContext` and so run on a thread of their own.

use crate::language::diag::{Diag, message};
use crate::language::signature::{Argument, Signature};
use crate::language::tokens::{flatten, is_word};

/// Returns the argument of type `BlockingContext`, which may stand behind a path or a reference.
pub(super) fn context(signature: &Signature) -> Option<&Argument> {
    let is_it = |argument: &&Argument| {
        flatten(argument.ty.clone()).last().is_some_and(|last| is_word(last, "BlockingContext"))
    };
    signature.arguments.iter().find(is_it)
}

/// Reports the function: `#[child]` is for tasks.
pub(super) fn is_none(signature: &Signature, diag: &mut Diag) {
    let Some(context) = context(signature) else { return };
    let name = &signature.name;
    let start = match signature.arguments.len() {
        1 => name.to_string(),
        _ => format!("move |ctx| {name}(ctx, ..)"),
    };
    let entry = format!("`{name} = ChildSpec::blocking(\"{name}\", {start})`");
    let function = match signature.asynchronous() {
        Some(_) => "make it a plain `fn` without `#[child]`",
        None => "remove `#[child]`",
    };
    let text = message("a child that blocks is not a `#[child]` function")
        .help(format!("{function}, and list it as {entry}"))
        .note("`#[child]` is for an `async fn`, a `BlockingContext` is for a thread");
    diag.error(&context.ty, text);
}
