//! What the macro reads off a closure without parsing it: that it is one, and whether its error type
//! has to be given.

mod block;
mod conversion;
mod head;
mod missing_result;
mod outcome;
mod plain;
mod walk;

#[cfg(test)]
mod tests;

use proc_macro2::{Span, TokenStream, TokenTree};

pub(crate) use self::missing_result::{Missing, missing, with_results};
pub(crate) use self::plain::as_plain_closure;

use self::head::{bars, behind_bar, unwrap};
use self::outcome::Outcomes;
use crate::language::tokens::{is_block, is_punct, is_word};

pub(crate) fn is_closure(value: &TokenStream) -> bool {
    let tokens = unwrap(value);
    tokens.get(bars(&tokens)).is_some_and(|token| is_punct(token, '|'))
}

/// An `async { .. }` block and nothing behind it.
pub(crate) fn is_async_block(value: &TokenStream) -> bool {
    let tokens = unwrap(value);
    matches!(tokens.first(), Some(TokenTree::Ident(word)) if word == "async")
        && bars(&tokens) + 1 == tokens.len()
        && tokens.last().is_some_and(is_block)
}

/// `async |..|`
pub(crate) fn is_async_without_move(closure: &TokenStream) -> bool {
    let tokens = unwrap(closure);
    let head = &tokens[..bars(&tokens)];
    head.iter().any(|token| is_word(token, "async"))
        && !head.iter().any(|token| is_word(token, "move"))
}

/// Whether the error type of the closure's result has to be given, because everything it ends with
/// leaves it open.
///
/// Only the closure's own outcomes count: its last expression, through the branches of `if`, `match`,
/// `loop` and `select!`, what stands behind `return`, and every `?`. A closure that writes its return
/// type needs no help.
pub(crate) fn is_fallible(closure: &TokenStream) -> bool {
    outcomes(closure).is_some_and(|outcomes| outcomes.leave_open())
}

/// The place of an outcome `Ok(value)` whose value is not plainly `()`.
pub(crate) fn value_in_ok(closure: &TokenStream) -> Option<Span> {
    outcomes(closure).and_then(|outcomes| outcomes.value)
}

fn outcomes(closure: &TokenStream) -> Option<Outcomes> {
    let tokens = unwrap(closure);
    let head = bars(&tokens);
    let asynchronous = tokens[..head].iter().any(|token| is_word(token, "async"));
    let body = tokens.get(head + 1..).and_then(behind_bar)?;
    if body.first().is_some_and(|token| is_punct(token, '-')) {
        return None;
    }
    Some(if asynchronous { Outcomes::of_body(body) } else { Outcomes::of_future(body) })
}
