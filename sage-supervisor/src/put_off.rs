//! Wakes of the user's wakers that are put off, for a thread that must not run code of the user.

use std::cell::RefCell;
use std::task::Waker;

thread_local! {
    /// The wakers that this thread has put off; `None` while it wakes at once.
    static PUT_OFF: RefCell<Option<Vec<Waker>>> = const { RefCell::new(None) };
}

/// Wakers that are still to be woken. Dropping this value wakes them.
#[must_use = "dropping it runs code of the user"]
pub(crate) struct Wakes(Vec<Waker>);

/// Runs `f`. The contained wakers that `f` wakes are returned instead, and none of them is run or
/// dropped.
///
/// `f` must not panic: this thread would put off its wakes for good.
pub(crate) fn without_waking<R>(f: impl FnOnce() -> R) -> (R, Wakes) {
    let outer = PUT_OFF.replace(Some(Vec::new()));
    let result = f();
    let put_off = PUT_OFF.replace(outer);
    (result, Wakes(put_off.unwrap_or_default()))
}

/// Puts the wake off, if this thread does so. Otherwise the waker is returned, to be woken now.
pub(crate) fn put_off<W: Into<Waker>>(waker: W) -> Result<(), W> {
    let mut waker = Some(waker);
    // A thread that is ending wakes at once.
    let _ = PUT_OFF.try_with(|put_off| {
        if let Some(put_off) = &mut *put_off.borrow_mut() {
            put_off.extend(waker.take().map(Into::into));
        }
    });
    waker.map_or(Ok(()), Err)
}

impl Drop for Wakes {
    fn drop(&mut self) {
        for waker in self.0.drain(..) {
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::task::{Context, Wake};

    use super::*;
    use crate::contain::with_contained_waker;

    #[derive(Default)]
    struct Counts(AtomicU32);

    impl Wake for Counts {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_wake_that_is_put_off_comes_when_it_is_dropped() {
        let counts = Arc::new(Counts::default());
        let woken = || counts.0.load(Ordering::Relaxed);
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        let receive = pin!(receiver.recv());
        let mut waits = pin!(with_contained_waker(receive));
        let waker = Waker::from(Arc::clone(&counts));
        assert!(waits.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        let (sent, wakes) = without_waking(|| sender.send(1));
        assert_eq!((sent, woken()), (Ok(()), 0));
        drop(wakes);
        assert_eq!(woken(), 1);
        assert!(waits.as_mut().poll(&mut Context::from_waker(&waker)).is_ready());
    }
}
