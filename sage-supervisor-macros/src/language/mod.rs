//! The language of the macros: tokens in, tokens out.
//!
//! The stages are `split → lower → check → analyze → expand`:
//!
//! 1. Every stage takes a `Diag` and none returns early, so that all mistakes are reported at once.
//! 2. There is always an expansion, whatever the input is. No stage panics.
//! 3. Expressions are never parsed. Their tokens reach the expansion unchanged, so that an editor
//!    completes names in code that does not parse.
//! 4. Nothing here needs the compiler: tests and the fuzzer take this folder as a module of their
//!    own.
//!
//! A *block* is the content of `supervisor! { .. }`: a list of *entries*, which are settings and
//! children. A block that is the body of a function is a *named tree*. The part of a child behind
//! the `=` is its *start*.

mod analyze;
mod args;
mod backoff;
pub(crate) mod block;
mod check;
pub(crate) mod child_fn;
mod closest;
mod closure;
mod diag;
mod doc;
mod draw;
mod expand;
mod ide;
mod kind;
mod krate;
mod literal;
mod lower;
mod model;
pub(crate) mod named;
mod options;
mod settings;
mod signature;
mod split;
mod stages;
mod text;
mod time;
mod tokens;
mod words;

#[cfg(test)]
mod tests;

/// The analyses of a declared tree, for a test that compares them with those of the runtime crate.
#[cfg(test)]
pub(crate) struct Analysis {
    pub(crate) drawing: String,
    /// The worst-case stop in milliseconds; `u64::MAX` without a bound.
    pub(crate) worst_case: u64,
    pub(crate) mistakes: Vec<String>,
}

/// Returns the analyses of each named tree.
#[cfg(test)]
pub(crate) fn analyses(tokens: proc_macro2::TokenStream) -> Vec<Analysis> {
    named::analyses(&tokens.into_iter().collect::<Vec<_>>())
}
