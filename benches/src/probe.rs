//! What the children do, and what they tell about it.
//!
//! Children report through statics, so that a child carries nothing that would count as memory of its
//! supervisor. One contestant runs in a process, and one case, so the statics are its own.

use std::future::pending;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// How often something happened, and when it had happened as often as expected.
///
/// On cache lines of its own, so that two of them do not slow each other down.
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

    /// Counts one more; whoever counts the last one expected stops the clock.
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

    /// Says at which count the clock stops. To be said before it can be reached.
    pub fn expect(&self, count: impl Into<u64>) {
        *self.reached.lock().expect("nobody panics with it") = None;
        self.goal.store(count.into(), Ordering::Release);
    }

    /// Waits for the expected count, and gives the moment at which it was reached.
    pub async fn reached(&self) -> Instant {
        loop {
            if let Some(at) = *self.reached.lock().expect("nobody panics with it") {
                return at;
            }
            self.told.notified().await;
        }
    }
}

/// First polls of children that live.
pub static STARTED: Counter = Counter::new();
/// Destructors of the futures of such children.
pub static ENDED: Counter = Counter::new();
/// First polls of children that fail at once.
pub static RESTARTS: Counter = Counter::new();
/// First polls of the child behind the gate.
pub static BORN: Counter = Counter::new();

/// How many may live at once; one more is an overlap of an old instance and a new one.
pub static POPULATION: AtomicU64 = AtomicU64::new(u64::MAX);
/// How many instances began while there were enough.
pub static OVERLAPS: AtomicU64 = AtomicU64::new(0);

/// The index of the child that ended last.
static LAST_ENDED: AtomicU32 = AtomicU32::new(u32::MAX);
/// How many ended after one that was declared before them.
pub static DISORDER: AtomicU64 = AtomicU64::new(0);

/// Expects one more child to live, and one more to end.
pub fn expect_one_more() {
    STARTED.expect(STARTED.count() + 1);
    ENDED.expect(ENDED.count() + 1);
}

/// What a child holds from its first poll to the end of its future.
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

/// The message of children that panic; the panic hook keeps silent about it.
pub const ON_PURPOSE: &str = "on purpose";

/// A child that does nothing, and hears nothing.
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

/// A child that fails when the gate is opened, and notes how long its successor took to be polled.
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

/// When the child behind the gate failed last.
pub fn death() -> Instant {
    DEATH.lock().expect("nobody panics with it").expect("it has failed")
}

/// From the end of each instance behind the gate to the first poll of its successor.
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
