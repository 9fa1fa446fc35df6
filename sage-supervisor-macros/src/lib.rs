//! Implementation detail of the `sage-supervisor` crate, which documents these macros.

mod analyze;
mod args;
mod backoff;
mod block;
mod check;
mod child_fn;
mod closest;
mod closure;
mod diag;
mod expand;
mod literal;
mod lower;
mod model;
mod options;
mod settings;
mod signature;
mod split;
mod text;
mod time;
mod tokens;
mod words;

#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

/// Expects the path of the runtime crate in braces in front of the block.
#[doc(hidden)]
#[proc_macro]
pub fn supervisor_impl(input: TokenStream) -> TokenStream {
    block::expand(input.into()).into()
}

#[doc(hidden)]
#[proc_macro_attribute]
pub fn child(arguments: TokenStream, item: TokenStream) -> TokenStream {
    child_fn::expand(arguments.into(), item.into()).into()
}
