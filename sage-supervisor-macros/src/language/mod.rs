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
mod expand;
mod ide;
mod kind;
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
