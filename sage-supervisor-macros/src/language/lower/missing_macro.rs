//! A nested block whose macro is not called: `storage = supervisor { .. }` or `storage = { .. }`.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote_spanned;

use crate::language::diag::{Diag, message};
use crate::language::tokens::{flatten, is_block, is_punct, is_word};

/// Returns the value with the missing macro, which is reported.
pub(super) fn with_macro(name: &Ident, value: TokenStream, diag: &mut Diag) -> TokenStream {
    let tokens = flatten(value.clone());
    let (word, block) = match tokens.as_slice() {
        [word, block] if is_word(word, "supervisor") && is_block(block) => (word, block),
        [word @ TokenTree::Ident(_), block] if declares(block) => (word, block),
        [block] if declares(block) => (block, block),
        _ => return value,
    };
    let text = message(format!("the block of `{name}` is not a `supervisor!` block"));
    let at = match word {
        TokenTree::Group(group) => group.span_open(),
        other => other.span(),
    };
    diag.error(at, text.help(format!("write `{name} = supervisor! {{ .. }}`")));
    // These tokens never reach the compiler: `nested` takes the block out of them.
    quote_spanned!(at=> supervisor! #block)
}

/// Returns whether the braces contain a `#[child]` with a name and a value.
fn declares(block: &TokenTree) -> bool {
    let TokenTree::Group(group) = block else { return false };
    let tokens = flatten(group.stream());
    let is_mark = |window: &[TokenTree]| match window {
        [pound, TokenTree::Group(attribute), TokenTree::Ident(_), equals] => {
            is_punct(pound, '#')
                && is_punct(equals, '=')
                && attribute.stream().into_iter().next().is_some_and(|t| is_word(&t, "child"))
        }
        _ => false,
    };
    is_block(block) && tokens.windows(4).any(is_mark)
}
