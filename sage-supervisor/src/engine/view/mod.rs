//! The engine's view of itself: questions about its children, status, snapshot and report. Nothing in
//! this folder changes a child.

mod ending;
mod pending;
mod report;
mod result;
mod snapshot;
mod startup;
mod status;

pub(crate) use self::ending::Ending;
pub(crate) use self::startup::Startup;
