//! The heartbeat of one instance.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// The time of the last heartbeat of an instance. A heartbeat costs one reading of the clock and
/// one atomic operation.
pub(crate) struct Beat {
    since: Instant,
    /// The time of the last heartbeat, in nanoseconds after `since`. 64 bits are enough for 584
    /// years.
    last: AtomicU64,
}

impl Beat {
    /// Starts with a heartbeat at the present time.
    pub(crate) fn new() -> Self {
        Self { since: Instant::now(), last: AtomicU64::new(0) }
    }

    pub(crate) fn beat(&self) {
        let after = u64::try_from(self.since.elapsed().as_nanos()).unwrap_or(u64::MAX);
        // `Relaxed` is enough, because the heartbeat orders no other memory access. `fetch_max`
        // keeps a thread that was held up between the two lines from undoing the later heartbeat of
        // another thread.
        self.last.fetch_max(after, Ordering::Relaxed);
    }

    /// The time since the last heartbeat.
    pub(crate) fn silence(&self) -> Duration {
        let last = Duration::from_nanos(self.last.load(Ordering::Relaxed));
        self.since.elapsed().saturating_sub(last)
    }
}
