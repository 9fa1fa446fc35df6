//! The request to stop, as one instance hears it.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio_util::sync::CancellationToken;

use super::wake_list::{Place, WakeList};

/// Whether an instance has been asked to stop.
///
/// Invariants:
///
/// 1. It is asked under the lock, so whoever has found under it that it is not is woken.
/// 2. Wakers and tokens are called and dropped outside the lock: they may be a user's, and ask.
#[derive(Default)]
pub(crate) struct StopSignal {
    asked: AtomicBool,
    waiters: Mutex<WakeList>,
}

impl StopSignal {
    /// Asks. Asking again changes nothing.
    pub(crate) fn ask(&self) {
        if self.asked() {
            return;
        }
        let waiters = {
            let mut waiters = self.waiters();
            self.asked.store(true, Ordering::Release);
            std::mem::take(&mut *waiters)
        };
        waiters.wake();
    }

    pub(crate) fn asked(&self) -> bool {
        self.asked.load(Ordering::Acquire)
    }

    /// Completes when the instance is asked.
    pub(crate) fn wait(&self) -> Wait<'_> {
        Wait { signal: self, place: None }
    }

    /// A token of the caller's own, cancelled when the instance is asked. Cancelling it asks nobody.
    pub(crate) fn token(&self) -> CancellationToken {
        let mut waiters = self.waiters();
        if self.asked() {
            drop(waiters);
            let token = CancellationToken::new();
            token.cancel();
            return token;
        }
        waiters.token().child_token()
    }

    fn waiters(&self) -> MutexGuard<'_, WakeList> {
        self.waiters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits until an instance is asked. Dropped, it leaves nothing behind.
pub(crate) struct Wait<'a> {
    signal: &'a StopSignal,
    /// Where its waker is, from the first poll on.
    place: Option<Place>,
}

impl Future for Wait<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let signal = self.signal;
        if signal.asked() {
            return Poll::Ready(());
        }
        if self.place.is_some_and(|place| signal.waiters().has(place, cx.waker())) {
            return Poll::Pending;
        }
        let waker = cx.waker().clone();
        let earlier = {
            let mut waiters = signal.waiters();
            if signal.asked() {
                drop(waiters);
                return Poll::Ready(());
            }
            match self.place {
                Some(place) => waiters.replace(place, waker),
                None => {
                    self.place = Some(waiters.add(waker));
                    None
                }
            }
        };
        drop(earlier);
        Poll::Pending
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        // Once asked, the signal has been emptied, and nobody comes into it any more.
        let Some(place) = self.place.filter(|_| !self.signal.asked()) else { return };
        let waker = {
            let mut waiters = self.signal.waiters();
            if self.signal.asked() { None } else { waiters.remove(place) }
        };
        drop(waker);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::task::{Context, Wake, Waker};

    use super::StopSignal;

    /// Counts how often it was woken.
    #[derive(Default)]
    struct Count(AtomicU32);

    impl Count {
        fn get(&self) -> u32 {
            self.0.load(Ordering::Relaxed)
        }
    }

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A waker, and what it counts.
    fn waker() -> (Waker, Arc<Count>) {
        let count = Arc::new(Count::default());
        (Waker::from(Arc::clone(&count)), count)
    }

    /// Whether a poll with this waker is the last one.
    macro_rules! is_over {
        ($wait:ident, $waker:expr) => {
            $wait.as_mut().poll(&mut Context::from_waker($waker)).is_ready()
        };
    }

    /// As [`ChildContext::cancelled`](crate::ChildContext::cancelled) says.
    #[test]
    fn who_waits_need_not_be_pinned() {
        fn is_unpin(_: impl Future + Send + Unpin) {}
        is_unpin(StopSignal::default().wait());
    }

    #[test]
    fn who_waits_is_woken_once() {
        let (signal, (waker, woken)) = (StopSignal::default(), waker());
        let mut wait = pin!(signal.wait());
        assert!(!is_over!(wait, &waker) && !is_over!(wait, &waker));
        assert_eq!(woken.get(), 0);
        signal.ask();
        signal.ask();
        assert_eq!(woken.get(), 1);
        assert!(is_over!(wait, &waker));
    }

    #[test]
    fn who_comes_late_does_not_wait() {
        let (signal, (waker, woken)) = (StopSignal::default(), waker());
        let mut wait = pin!(signal.wait());
        signal.ask();
        assert!(is_over!(wait, &waker));
        assert_eq!((woken.get(), Arc::strong_count(&woken)), (0, 2), "nothing was kept");
    }

    #[test]
    fn all_who_wait_are_woken() {
        let signal = StopSignal::default();
        let wakers = [(); 5].map(|()| waker());
        let mut waits = wakers.each_ref().map(|_| Box::pin(signal.wait()));
        for (wait, (waker, _)) in waits.iter_mut().zip(&wakers) {
            assert!(!is_over!(wait, waker));
        }
        signal.ask();
        assert_eq!(wakers.each_ref().map(|(_, woken)| woken.get()), [1; 5]);
    }

    #[test]
    fn who_waits_no_more_leaves_nothing_behind() {
        let signal = StopSignal::default();
        let wakers = [(); 5].map(|()| waker());
        // The first of them, one from the middle, the last; and then the others.
        for order in [[0, 2, 4, 1, 3], [4, 3, 2, 1, 0], [1, 0, 3, 2, 4]] {
            let mut waits = wakers.each_ref().map(|_| Some(Box::pin(signal.wait())));
            for (wait, (waker, _)) in waits.iter_mut().flatten().zip(&wakers) {
                assert!(!is_over!(wait, waker));
            }
            for index in order {
                waits[index] = None;
                let (_, count) = &wakers[index];
                assert_eq!(Arc::strong_count(count), 2, "its waker is gone");
            }
            assert!(signal.waiters().is_empty());
        }
        signal.ask();
        assert_eq!(wakers.each_ref().map(|(_, woken)| woken.get()), [0; 5]);
    }

    #[test]
    fn the_waker_of_the_last_poll_is_the_one_that_counts() {
        let signal = StopSignal::default();
        let [(old, old_woken), (new, new_woken), (other, other_woken)] = [(); 3].map(|()| waker());
        let (mut moved, mut stays) = (pin!(signal.wait()), pin!(signal.wait()));
        assert!(!is_over!(moved, &old) && !is_over!(moved, &new));
        // Now there are two, and they are kept elsewhere.
        assert!(!is_over!(stays, &other) && !is_over!(moved, &old) && !is_over!(moved, &new));
        assert_eq!(Arc::strong_count(&old_woken), 2);
        signal.ask();
        assert_eq!([&old_woken, &new_woken, &other_woken].map(|woken| woken.get()), [0, 1, 1]);
    }

    #[test]
    fn a_waker_that_panics_harms_nobody() {
        struct Bomb;
        impl Wake for Bomb {
            fn wake(self: Arc<Self>) {
                panic!("woken");
            }
        }
        let (signal, (waker, woken)) = (StopSignal::default(), waker());
        let token = signal.token();
        let (mut bad, mut good) = (pin!(signal.wait()), pin!(signal.wait()));
        assert!(!is_over!(bad, &Waker::from(Arc::new(Bomb))) && !is_over!(good, &waker));
        signal.ask();
        assert_eq!((woken.get(), token.is_cancelled()), (1, true));
    }

    #[test]
    fn a_waker_may_look_at_the_signal() {
        struct Looks(Arc<StopSignal>, AtomicU32);
        impl Wake for Looks {
            fn wake(self: Arc<Self>) {
                let knows = self.0.asked();
                self.0.ask();
                let hears = knows && self.0.token().is_cancelled();
                self.1.store(1 + u32::from(hears), Ordering::Relaxed);
            }
        }
        let signal = Arc::new(StopSignal::default());
        let looks = Arc::new(Looks(Arc::clone(&signal), AtomicU32::new(0)));
        let mut wait = pin!(signal.wait());
        assert!(!is_over!(wait, &Waker::from(Arc::clone(&looks))));
        signal.ask();
        assert_eq!(looks.1.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn no_request_is_lost_between_threads() {
        for _ in 0..300 {
            let (signal, (waker, woken)) = (StopSignal::default(), waker());
            let polled = AtomicU32::new(0);
            let mut waits: Vec<_> = (0..200).map(|_| Box::pin(signal.wait())).collect();
            let waiting = std::thread::scope(|scope| {
                let poll_all = scope.spawn(|| {
                    let mut waiting = 0;
                    for wait in &mut waits {
                        polled.fetch_add(1, Ordering::Relaxed);
                        waiting += u32::from(!is_over!(wait, &waker));
                    }
                    waiting
                });
                // It comes in between, or so.
                while polled.load(Ordering::Relaxed) < 50 {
                    std::thread::yield_now();
                }
                signal.ask();
                poll_all.join().expect("it does not panic")
            });
            assert_eq!(woken.get(), waiting);
        }
    }

    #[test]
    fn a_token_hears_the_request_whenever_it_was_taken() {
        let signal = StopSignal::default();
        let early = signal.token();
        assert!(!early.is_cancelled());
        signal.ask();
        assert!(early.is_cancelled());
        assert!(signal.token().is_cancelled());
    }

    #[test]
    fn cancelling_a_token_asks_nobody() {
        let signal = StopSignal::default();
        let other = signal.token();
        signal.token().cancel();
        assert!(!signal.asked());
        assert!(!other.is_cancelled());
    }
}
