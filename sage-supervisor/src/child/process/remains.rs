//! The wait for what is left of groups whose leaders have been reaped.
//!
//! No process of such a group is a child of this program, so the system tells nobody of their ends and
//! the groups have to be looked at. One thread looks at all groups, and ends when none is left. The
//! time is the real one and not tokio's, because processes live in real time also while a test has
//! paused that of tokio.
//!
//! Invariants:
//!
//! 1. The thread is running exactly while `is_watched` is set.
//! 2. No system call is made under the lock.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::name::{Name, Request};

/// The shortest and the longest time between two looks at a group. In between, the time grows with the
/// time that the group has been waited for.
const PAUSE: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(50));

static REMAINS: Remains = Remains::new();

struct Remains {
    state: Mutex<State>,
    added: Condvar,
}

struct State {
    groups: Vec<Waiting>,
    is_watched: bool,
}

/// A group that somebody waits for.
struct Waiting {
    group: Name,
    since: Instant,
    asked: Option<Request>,
    until: Option<Instant>,
    /// The number of looks so far.
    looks: u32,
    over: oneshot::Sender<()>,
}

/// Waits until no process of `group` is left, or until a point in time. Processes that have missed the
/// request to stop `asked` are asked again.
///
/// # Cancel safety
///
/// The function can be called again if its future has been dropped.
pub(super) async fn are_gone(group: Name, asked: Option<Request>, until: Option<Instant>) {
    if group.is_gone(0, asked) {
        return;
    }
    let (over, is_over) = oneshot::channel();
    REMAINS.add(Waiting { group, since: Instant::now(), asked, until, looks: 0, over });
    // The sender is dropped if the thread could not be spawned. Then nobody can wait.
    let _ = is_over.await;
}

impl Remains {
    const fn new() -> Self {
        let state = State { groups: Vec::new(), is_watched: false };
        Self { state: Mutex::new(state), added: Condvar::new() }
    }

    fn add(&'static self, waiting: Waiting) {
        let mut state = self.lock();
        state.groups.push(waiting);
        if state.is_watched {
            drop(state);
            self.added.notify_one();
            return;
        }
        let watcher = thread::Builder::new().name("sage-processes".to_owned());
        // The lock is held meanwhile, so that nobody relies on a thread that then cannot be spawned.
        match watcher.spawn(|| self.watch()) {
            Ok(_) => state.is_watched = true,
            Err(_) => state.groups.clear(),
        }
    }

    fn watch(&self) {
        let mut state = self.lock();
        loop {
            let mut groups = std::mem::take(&mut state.groups);
            drop(state);
            groups.retain_mut(|waiting| !waiting.is_over());
            state = self.lock();
            state.groups.append(&mut groups);
            let Some(pause) = state.groups.iter().map(Waiting::pause).min() else {
                state.is_watched = false;
                return;
            };
            let waited = self.added.wait_timeout(state, pause);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    /// Looks at the group. A dropped sender ends the wait of the receiver.
    fn is_over(&mut self) -> bool {
        self.looks = self.looks.saturating_add(1);
        self.over.is_closed()
            || self.until.is_some_and(|until| Instant::now() >= until)
            || self.group.is_gone(self.looks, self.asked)
    }

    fn pause(&self) -> Duration {
        (self.since.elapsed() / 8).clamp(PAUSE.0, PAUSE.1)
    }
}
