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
mod declared;
mod diag;
mod doc;
mod draw;
mod expand;
mod ide;
mod kind;
mod literal;
mod lower;
mod model;
pub(crate) mod named;
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

/// The drawing of a named tree and the mistakes in it, for a test that compares the drawing with that
/// of the constant which the same tokens declare.
#[cfg(test)]
pub(crate) struct Analysis {
    pub(crate) drawing: String,
    pub(crate) mistakes: Vec<String>,
}

/// The analyses of each named tree.
#[cfg(test)]
pub(crate) fn analyses(tokens: proc_macro2::TokenStream) -> Vec<Analysis> {
    named::analyses(&tokens.into_iter().collect::<Vec<_>>())
}
