//! The heartbeat of one instance.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// The mark of an instance that rests between two runs of its work, in place of its last heartbeat.
const RESTS: u64 = u64::MAX;

/// The time of the last heartbeat of an instance. A heartbeat costs one reading of the clock and
/// one atomic operation.
pub(crate) struct Beat {
    since: Since,
    /// The time of the last heartbeat, in nanoseconds after `since`. 64 bits are enough for 584
    /// years.
    last: AtomicU64,
}

/// The start of an instance, on the clock that it lives by.
pub(crate) enum Since {
    Runtime(Instant),
    /// A test may pause the clock of the runtime, but not that of a thread.
    System(std::time::Instant),
}

impl Since {
    /// The present time, for a task.
    pub(crate) fn of_task() -> Self {
        Self::Runtime(Instant::now())
    }

    /// The present time, for a thread.
    pub(crate) fn of_thread() -> Self {
        Self::System(std::time::Instant::now())
    }

    pub(super) fn elapsed(&self) -> Duration {
        match self {
            Self::Runtime(since) => since.elapsed(),
            Self::System(since) => since.elapsed(),
        }
    }
}

impl Beat {
    /// Starts with a heartbeat at the present time.
    pub(crate) fn new(since: Since) -> Self {
        Self { since, last: AtomicU64::new(0) }
    }

    pub(crate) fn beat(&self) {
        let after = self.present();
        // `Relaxed` is enough, because the heartbeat orders no other memory access. `fetch_max`
        // keeps a thread that was held up between the two lines from undoing the later heartbeat of
        // another thread.
        self.last.fetch_max(after, Ordering::Relaxed);
    }

    /// Needs no heartbeat until [`resume`](Self::resume). The instance is never silent meanwhile.
    pub(super) fn rest(&self) {
        self.last.store(RESTS, Ordering::Relaxed);
    }

    /// Needs heartbeats from now on, and counts this moment as one.
    pub(super) fn resume(&self) {
        self.last.store(self.present(), Ordering::Relaxed);
    }

    /// Returns whether the instance needs no heartbeat now.
    pub(crate) fn rests(&self) -> bool {
        self.last() == RESTS
    }

    /// The time since the last heartbeat.
    pub(crate) fn silence(&self) -> Duration {
        let last = Duration::from_nanos(self.last());
        self.since.elapsed().saturating_sub(last)
    }

    /// The number of nanoseconds from the start to the last heartbeat.
    pub(crate) fn last(&self) -> u64 {
        self.last.load(Ordering::Relaxed)
    }

    /// The number of nanoseconds from the start to now.
    fn present(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_nanos()).unwrap_or(RESTS - 1)
    }
}
