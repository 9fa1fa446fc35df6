//! The engine's view of itself: questions about its children, their status, and the snapshot. Nothing in
//! this folder changes anything but the list of questions.

mod answer;
mod declared;
mod forgiveness;
mod pending;
mod queries;
mod refusal;
mod snapshot;
mod startup;
mod status;
mod watch;

pub(crate) use self::declared::declared;
pub(crate) use self::queries::Queries;
pub(crate) use self::refusal::Refusal;
pub(crate) use self::snapshot::{kind, kind_of};
pub(crate) use self::startup::Startup;
