//! The bound on the time that a supervisor has to stop.

use std::time::Duration;

use crate::engine::time::Moment;

/// The bound on the time that a supervisor has to stop, and what is pending because of it.
pub(crate) struct Bounded {
    /// The whole time, from the first look at it.
    pub(super) time: Duration,
    /// The deadline at which the reserve is looked at.
    pub(super) at: Option<Moment>,
}
