//! The timeouts for tasks that do not end.

use std::time::Duration;

use crate::child::Declaration;
use crate::policy::{KILL_GRACE, UNRESPONSIVE_TIMEOUT};

/// The timeouts for tasks that do not end. A nested supervisor inherits them unless it sets its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timeouts {
    /// The time after which an aborted task counts as unresponsive.
    pub(super) kill_grace: Duration,
    /// The time for which a restart waits for an unresponsive task.
    pub(super) unresponsive_timeout: Duration,
}

impl Timeouts {
    /// The timeouts of a root that sets none.
    pub(super) const DEFAULT: Self =
        Self { kill_grace: KILL_GRACE, unresponsive_timeout: UNRESPONSIVE_TIMEOUT };

    /// Returns the timeouts of a supervisor below `above`.
    pub(super) fn of(declaration: &Declaration, above: Self) -> Self {
        Self {
            kill_grace: declaration.kill_grace.unwrap_or(above.kill_grace),
            unresponsive_timeout: declaration
                .unresponsive_timeout
                .unwrap_or(above.unresponsive_timeout),
        }
    }
}
