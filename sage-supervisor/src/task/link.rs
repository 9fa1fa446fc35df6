//! The link between a task and its owner: the result of the task in one direction, an abort in the other.
//!
//! Invariants:
//!
//! 1. No code of the user runs under the lock: wakers are cloned, woken and dropped outside of it, and so
//!    is a result that nobody wants.
//! 2. The result is there for the owner once the work is over and the supervisor has learned of that, so
//!    that the owner finds the place of the task free.
//! 3. A link whose owner is gone holds neither a result nor a waker of the owner. Its last holder may be
//!    a supervisor, which must not run destructors of the user's.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::error::TaskError;
use crate::child::TaskOwner;
use crate::contain::contain;

/// The link between a task and its owner.
pub(super) struct Link<T>(Mutex<State<T>>);

struct State<T> {
    result: Option<Result<T, TaskError>>,
    /// `true` once the work has ended, or was dropped.
    is_over: bool,
    /// `true` once the supervisor has learned of the end, or is gone.
    is_settled: bool,
    is_aborted: bool,
    /// `true` until the owner is gone.
    has_owner: bool,
    owner: Option<Waker>,
    worker: Option<Waker>,
}

/// Which of the two wakers a poll leaves.
type Side<T> = fn(&mut State<T>) -> &mut Option<Waker>;

impl<T> Link<T> {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            result: None,
            is_over: false,
            is_settled: false,
            is_aborted: false,
            has_owner: true,
            owner: None,
            worker: None,
        })))
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether the result is there.
    pub(super) fn is_finished(&self) -> bool {
        self.lock().is_finished()
    }

    /// Waits for the result.
    pub(super) fn poll_result(&self, cx: &Context<'_>) -> Poll<Result<T, TaskError>> {
        let ready = |state: &mut State<T>| state.is_finished().then(|| state.result.take());
        // The state is finished without a result if the future of the child is dropped before it has one.
        self.poll(cx, |state| &mut state.owner, ready)
            .map(|result| result.unwrap_or(Err(TaskError::Aborted)))
    }

    /// Waits for an abort.
    fn poll_aborted(&self, cx: &Context<'_>) -> Poll<()> {
        self.poll(cx, |state| &mut state.worker, |state| state.is_aborted.then_some(()))
    }

    /// Polls for a value, and leaves the waker if there is none.
    fn poll<R>(
        &self,
        cx: &Context<'_>,
        side: Side<T>,
        ready: impl Fn(&mut State<T>) -> Option<R>,
    ) -> Poll<R> {
        let mut new = None;
        loop {
            let mut state = self.lock();
            if let Some(value) = ready(&mut state) {
                drop(state);
                return Poll::Ready(value);
            }
            let waker = side(&mut state);
            if waker.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {
                drop(state);
                return Poll::Pending;
            }
            if let Some(new) = new.take() {
                let old = waker.replace(new);
                drop(state);
                drop(old);
                return Poll::Pending;
            }
            drop(state);
            new = Some(cx.waker().clone());
        }
    }

    /// Aborts the work. A work that is over keeps its result.
    pub(super) fn abort(&self) {
        let worker = {
            let mut state = self.lock();
            state.is_aborted |= !state.is_over;
            state.worker.take()
        };
        if let Some(worker) = worker {
            worker.wake();
        }
    }

    /// Notes that nobody waits for the result any more.
    pub(super) fn disown(&self) {
        let dropped = {
            let mut state = self.lock();
            state.has_owner = false;
            (state.result.take(), state.owner.take())
        };
        // The destructors are the user's, and so is the task that runs them here. Whatever else the owner
        // drops with this task must be dropped all the same.
        let _ = contain(|| drop(dropped));
    }

    /// Notes a change after which the result may be there.
    fn change(&self, change: impl FnOnce(&mut State<T>)) {
        let owner = {
            let mut state = self.lock();
            change(&mut state);
            if state.is_finished() { state.owner.take() } else { None }
        };
        if let Some(owner) = owner {
            // The waker may be the user's, and panic.
            let _ = contain(|| owner.wake());
        }
    }
}

impl<T> State<T> {
    fn is_finished(&self) -> bool {
        self.is_over && self.is_settled
    }
}

impl<T: Send> TaskOwner for Link<T> {
    fn note_settled(&self) {
        self.change(|state| state.is_settled = true);
    }

    fn has_aborted(&self) -> bool {
        self.lock().is_aborted
    }
}

/// The side of the work. Its end is the end of the work, with or without a result.
pub(super) struct Worker<T>(Arc<Link<T>>);

impl<T> Worker<T> {
    pub(super) fn new(link: &Arc<Link<T>>) -> Self {
        Self(Arc::clone(link))
    }

    pub(super) fn is_aborted(&self) -> bool {
        self.0.lock().is_aborted
    }

    pub(super) fn poll_aborted(&self, cx: &Context<'_>) -> Poll<()> {
        self.0.poll_aborted(cx)
    }

    /// Gives the result to the owner. If there is no owner, the result is dropped here.
    pub(super) fn finish(&self, result: Result<T, TaskError>) {
        let mut result = Some(result);
        self.0.change(|state| {
            if state.has_owner {
                state.result = result.take();
            }
            state.is_over = true;
        });
        let _ = contain(|| drop(result));
    }
}

impl<T> Drop for Worker<T> {
    fn drop(&mut self) {
        self.0.change(|state| state.is_over = true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll(link: &Link<u32>) -> Poll<Result<u32, String>> {
        let result = link.poll_result(&Context::from_waker(Waker::noop()));
        result.map(|result| result.map_err(|error| error.to_string()))
    }

    #[test]
    fn the_result_is_there_when_the_work_is_over_and_the_supervisor_knows() {
        for settled_first in [false, true] {
            let link = Link::new();
            let worker = Worker::new(&link);
            assert!(poll(&link).is_pending());
            if settled_first {
                link.note_settled();
            } else {
                worker.finish(Ok(7));
            }
            assert!(poll(&link).is_pending() && !link.is_finished(), "{settled_first}");
            if settled_first {
                worker.finish(Ok(7));
            } else {
                link.note_settled();
            }
            assert!(link.is_finished());
            assert_eq!(poll(&link), Poll::Ready(Ok(7)), "{settled_first}");
        }
    }

    #[test]
    fn work_that_is_dropped_was_aborted() {
        let link = Link::new();
        drop(Worker::new(&link));
        link.note_settled();
        assert_eq!(poll(&link), Poll::Ready(Err("the task was aborted".to_owned())));
    }

    #[test]
    fn an_abort_comes_too_late_for_work_that_is_over() {
        let link = Link::new();
        let worker = Worker::new(&link);
        worker.finish(Ok(7));
        link.abort();
        assert!(!link.has_aborted());
        link.note_settled();
        assert_eq!(poll(&link), Poll::Ready(Ok(7)));
    }

    #[test]
    fn a_link_without_an_owner_keeps_no_result() {
        for disowned_first in [false, true] {
            let (link, result) = (Link::new(), Arc::new(()));
            let worker = Worker::new(&link);
            if disowned_first {
                link.disown();
            }
            worker.finish(Ok(Arc::clone(&result)));
            link.disown();
            assert_eq!(Arc::strong_count(&result), 1, "{disowned_first}");
        }
    }
}
