//! Named trees: their runs, their composition, and their drawings.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bodies;
mod composed;
mod conditional;
#[expect(
    clippy::collapsible_if,
    clippy::manual_is_multiple_of,
    reason = "the macros are built by older compilers as well"
)]
#[path = "../../sage-supervisor-macros/src/language/mod.rs"]
mod language;
mod listed;
mod running;
#[macro_use]
mod table;
mod table_of_trees;
