//! The entries of a named tree, in whose place an expression may stand by mistake.

use proc_macro2::{TokenStream, TokenTree};

use crate::language::diag::{Diag, Place, message};
use crate::language::tokens::{flatten, is_block, is_list, is_path, is_punct, is_word};

const RULE: &str = "the body of a named tree is a list of settings and children";

/// Returns the settings and children. An expression in their place is reported; a
/// `supervisor! { .. }` is unwrapped.
pub(super) fn entries_of(entries: &TokenStream, diag: &mut Diag) -> TokenStream {
    let tokens = flatten(entries.clone());
    let start = match tokens.first() {
        Some(word) if is_word(word, "return") => 1,
        _ => 0,
    };
    let end = match tokens.last() {
        Some(last) if is_punct(last, ';') && tokens.len() > start => tokens.len() - 1,
        _ => tokens.len(),
    };
    let expression = &tokens[start..end];
    let length = expression.iter().take_while(|token| is_path(token)).count();
    let (path, rest) = expression.split_at(length);
    let (Some(first), Some(last)) = (expression.first(), expression.last()) else {
        return entries.clone();
    };
    match (path, rest) {
        ([.., word], [bang, TokenTree::Group(block), ..])
            if is_word(word, "supervisor") && is_punct(bang, '!') =>
        {
            let text = message("the body of a named tree is the block itself");
            let text = text.help("remove `supervisor! {` and its `}`");
            let place = Place::between(first, bang);
            diag.error(place, text);
            block.stream()
        }
        _ if start == 1 || is_expression(path, rest) => {
            let text = message("the body of a named tree is not an expression");
            let help =
                "a function that computes its supervisor is written outside of `supervisor!`";
            diag.error(Place::between(first, last), text.help(help).note(RULE));
            TokenStream::new()
        }
        _ => entries.clone(),
    }
}

/// Returns whether the tokens are an expression, such as `Supervisor::new(..).child(..)` or
/// `storage(3)`, and not an entry.
fn is_expression(path: &[TokenTree], rest: &[TokenTree]) -> bool {
    let is_call = |token: &TokenTree| is_list(token) || is_block(token);
    let is_value = match rest {
        // A single name is an entry without its value, and is reported as such.
        [] => path.len() > 1,
        [first, ..] => is_call(first) || is_punct(first, '.') || is_punct(first, '!'),
    };
    // An entry has a `=`, and a list of entries has separators or attributes. An expression has
    // none of them outside of its groups.
    let is_one =
        !rest.iter().any(|token| ['=', ',', ';', '#'].iter().any(|sign| is_punct(token, *sign)));
    !path.is_empty()
        && path.iter().any(|token| matches!(token, TokenTree::Ident(_)))
        && is_value
        && is_one
}
