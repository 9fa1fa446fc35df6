//! `supervisor! { .. }`: the stages in their order. Functions in it are `named` trees.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;

use crate::language::diag::{Diag, Place};
use crate::language::expand::Krate;
use crate::language::model::Tree;
use crate::language::split::List;
use crate::language::{analyze, check, expand, ide, lower, named};

/// `{ $crate } block`
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut input = input.into_iter();
    let path = match input.next() {
        Some(TokenTree::Group(group)) => group.stream(),
        _ => TokenStream::new(),
    };
    let krate = Krate::new(path);
    let tokens = input.collect::<Vec<_>>();
    if named::is_meant(&tokens) {
        return named::expand(&tokens, &krate);
    }
    let mut diag = Diag::default();
    let tokens = tokens.into_iter().collect::<TokenStream>();
    let keys = ide::of_block(tokens.clone(), &krate);
    let tree = analysed(tokens, List::Block, Place::call_site(), None, &mut diag);
    let supervisor = expand::expand(&tree, &krate, diag);
    quote!({ #keys #supervisor })
}

/// The model of a block, and what is wrong with it.
pub(crate) fn analysed(
    block: TokenStream,
    list: List,
    place: Place,
    function: Option<Ident>,
    diag: &mut Diag,
) -> Tree {
    let tree = Tree { function, ..lower::tree(block, list, place, diag) };
    check::check(&tree, diag);
    analyze::analyze(&tree, diag);
    tree
}
