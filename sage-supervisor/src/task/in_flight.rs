//! Futures that are polled by one owner, each only when it was woken.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// A set of futures. A poll of the set costs as much as the futures that were woken since the last one.
///
/// The futures are dropped by the destructor of the set, even if some of their destructors panic.
pub(super) struct InFlight<T> {
    places: Vec<Option<Entry<T>>>,
    free: Vec<usize>,
    woken: Arc<Woken>,
}

pub(super) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

struct Entry<T> {
    number: u64,
    future: BoxFuture<T>,
    alarm: Arc<Alarm>,
}

/// The futures that were woken, by their places.
#[derive(Default)]
struct Woken(Mutex<Wakes>);

#[derive(Default)]
struct Wakes {
    places: Vec<usize>,
    owner: Option<Waker>,
}

/// The waker of one future.
struct Alarm {
    place: usize,
    is_woken: AtomicBool,
    woken: Arc<Woken>,
}

impl Woken {
    fn lock(&self) -> MutexGuard<'_, Wakes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the waker of the owner. No code of the user runs under the lock.
    fn register(&self, cx: &Context<'_>) {
        if self.lock().owner.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {
            return;
        }
        let owner = cx.waker().clone();
        let old = self.lock().owner.replace(owner);
        drop(old);
    }
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.is_woken.swap(true, Ordering::AcqRel) {
            return;
        }
        let owner = {
            let mut wakes = self.woken.lock();
            wakes.places.push(self.place);
            wakes.owner.take()
        };
        if let Some(owner) = owner {
            owner.wake();
        }
    }
}

impl<T> InFlight<T> {
    pub(super) fn new() -> Self {
        Self { places: Vec::new(), free: Vec::new(), woken: Arc::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// Adds a future, which the next poll begins with.
    pub(super) fn add(&mut self, number: u64, future: BoxFuture<T>) {
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(None);
            self.places.len() - 1
        });
        let is_woken = AtomicBool::new(true);
        let alarm = Arc::new(Alarm { place, is_woken, woken: Arc::clone(&self.woken) });
        self.places[place] = Some(Entry { number, future, alarm });
        self.woken.lock().places.push(place);
    }

    /// Polls the futures that were woken. `each` receives the number and the output of each that is ready.
    pub(super) fn poll(&mut self, cx: &Context<'_>, mut each: impl FnMut(u64, T)) {
        self.woken.register(cx);
        let woken = std::mem::take(&mut self.woken.lock().places);
        for place in woken {
            // The place may have been given to another future since, for which a poll too many does no
            // harm.
            let Some(entry) = &mut self.places[place] else { continue };
            entry.alarm.is_woken.store(false, Ordering::Release);
            let waker = Waker::from(Arc::clone(&entry.alarm));
            if let Poll::Ready(output) =
                entry.future.as_mut().poll(&mut Context::from_waker(&waker))
            {
                let number = entry.number;
                let ended = self.places[place].take();
                self.free.push(place);
                drop(ended);
                each(number, output);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use tokio::sync::oneshot;

    use super::*;

    #[derive(Default)]
    struct Counts(AtomicUsize);

    impl Wake for Counts {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn only_what_was_woken_is_polled() {
        let (wakes, polls) = (Arc::new(Counts::default()), Arc::new(AtomicUsize::new(0)));
        let waker = Waker::from(Arc::clone(&wakes));
        let cx = Context::from_waker(&waker);
        let mut all = InFlight::new();
        let mut senders = Vec::new();
        for number in 0..10_u64 {
            let (sender, mut receiver) = oneshot::channel::<u64>();
            let polls = Arc::clone(&polls);
            let counted = std::future::poll_fn(move |cx| {
                polls.fetch_add(1, Ordering::Relaxed);
                Pin::new(&mut receiver).poll(cx)
            });
            all.add(number, Box::pin(counted));
            senders.push(sender);
        }
        let mut found = Vec::new();
        all.poll(&cx, |number, _| found.push(number));
        all.poll(&cx, |number, _| found.push(number));
        assert_eq!((polls.load(Ordering::Relaxed), found.len(), all.len()), (10, 0, 10));
        for number in [7, 2] {
            senders.remove(number).send(0).expect("it is received");
        }
        assert_eq!(wakes.0.load(Ordering::Relaxed), 1, "the owner is woken once");
        all.poll(&cx, |number, _| found.push(number));
        assert_eq!((polls.load(Ordering::Relaxed), found, all.len()), (12, vec![7, 2], 8));
    }
}
