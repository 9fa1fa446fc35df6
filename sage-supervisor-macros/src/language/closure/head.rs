//! The head of a closure: the words in front of its bars, and its arguments.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::language::tokens::{flatten, is_punct, is_word};

/// Returns the tokens of the value, without parentheses around the whole and without the invisible
/// groups of `macro_rules!` fragments.
pub(super) fn without_parentheses(value: &TokenStream) -> Vec<TokenTree> {
    let tokens = flatten(value.clone());
    match tokens.as_slice() {
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::Parenthesis => {
            without_parentheses(&group.stream())
        }
        _ => tokens,
    }
}

/// Returns the number of the words `async`, `move` and `static` in front. The opening bar of a
/// closure stands behind them.
pub(super) fn prefix_length(tokens: &[TokenTree]) -> usize {
    let is_prefix =
        |token: &TokenTree| ["async", "move", "static"].iter().any(|w| is_word(token, w));
    tokens.iter().take_while(|token| is_prefix(token)).count()
}

/// Returns the tokens behind the next bar.
pub(super) fn behind_bar(tokens: &[TokenTree]) -> Option<&[TokenTree]> {
    // An or-pattern in an argument has to stand in parentheses, and so is hidden in a group. The
    // next visible bar therefore closes the head.
    let bar = tokens.iter().position(|token| is_punct(token, '|'))?;
    Some(&tokens[bar + 1..])
}
