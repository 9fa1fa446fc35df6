//! A nested block, and the calls that may follow it.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::language::tokens::{flatten, is_list, is_path_prefix, is_punct};

/// What may be called on a nested block that stays known.
const METHODS: [&str; 3] = ["keep_alive", "kill_grace", "unresponsive_timeout"];

/// The content of a `supervisor! { .. }`, and the calls behind it. With any other call the value is
/// not known here.
pub(crate) fn nested(value: &TokenStream) -> Option<(TokenStream, TokenStream)> {
    let tokens = flatten(value.clone());
    let bang = tokens.iter().position(|token| is_punct(token, '!'))?;
    let [before @ .., TokenTree::Ident(last)] = &tokens[..bang] else { return None };
    let [TokenTree::Group(block), methods @ ..] = &tokens[bang + 1..] else { return None };
    let ours = is_path_prefix(before) && last == "supervisor";
    let known = ours && block.delimiter() != Delimiter::None && keep_time(methods);
    known.then(|| (block.stream(), methods.iter().cloned().collect()))
}

/// Whether no call changes how long the supervisor may take to stop.
pub(super) fn keep_time(methods: &[TokenTree]) -> bool {
    methods.chunks(3).all(|call| match call {
        [dot, TokenTree::Ident(name), list] => {
            is_punct(dot, '.') && is_list(list) && METHODS.iter().any(|known| name == known)
        }
        _ => false,
    })
}
