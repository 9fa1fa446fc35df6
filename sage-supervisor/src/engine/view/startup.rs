//! The start of one run of a supervisor.

use std::time::Duration;

use tokio::time::Instant;

/// The start of one run of a supervisor.
pub(crate) struct Startup {
    began: Instant,
    /// The time until all children had been started for the first time.
    took: Option<Duration>,
}

impl Startup {
    pub(crate) fn now() -> Self {
        Self { began: Instant::now(), took: None }
    }

    /// Notes that all children have been started. Only the first call counts.
    pub(crate) fn complete(&mut self) {
        self.took.get_or_insert_with(|| self.began.elapsed());
    }

    pub(crate) fn began(&self) -> Instant {
        self.began
    }

    /// Returns whether all children have been started at least once.
    pub(crate) fn is_complete(&self) -> bool {
        self.took.is_some()
    }

    /// Returns the time until all children had been started for the first time.
    pub(crate) fn took(&self) -> Option<Duration> {
        self.took
    }
}
