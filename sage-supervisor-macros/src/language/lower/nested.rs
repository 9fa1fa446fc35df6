//! A nested block, and the calls that may follow it.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::language::tokens::{flatten, is_list, is_path_prefix, is_punct};

/// The methods that may follow a nested block. None of them changes how long the supervisor may
/// take to stop, but for the last two, which add children of which nothing is known.
const METHODS: [&str; 5] =
    ["keep_alive", "kill_grace", "unresponsive_timeout", "child", "children"];

/// Returns the content of a `supervisor! { .. }` and the calls behind it, or `None` for any other
/// value. With a call that is not in the list, nothing is known about the tree.
pub(crate) fn nested(value: &TokenStream) -> Option<(TokenStream, TokenStream)> {
    let tokens = flatten(value.clone());
    let bang = tokens.iter().position(|token| is_punct(token, '!'))?;
    let [before @ .., TokenTree::Ident(last)] = &tokens[..bang] else { return None };
    let [TokenTree::Group(block), methods @ ..] = &tokens[bang + 1..] else { return None };
    // The path is not compared: the crate may be renamed or re-exported. A `supervisor!` of another
    // crate is taken for this one.
    let ours = is_path_prefix(before) && last == "supervisor";
    let known = ours && block.delimiter() != Delimiter::None && are_known(methods);
    known.then(|| (block.stream(), methods.iter().cloned().collect()))
}

/// Returns whether all calls are in the list.
pub(super) fn are_known(methods: &[TokenTree]) -> bool {
    methods.chunks(3).all(|call| match call {
        [dot, TokenTree::Ident(name), list] => {
            is_punct(dot, '.') && is_list(list) && METHODS.iter().any(|known| name == known)
        }
        _ => false,
    })
}
