//! `supervisor! { .. }`: the stages in their order.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use crate::language::diag::{Diag, Place};
use crate::language::expand::Krate;
use crate::language::{analyze, check, expand, ide, lower};

/// `{ $crate } block`
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut input = input.into_iter();
    let path = match input.next() {
        Some(TokenTree::Group(group)) => group.stream(),
        _ => TokenStream::new(),
    };
    let mut diag = Diag::default();
    let (tokens, krate) = (input.collect::<TokenStream>(), Krate::new(path));
    let keys = ide::of_block(tokens.clone(), &krate);
    let tree = lower::tree(tokens, Place::call_site(), &mut diag);
    check::check(&tree, &mut diag);
    analyze::analyze(&tree, &mut diag);
    let supervisor = expand::expand(&tree, &krate, diag);
    quote!({ #keys #supervisor })
}
