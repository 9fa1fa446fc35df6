//! The macro `supervisor!`. Its input is either one block or a list of functions, the named trees.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::Lifetime;

use crate::language::diag::{Diag, Place};
use crate::language::krate::{Krate, generated_at};
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
    // A block where an item stands is no item. The compiler then names the first token of the
    // expansion, and shows where it stands: a label can say what to do.
    let first =
        tokens.clone().into_iter().next().map_or_else(Span::call_site, |first| first.span());
    let label = Lifetime::new("'a_tree_outside_of_a_function_needs_a_name", generated_at(first));
    let colon = quote_spanned!(generated_at(first)=> :);
    // The code for editors stands in front of everything else, for which `ide` gives the reason.
    let keys = ide::of_block(tokens.clone(), &krate);
    let tree = checked_tree(tokens, List::Block, Place::call_site(), None, &mut diag);
    let supervisor = expand::expand(&tree, &krate, diag);
    quote!(#label #colon { #keys #supervisor })
}
