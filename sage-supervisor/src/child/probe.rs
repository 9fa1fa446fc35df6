//! A probe of one instance: could it run?
//!
//! The runtime may have put the task of an instance into the queue of a thread that another task blocks.
//! Such a task is healthy, although nothing is heard of it. The probe wakes the task. If the task is
//! polled then, it could run, and is judged by what it has done. Only children with a heartbeat or a
//! readiness have a probe, because it costs an allocation for each instance and two atomic operations
//! for each poll.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::Waker;

/// The instance is being polled or dropped.
const RUNNING: u8 = 1;
/// The instance was asked, and has not begun a poll since.
const ASKED: u8 = 2;
/// The instance has been polled since it was asked.
const ANSWERED: u8 = 4;

/// The state of an instance, as far as its runtime lets it run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The instance has no probe.
    Unknown,
    /// The instance is asked at this moment.
    Asked,
    /// The instance is in a poll, or in its destructor.
    Running,
    /// The instance waits for a thread.
    Queued,
    /// The instance has been polled since it was asked.
    Answered,
}

/// The probe of one instance.
#[derive(Default)]
pub(crate) struct Probe {
    /// The waker of the instance's task, from its first poll on.
    waker: OnceLock<Waker>,
    state: AtomicU8,
}

impl Probe {
    /// Asks the instance for a poll.
    pub(crate) fn ask(&self) {
        // The request must be there before the poll that answers it.
        let _ = self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, |state| {
            Some(state & RUNNING | ASKED)
        });
        // A task without a waker here has not been polled yet, and is in a queue already.
        if let Some(waker) = self.waker.get() {
            waker.wake_by_ref();
        }
    }

    /// Returns how far the request has come.
    pub(crate) fn reach(&self) -> Reach {
        // `Acquire` pairs with the end of a poll, so that a heartbeat in that poll is seen as well.
        let state = self.state.load(Ordering::Acquire);
        if state & ANSWERED != 0 { Reach::Answered } else { Self::queued_unless_running(state) }
    }

    /// Returns how far the abort of an instance has come that has not ended.
    pub(crate) fn reach_of_abort(&self) -> Reach {
        Self::queued_unless_running(self.state.load(Ordering::Acquire))
    }

    fn queued_unless_running(state: u8) -> Reach {
        if state & RUNNING == 0 { Reach::Queued } else { Reach::Running }
    }

    /// Notes the begin of a poll. Returns whether the poll is an answer.
    pub(super) fn begin(&self, waker: Option<&Waker>) -> bool {
        if let Some(waker) = waker {
            // A task keeps its waker from poll to poll.
            let _ = self.waker.get_or_init(|| waker.clone());
        }
        self.state.fetch_or(RUNNING, Ordering::AcqRel) & ASKED != 0
    }

    pub(super) fn end(&self, is_answer: bool) {
        let _ = self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, |state| {
            let state = state & !RUNNING;
            Some(if is_answer { state & !ASKED | ANSWERED } else { state })
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Count(std::sync::atomic::AtomicU32);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_poll_that_begins_after_the_request_is_an_answer() {
        let count = Arc::new(Count::default());
        let waker = Waker::from(Arc::clone(&count));
        let probe = Probe::default();
        probe.ask();
        assert_eq!(probe.reach(), Reach::Queued, "it has never been polled");
        assert!(probe.begin(Some(&waker)));
        assert_eq!(probe.reach(), Reach::Running);
        probe.end(true);
        assert_eq!((probe.reach(), probe.reach_of_abort()), (Reach::Answered, Reach::Queued));

        let earlier = probe.begin(Some(&waker));
        probe.ask();
        assert_eq!(probe.reach(), Reach::Running);
        probe.end(earlier);
        assert_eq!(probe.reach(), Reach::Queued, "the poll had begun before the request");
        assert!(probe.begin(Some(&waker)));
        probe.end(true);
        assert_eq!((probe.reach(), count.0.load(Ordering::Relaxed)), (Reach::Answered, 1));
        probe.begin(None);
        assert_eq!(probe.reach_of_abort(), Reach::Running);
    }
}
