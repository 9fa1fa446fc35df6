//! The promises of the analyses, measured on the running engine.
//!
//! Random trees of [`plan::Sup`] are both declared and built for the engine. The promises about the
//! declared tree are measured on the running one, on paused time.

mod clock;
mod graces;
mod plan;
mod storms;
mod times;
