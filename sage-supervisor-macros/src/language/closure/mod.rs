//! Closures, as far as the macro has to understand them.
//!
//! The expansion calls a different constructor depending on whether a closure returns a `Result`
//! whose error type is left open, because the compiler could not infer that type. Closures are
//! examined on tokens, without a parser of expressions:
//!
//! 1. Only the tokens of the closure itself count, not those of closures, `async` blocks and
//!    functions inside of it: see `walk`.
//! 2. A doubt is decided in favour of the compiler: what cannot be recognised stays as it was
//!    written.
//! 3. Every token is visited a bounded number of times, however deep the nesting is.

mod block;
mod conversion;
mod head;
mod lost;
mod missing_result;
mod outcome;
mod plain;
mod walk;

#[cfg(test)]
mod tests;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};

pub(crate) use self::lost::lost_assignment;
pub(crate) use self::missing_result::{Missing, missing, with_results};
pub(crate) use self::plain::as_plain_closure;
pub(crate) use self::walk::{foreign_length, is_macro_input};

use self::head::{behind_bar, prefix_length, without_parentheses};
use self::outcome::Outcomes;
use crate::language::tokens::{flatten, is_block, is_keyword, is_punct, is_word};

/// Returns whether the value is a closure.
pub(crate) fn is_closure(value: &TokenStream) -> bool {
    let tokens = without_parentheses(value);
    tokens.get(prefix_length(&tokens)).is_some_and(|token| is_punct(token, '|'))
}

/// Returns whether the value is an `async` block, with nothing behind it.
pub(crate) fn is_async_block(value: &TokenStream) -> bool {
    let tokens = without_parentheses(value);
    matches!(tokens.first(), Some(TokenTree::Ident(word)) if word == "async")
        && prefix_length(&tokens) + 1 == tokens.len()
        && tokens.last().is_some_and(is_block)
}

/// Returns whether the value is an `async` closure without `move`.
pub(crate) fn is_async_without_move(closure: &TokenStream) -> bool {
    let tokens = without_parentheses(closure);
    let head = &tokens[..prefix_length(&tokens)];
    head.iter().any(|token| is_word(token, "async"))
        && !head.iter().any(|token| is_word(token, "move"))
}

/// Returns whether the closure may leave the error type of its result open, so that the compiler has to
/// decide: there is a `?`, an `Ok(..)`, a conversion, a future that fits any type, or a macro that may
/// expand to one of these.
pub(crate) fn may_leave_error_open(closure: &TokenStream) -> bool {
    may_be_open(&flatten(closure.clone()))
}

fn may_be_open(tokens: &[TokenTree]) -> bool {
    tokens.iter().enumerate().any(|(at, token)| match token {
        TokenTree::Punct(punct) => {
            let is_macro = || {
                at > 0
                    && matches!(&tokens[at - 1], TokenTree::Ident(name) if is_unknown_macro(name))
            };
            punct.as_char() == '?' || punct.as_char() == '!' && is_macro()
        }
        TokenTree::Ident(word) => {
            ["Ok", "Err", "into", "from", "pending"].iter().any(|open| word == open)
        }
        TokenTree::Group(group) => may_be_open(&flatten(group.stream())),
        TokenTree::Literal(_) => false,
    })
}

/// Returns whether a macro of this name may expand to anything. One that prints, logs or panics has no
/// result.
fn is_unknown_macro(name: &Ident) -> bool {
    const KNOWN: [&str; 20] = [
        "print",
        "println",
        "eprint",
        "eprintln",
        "dbg",
        "format",
        "write",
        "writeln",
        "vec",
        "matches",
        "assert",
        "assert_eq",
        "assert_ne",
        "panic",
        "todo",
        "unreachable",
        "unimplemented",
        "select",
        "join",
        "pin",
    ];
    !is_keyword(name) && !KNOWN.iter().any(|known| name == known)
}

/// Returns whether the error type of the closure's result has to be given, because all outcomes of
/// the closure leave it open.
///
/// Outcomes are: the last expression, followed into the branches of `if`, `match`, `loop` and
/// `select!`; the values of `return`; and every `?`. A closure that writes its return type needs no
/// help.
pub(crate) fn is_fallible(closure: &TokenStream) -> bool {
    outcomes(closure).is_some_and(|outcomes| outcomes.leave_open())
}

/// Returns the place of an outcome `Ok(value)` whose value is not plainly `()`.
pub(crate) fn value_in_ok(closure: &TokenStream) -> Option<Span> {
    outcomes(closure).and_then(|outcomes| outcomes.value)
}

fn outcomes(closure: &TokenStream) -> Option<Outcomes> {
    let tokens = without_parentheses(closure);
    let head = prefix_length(&tokens);
    let asynchronous = tokens[..head].iter().any(|token| is_word(token, "async"));
    let body = tokens.get(head + 1..).and_then(behind_bar)?;
    // This `-` is the first half of `->`: no future begins with a minus sign.
    if body.first().is_some_and(|token| is_punct(token, '-')) {
        return None;
    }
    Some(if asynchronous { Outcomes::of_body(body) } else { Outcomes::of_future(body) })
}
