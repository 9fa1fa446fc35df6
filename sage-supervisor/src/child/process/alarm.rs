//! A timer on the real clock, for the programs of a test that has paused the clock of tokio.
//!
//! While the clock of tokio shows the real time, its timer is used. Otherwise one thread waits for all
//! alarms, and ends when none is left.
//!
//! Invariant: the thread is running exactly while `is_watched` is set.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};
use std::{future::Future, pin::Pin};

use tokio::sync::oneshot;
use tokio::time::Sleep;

use crate::engine::Clock;

static BELL: Bell = Bell::new();

/// A point in real time that a task waits for.
pub(super) enum Alarm {
    Timer(Pin<Box<Sleep>>),
    Thread(oneshot::Receiver<()>),
}

impl Alarm {
    pub(super) fn at(moment: Instant) -> Self {
        if Clock::is_real() {
            return Self::Timer(Box::pin(tokio::time::sleep_until(moment.into())));
        }
        let (ring, rings) = oneshot::channel();
        BELL.add(Waiting { moment, ring: Some(ring) });
        Self::Thread(rings)
    }

    pub(super) fn after(time: Duration) -> Self {
        let now = Instant::now();
        // A time beyond the range of the clock is as good as a century.
        Self::at(now.checked_add(time).unwrap_or(now + CENTURY))
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self {
            Self::Timer(sleep) => sleep.as_mut().poll(cx),
            // The sender is dropped if the thread cannot be spawned, which rings at once. Then nobody
            // could wait, and a stop that is too early is better than one that never comes.
            Self::Thread(rings) => Pin::new(rings).poll(cx).map(drop),
        }
    }
}

const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 3_600);

/// The alarms that the thread waits for.
struct Bell {
    state: Mutex<State>,
    added: Condvar,
}

struct State {
    alarms: Vec<Waiting>,
    is_watched: bool,
}

struct Waiting {
    moment: Instant,
    /// Taken when the alarm rings.
    ring: Option<oneshot::Sender<()>>,
}

impl Bell {
    const fn new() -> Self {
        let state = State { alarms: Vec::new(), is_watched: false };
        Self { state: Mutex::new(state), added: Condvar::new() }
    }

    fn add(&'static self, alarm: Waiting) {
        let mut state = self.lock();
        state.alarms.push(alarm);
        if state.is_watched {
            drop(state);
            self.added.notify_one();
            return;
        }
        let watcher = thread::Builder::new().name("sage-alarm".to_owned());
        // The lock is held meanwhile, so that nobody relies on a thread that then cannot be spawned.
        match watcher.spawn(|| self.watch()) {
            Ok(_) => state.is_watched = true,
            Err(_) => state.alarms.clear(),
        }
    }

    fn watch(&self) {
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            let mut due = Vec::new();
            state.alarms.retain_mut(|alarm| {
                let is_due = alarm.moment <= now;
                due.extend(alarm.ring.take_if(|ring| is_due || ring.is_closed()));
                alarm.ring.is_some()
            });
            if !due.is_empty() {
                // A waker is called without the lock.
                drop(state);
                for ring in due {
                    // The task may have gone.
                    let _ = ring.send(());
                }
                state = self.lock();
                continue;
            }
            let Some(next) = state.alarms.iter().map(|alarm| alarm.moment).min() else {
                state.is_watched = false;
                return;
            };
            // An alarm that was dropped is noticed within a short time, so that the thread ends soon.
            let pause = next.saturating_duration_since(now).min(LOOK);
            let waited = self.added.wait_timeout(state, pause);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The longest time between two looks at the alarms.
const LOOK: Duration = Duration::from_millis(250);
