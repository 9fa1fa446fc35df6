//! The heartbeat of one instance.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// The time of the last heartbeat of an instance. A heartbeat costs one reading of the clock and
/// one atomic operation.
pub(crate) struct Beat {
    since: Since,
    /// The time of the last heartbeat, in nanoseconds after `since`. 64 bits are enough for 584
    /// years.
    last: AtomicU64,
}

/// The start of an instance, on the clock that it lives by.
enum Since {
    Runtime(Instant),
    /// A test may pause the clock of the runtime, but not that of a thread.
    System(std::time::Instant),
}

impl Beat {
    /// Starts with a heartbeat at the present time, for a task.
    pub(crate) fn of_task() -> Self {
        Self { since: Since::Runtime(Instant::now()), last: AtomicU64::new(0) }
    }

    /// Starts with a heartbeat at the present time, for a thread.
    pub(crate) fn of_thread() -> Self {
        Self { since: Since::System(std::time::Instant::now()), last: AtomicU64::new(0) }
    }

    pub(crate) fn beat(&self) {
        let after = u64::try_from(self.elapsed().as_nanos()).unwrap_or(u64::MAX);
        // `Relaxed` is enough, because the heartbeat orders no other memory access. `fetch_max`
        // keeps a thread that was held up between the two lines from undoing the later heartbeat of
        // another thread.
        self.last.fetch_max(after, Ordering::Relaxed);
    }

    /// The time since the last heartbeat.
    pub(crate) fn silence(&self) -> Duration {
        let last = Duration::from_nanos(self.last());
        self.elapsed().saturating_sub(last)
    }

    /// The number of nanoseconds from the start to the last heartbeat.
    pub(crate) fn last(&self) -> u64 {
        self.last.load(Ordering::Relaxed)
    }

    fn elapsed(&self) -> Duration {
        match self.since {
            Since::Runtime(since) => since.elapsed(),
            Since::System(since) => since.elapsed(),
        }
    }
}
