//! The macros of the `sage-supervisor` crate, which documents them. This crate is an implementation
//! detail of that one.

mod language;

use proc_macro::TokenStream;

/// Expands a block. The runtime crate's `supervisor!` passes its own path in braces in front of the
/// block.
#[doc(hidden)]
#[proc_macro]
pub fn supervisor_impl(input: TokenStream) -> TokenStream {
    language::block::expand(input.into()).into()
}

#[doc(hidden)]
#[proc_macro_attribute]
pub fn child(arguments: TokenStream, item: TokenStream) -> TokenStream {
    language::child_fn::expand(arguments.into(), item.into()).into()
}
