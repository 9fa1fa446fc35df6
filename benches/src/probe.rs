//! The bodies of the children, and the counters through which children report.
//!
//! Children report through statics, so that a child holds nothing that would count as memory of its
//! supervisor. A process runs one case of one contestant, so no other case shares these statics.

use std::future::pending;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// A counter that notes the moment at which an expected count is reached.
///
/// Each counter has cache lines of its own, so that two counters do not slow each other down.
#[repr(align(128))]
pub struct Counter {
    count: AtomicU64,
    goal: AtomicU64,
    reached: Mutex<Option<Instant>>,
    told: Notify,
}

impl Counter {
    const fn new() -> Self {
        Self {
            count: AtomicU64::new(0),
            goal: AtomicU64::new(u64::MAX),
            reached: Mutex::new(None),
            told: Notify::const_new(),
        }
    }

    /// Increments the counter, and notes the moment if the expected count is reached.
    fn hit(&self) -> u64 {
        let count = self.count.fetch_add(1, Ordering::AcqRel) + 1;
        if count == self.goal.load(Ordering::Acquire) {
            let now = Instant::now();
            *self.reached.lock().expect("nobody panics with it") = Some(now);
            self.told.notify_one();
        }
        count
    }

    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Acquire)
    }

    /// Sets the expected count. Call this before the count can be reached.
    pub fn expect(&self, count: impl Into<u64>) {
        *self.reached.lock().expect("nobody panics with it") = None;
        self.goal.store(count.into(), Ordering::Release);
    }

    /// Waits for the expected count, and returns the moment at which it was reached.
    pub async fn reached(&self) -> Instant {
        loop {
            if let Some(at) = *self.reached.lock().expect("nobody panics with it") {
                return at;
            }
            self.told.notified().await;
        }
    }
}

/// The number of first polls of children that live.
pub static STARTED: Counter = Counter::new();
/// The number of dropped futures of such children.
pub static ENDED: Counter = Counter::new();
/// The number of first polls of children that fail at once.
pub static RESTARTS: Counter = Counter::new();
/// The number of first polls of the child behind the gate.
pub static BORN: Counter = Counter::new();

/// The number of instances that may be alive at a time. With one more, a new instance has been started
/// before an old one had ended.
pub static POPULATION: AtomicU64 = AtomicU64::new(u64::MAX);
/// The number of instances that began while [`POPULATION`] instances were alive.
pub static OVERLAPS: AtomicU64 = AtomicU64::new(0);

/// The index of the child that ended last.
static LAST_ENDED: AtomicU32 = AtomicU32::new(u32::MAX);
/// The number of instances that ended after an instance that was declared before them.
pub static DISORDER: AtomicU64 = AtomicU64::new(0);

/// Expects one more child to live, and one more to end.
pub fn expect_one_more() {
    STARTED.expect(STARTED.count() + 1);
    ENDED.expect(ENDED.count() + 1);
}

/// The value that a child holds from its first poll until its future is dropped.
pub struct Life {
    index: u32,
}

impl Life {
    pub fn begin(index: u32) -> Self {
        let started = STARTED.hit();
        if started.saturating_sub(ENDED.count()) > POPULATION.load(Ordering::Relaxed) {
            OVERLAPS.fetch_add(1, Ordering::Relaxed);
        }
        Self { index }
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        if LAST_ENDED.swap(self.index, Ordering::Relaxed) <= self.index {
            DISORDER.fetch_add(1, Ordering::Relaxed);
        }
        ENDED.hit();
    }
}

/// The error of children that fail.
#[derive(Debug, Clone, Copy)]
pub struct Failed;

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("failed on purpose")
    }
}

impl std::error::Error for Failed {}

/// The message of children that panic. The panic hook prints nothing for it.
pub const ON_PURPOSE: &str = "on purpose";

/// A child that does nothing and does not listen.
pub async fn idle(index: u32) -> Result<(), Failed> {
    let _life = Life::begin(index);
    pending().await
}

/// A child that fails at once.
pub async fn failing() -> Result<(), Failed> {
    RESTARTS.hit();
    Err(Failed)
}

/// A child that panics at once.
pub async fn panicking() -> Result<(), Failed> {
    RESTARTS.hit();
    std::panic::panic_any(ON_PURPOSE)
}

static GATE: Notify = Notify::const_new();
static DEATH: Mutex<Option<Instant>> = Mutex::new(None);
static LATENCIES: Mutex<Vec<Duration>> = Mutex::new(Vec::new());

/// A child that fails when the gate is opened. The next instance notes how long it took until its own
/// first poll.
pub async fn gated(index: u32) -> Result<(), Failed> {
    let born = Instant::now();
    let _life = Life::begin(index);
    if let Some(death) = *DEATH.lock().expect("nobody panics with it") {
        LATENCIES.lock().expect("nobody panics with it").push(born - death);
    }
    BORN.hit();
    GATE.notified().await;
    *DEATH.lock().expect("nobody panics with it") = Some(Instant::now());
    Err(Failed)
}

/// Lets the child behind the gate fail.
pub fn open_the_gate() {
    GATE.notify_one();
}

/// The moment at which the child behind the gate failed last.
pub fn death() -> Instant {
    DEATH.lock().expect("nobody panics with it").expect("it has failed")
}

/// The times from the end of each instance behind the gate to the first poll of its successor.
pub fn latencies() -> Vec<Duration> {
    std::mem::take(&mut LATENCIES.lock().expect("nobody panics with it"))
}

/// Keeps the panic hook silent about children that panic as they should.
pub fn keep_quiet_about_what_is_on_purpose() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if info.payload_as_str() != Some(ON_PURPOSE) {
            hook(info);
        }
    }));
}
