//! The macro `supervisor!`. Its input is either one block or a list of functions, the named trees.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use crate::language::diag::{Diag, Place};
use crate::language::krate::Krate;
use crate::language::split::List;
use crate::language::stages::checked_tree;
use crate::language::{expand, ide, named};

/// Expands `{ $crate } block`. The path of the runtime crate stands in front, because a procedural
/// macro has no `$crate` of its own.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut input = input.into_iter();
    let path = match input.next() {
        Some(TokenTree::Group(group)) => group.stream(),
        _ => TokenStream::new(),
    };
    let krate = Krate::new(path);
    let tokens = input.collect::<Vec<_>>();
    if named::declares_functions(&tokens) {
        return named::expand(&tokens, &krate);
    }
    let mut diag = Diag::default();
    let tokens = tokens.into_iter().collect::<TokenStream>();
    // The code for editors stands in front of everything else, for which `ide` gives the reason.
    let keys = ide::of_block(tokens.clone(), &krate);
    let tree = checked_tree(tokens, List::Block, Place::call_site(), None, &mut diag);
    let supervisor = expand::expand(&tree, &krate, diag);
    quote!({ #keys #supervisor })
}
