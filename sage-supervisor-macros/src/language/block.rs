//! `supervisor! { .. }`: the stages in their order.

use proc_macro2::{TokenStream, TokenTree};

use crate::language::diag::{Diag, Place};
use crate::language::expand::Krate;
use crate::language::{analyze, check, expand, lower};

/// `{ $crate } block`
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut input = input.into_iter();
    let path = match input.next() {
        Some(TokenTree::Group(group)) => group.stream(),
        _ => TokenStream::new(),
    };
    let mut diag = Diag::default();
    let tree = lower::tree(input.collect(), Place::call_site(), &mut diag);
    check::check(&tree, &mut diag);
    analyze::analyze(&tree, &mut diag);
    expand::expand(&tree, &Krate::new(path), diag)
}
