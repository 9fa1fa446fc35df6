//! What is said of a tree before it runs, and what it then does.
//!
//! Trees of [`plan::Sup`] are declared as const data and built for the engine; what the analyses
//! promise of the one is measured on the other, on paused time.

mod clock;
mod graces;
mod plan;
mod storms;
mod times;
