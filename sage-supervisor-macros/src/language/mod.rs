//! The language of the macros: tokens in, tokens out.
//!
//! `split → lower → check → analyze → expand`; every stage takes a `Diag`, none returns early, and
//! there is always an expansion. Nothing here needs the compiler, so that tests and the fuzzer can
//! take this folder as a module of their own.

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

/// What is known of a tree before it runs, for a test that compares it with what the runtime crate
/// makes of the same tokens.
#[cfg(test)]
pub(crate) struct Analysis {
    pub(crate) drawing: String,
    /// In milliseconds; `u64::MAX` without a bound.
    pub(crate) worst_case: u64,
    pub(crate) mistakes: Vec<String>,
}

/// Of each named tree.
#[cfg(test)]
pub(crate) fn analyses(tokens: proc_macro2::TokenStream) -> Vec<Analysis> {
    named::analyses(&tokens.into_iter().collect::<Vec<_>>())
}
