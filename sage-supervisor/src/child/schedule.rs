//! The schedule of one instance whose work is periodic.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::beat::Since;
use super::every::Every;

/// The mark of a run that is under way, in place of the time of the next one.
const UNDER_WAY: u64 = 0;

/// The runs of one instance. The instance alone changes them, and the engine looks at them.
pub(crate) struct Schedule {
    every: Every,
    /// The number of the instance, which makes its delays differ from those of others.
    instance: u64,
    waits_first: bool,
    since: Since,
    /// The number of the tick of the present or last run.
    tick: AtomicU64,
    /// The time of the next run, in nanoseconds after `since`, or [`UNDER_WAY`].
    next: AtomicU64,
    runs: AtomicU64,
    skipped: AtomicU64,
}

impl Schedule {
    /// Begins the schedule of an instance, which follows another one if it `is_restart`.
    pub(crate) fn new(every: &Every, instance: u64, is_restart: bool, since: Since) -> Self {
        Self {
            every: every.clone(),
            instance,
            waits_first: every.waits_first() && !is_restart,
            since,
            tick: AtomicU64::new(0),
            next: AtomicU64::new(UNDER_WAY),
            runs: AtomicU64::new(0),
            skipped: AtomicU64::new(0),
        }
    }

    /// Returns whether the first run is after one period.
    pub(super) fn waits_first(&self) -> bool {
        self.waits_first
    }

    /// Notes that a run begins.
    pub(super) fn begin(&self) {
        // `Relaxed` is enough, because nothing but these numbers is read by them.
        self.next.store(UNDER_WAY, Ordering::Relaxed);
        self.runs.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes that the instance waits for the next run, and returns for how long.
    pub(super) fn rest(&self) -> Duration {
        let elapsed = self.since.elapsed();
        let last = self.tick.load(Ordering::Relaxed);
        let (tick, at) = self.every.next(last, elapsed, self.instance);
        self.tick.store(tick, Ordering::Relaxed);
        self.skipped.fetch_add(tick.saturating_sub(last.saturating_add(1)), Ordering::Relaxed);
        let nanos = u64::try_from(at.as_nanos()).unwrap_or(u64::MAX).max(UNDER_WAY + 1);
        self.next.store(nanos, Ordering::Relaxed);
        at.saturating_sub(elapsed)
    }

    /// The time until the next run, or `None` if a run is under way.
    pub(crate) fn next_run_in(&self) -> Option<Duration> {
        let next = Some(self.next.load(Ordering::Relaxed)).filter(|&next| next != UNDER_WAY)?;
        Some(Duration::from_nanos(next).saturating_sub(self.since.elapsed()))
    }

    /// The number of runs of this instance so far.
    pub(crate) fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    /// The number of ticks of this instance that were skipped.
    pub(crate) fn skipped(&self) -> u64 {
        self.skipped.load(Ordering::Relaxed)
    }
}
