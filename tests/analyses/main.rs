//! The analyses of a declared tree, compared with the behaviour of the running tree.
//!
//! Each tree of [`plan::Sup`] is declared as const data and also built for the engine. The promises
//! of the analyses about the declaration are measured on the running tree, on paused time.

mod clock;
mod graces;
mod plan;
mod storms;
mod times;
