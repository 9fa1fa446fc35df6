//! The request to stop, as one instance receives it.
//!
//! Invariants:
//!
//! 1. `asked` is set under the lock of `waiters`, and never reset. A task that finds it unset under
//!    the lock therefore has its waker in the list that `ask` takes.
//! 2. The first call of `ask` takes the list. From then on the list stays empty, the places in it that
//!    were handed out before are void, and a second call that runs at the same moment finds no waker.
//! 3. Wakers and tokens are woken, cancelled and dropped outside of the lock: they may run code of the
//!    user, which may call methods of this signal.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio_util::sync::CancellationToken;

use super::wake_list::{Place, WakeList};

/// The request that one instance stop, and the tasks that wait for the request.
#[derive(Default)]
pub(crate) struct StopSignal {
    asked: AtomicBool,
    waiters: Mutex<WakeList>,
}

impl StopSignal {
    /// Asks the instance to stop. Further calls change nothing.
    pub(crate) fn ask(&self) {
        // A repeated request needs no lock.
        if self.asked() {
            return;
        }
        let waiters = {
            let mut waiters = self.waiters();
            // `Release` pairs with the `Acquire` in `asked`: a task that sees the request without
            // taking the lock also sees everything that was written before the request.
            self.asked.store(true, Ordering::Release);
            std::mem::take(&mut *waiters)
        };
        waiters.wake();
    }

    /// Returns `true` if the instance has been asked to stop.
    pub(crate) fn asked(&self) -> bool {
        self.asked.load(Ordering::Acquire)
    }

    /// Completes when the instance is asked to stop.
    pub(crate) fn wait(&self) -> Wait<'_> {
        Wait { signal: self, waiting: Waiting::default() }
    }

    /// Returns a new token, which is cancelled when the instance is asked to stop. Cancelling the
    /// token itself does not ask the instance to stop.
    pub(crate) fn token(&self) -> CancellationToken {
        let mut waiters = self.waiters();
        if self.asked() {
            // The list is gone, and the parents of all tokens with it.
            drop(waiters);
            let token = CancellationToken::new();
            token.cancel();
            return token;
        }
        waiters.token()
    }

    fn waiters(&self) -> MutexGuard<'_, WakeList> {
        // No user code runs under this lock, so the list behind a poisoned lock would still be
        // intact.
        self.waiters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A future that completes when an instance is asked to stop. A dropped future leaves no waker
/// behind.
pub(crate) struct Wait<'a> {
    signal: &'a StopSignal,
    waiting: Waiting,
}

/// The state of one future that waits for a signal.
#[derive(Default)]
pub(crate) struct Waiting {
    /// The place of the future's waker in the list, from the first poll on.
    place: Option<Place>,
}

impl Waiting {
    pub(crate) fn poll(&mut self, signal: &StopSignal, cx: &mut Context<'_>) -> Poll<()> {
        if signal.asked() {
            return Poll::Ready(());
        }
        // A waker that is still in the list will be woken by `ask`. If `ask` has taken the list in
        // the meantime, `has` finds nothing, and the check under the lock below sees the request.
        if self.place.is_some_and(|place| signal.waiters().has(place, cx.waker())) {
            return Poll::Pending;
        }
        // The waker is cloned, and the old one dropped, outside of the lock: both run code that may
        // be the user's. The instance may be asked to stop before the lock is taken again, so
        // `asked` is checked once more under the lock.
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

    /// Takes the waker out of the list, if it is still there.
    pub(crate) fn leave(&mut self, signal: &StopSignal) {
        // After the request the list is empty and stays so, and there is nothing to remove.
        let Some(place) = self.place.take().filter(|_| !signal.asked()) else { return };
        let waker = {
            let mut waiters = signal.waiters();
            if signal.asked() { None } else { waiters.remove(place) }
        };
        // The lock has been released (invariant 3).
        drop(waker);
    }
}

impl Future for Wait<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let signal = self.signal;
        self.waiting.poll(signal, cx)
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.waiting.leave(self.signal);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::{Arc, Mutex, PoisonError};
    use std::task::{Context, Wake, Waker};

    use tokio_util::sync::CancellationToken;

    use super::StopSignal;
    use crate::child::wake_list::PARENTS;

    /// A waker that counts its wake-ups.
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

    /// A new waker, and its counter.
    fn waker() -> (Waker, Arc<Count>) {
        let count = Arc::new(Count::default());
        (Waker::from(Arc::clone(&count)), count)
    }

    /// Polls the future with the waker, and returns `true` if the future completes.
    macro_rules! is_over {
        ($wait:ident, $waker:expr) => {
            $wait.as_mut().poll(&mut Context::from_waker($waker)).is_ready()
        };
    }

    /// The documentation of [`ChildContext::cancelled`](crate::ChildContext::cancelled) promises
    /// this.
    #[test]
    fn the_future_is_unpin() {
        fn is_unpin(_: impl Future + Send + Unpin) {}
        is_unpin(StopSignal::default().wait());
    }

    #[test]
    fn a_waiting_task_is_woken_once() {
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
    fn a_wait_after_the_request_completes_at_once() {
        let (signal, (waker, woken)) = (StopSignal::default(), waker());
        let mut wait = pin!(signal.wait());
        signal.ask();
        assert!(is_over!(wait, &waker));
        // The two references are `waker` and `woken` themselves.
        assert_eq!((woken.get(), Arc::strong_count(&woken)), (0, 2), "nothing was kept");
    }

    #[test]
    fn all_waiting_tasks_are_woken() {
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
    fn a_dropped_wait_leaves_nothing_behind() {
        let signal = StopSignal::default();
        let wakers = [(); 5].map(|()| waker());
        // These are the orders of the drops: from the ends and the middle, backwards, and mixed.
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
        // A second future makes the list grow out of its one inline place.
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

    /// Wakers of tokens panic, wait for each other's tokens and drop them. Every token is heard of.
    #[test]
    fn a_waker_of_one_token_harms_no_other() {
        struct Bomb(Mutex<Vec<CancellationToken>>);
        impl Wake for Bomb {
            fn wake(self: Arc<Self>) {
                self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
                panic!("woken");
            }
        }
        for bad in 0..PARENTS {
            let signal = StopSignal::default();
            let mut tokens: Vec<_> = (0..PARENTS).map(|_| signal.token()).collect();
            let siblings = [signal.token(), signal.token(), tokens[bad].child_token()];
            let bomb = Waker::from(Arc::new(Bomb(Mutex::new(siblings.into()))));
            let bad = tokens.remove(bad);
            let mut bad_wait = Box::pin(bad.cancelled());
            assert!(!is_over!(bad_wait, &bomb));
            let wakers = [(); PARENTS - 1].map(|()| waker());
            let mut waits: Vec<_> =
                tokens.iter().map(|token| Box::pin(token.cancelled())).collect();
            for (wait, (waker, _)) in waits.iter_mut().zip(&wakers) {
                assert!(!is_over!(wait, waker));
            }
            signal.ask();
            assert_eq!(wakers.map(|(_, woken)| woken.get()), [1; PARENTS - 1]);
            assert!(bad.is_cancelled());
        }
    }

    #[test]
    fn tokens_that_share_a_parent_are_all_cancelled() {
        let signal = StopSignal::default();
        let tokens: Vec<_> = (0..10 * PARENTS).map(|_| signal.token()).collect();
        let mut wait = pin!(signal.wait());
        assert!(!is_over!(wait, &waker().0));
        tokens[0].cancel();
        assert!(!tokens[PARENTS].is_cancelled(), "it shares the parent of the first");
        signal.ask();
        assert!(tokens.iter().all(CancellationToken::is_cancelled));
    }

    #[test]
    fn a_waker_may_use_the_signal() {
        // This waker calls the signal from within `ask`. If `ask` held its lock meanwhile, the test
        // would hang.
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
                // The request comes while the other thread polls, or close to it.
                while polled.load(Ordering::Relaxed) < 50 {
                    std::thread::yield_now();
                }
                signal.ask();
                poll_all.join().expect("the polling thread does not panic")
            });
            // A future that was polled before the request is woken exactly once. One that was
            // polled after the request completes and leaves no waker behind.
            assert_eq!(woken.get(), waiting);
        }
    }

    #[test]
    fn a_token_receives_the_request_whenever_it_was_taken() {
        let signal = StopSignal::default();
        let early = signal.token();
        assert!(!early.is_cancelled());
        signal.ask();
        assert!(early.is_cancelled());
        assert!(signal.token().is_cancelled());
    }

    #[test]
    fn cancelling_a_token_does_not_ask_the_instance() {
        let signal = StopSignal::default();
        let other = signal.token();
        signal.token().cancel();
        assert!(!signal.asked());
        assert!(!other.is_cancelled());
    }
}
