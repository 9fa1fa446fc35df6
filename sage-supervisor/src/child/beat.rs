//! The heartbeat of one instance.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// When an instance was last heard of. A beat is one look at the clock and one store.
pub(crate) struct Beat {
    since: Instant,
    /// In nanoseconds from then on: enough for 584 years.
    last: AtomicU64,
}

impl Beat {
    pub(crate) fn new() -> Self {
        Self { since: Instant::now(), last: AtomicU64::new(0) }
    }

    pub(crate) fn beat(&self) {
        let after = u64::try_from(self.since.elapsed().as_nanos()).unwrap_or(u64::MAX);
        // It orders nothing else. Two threads that beat at once are both alive.
        self.last.store(after, Ordering::Relaxed);
    }

    /// How long it has been silent.
    pub(crate) fn silence(&self) -> Duration {
        let last = Duration::from_nanos(self.last.load(Ordering::Relaxed));
        self.since.elapsed().saturating_sub(last)
    }
}
