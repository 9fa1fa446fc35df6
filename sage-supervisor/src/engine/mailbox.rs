//! What is delivered to one engine.
//!
//! A channel of tokio's would do, but it hands out one message after the other. Here the one who
//! receives takes everything at once, under one lock, and when it is closed nothing is left half way.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// What is delivered to one engine, in the order in which it was. Nobody waits to deliver: the lock
/// is held for as long as a message takes to be written down, and now and then for making room.
pub(super) struct Mailbox<T>(Mutex<State<T>>);

struct State<T> {
    mail: Vec<T>,
    /// The engine, if it waits.
    waits: Option<Waker>,
    is_closed: bool,
}

impl<T> Mailbox<T> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(State { mail: Vec::new(), waits: None, is_closed: false }))
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Delivers a message, unless this is closed: then it is given back.
    pub(super) fn send(&self, message: T) -> Result<(), T> {
        let engine = {
            let mut state = self.lock();
            if state.is_closed {
                return Err(message);
            }
            state.mail.push(message);
            state.waits.take()
        };
        // Whoever is woken may be running before this returns, and asks for the lock first.
        if let Some(engine) = engine {
            engine.wake();
        }
        Ok(())
    }

    /// Puts all that has been delivered into `mail`, which is empty and whose room is used for what
    /// comes next; ready if there is anything.
    pub(super) fn poll(&self, cx: &mut Context<'_>, mail: &mut Vec<T>) -> Poll<()> {
        debug_assert!(mail.is_empty(), "it would be delivered behind what came later");
        let mut state = self.lock();
        if !state.mail.is_empty() {
            std::mem::swap(&mut state.mail, mail);
            return Poll::Ready(());
        }
        if !state.waits.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {
            state.waits = Some(cx.waker().clone());
        }
        Poll::Pending
    }

    /// Lets nothing in any more. Returns what has been delivered and not been taken.
    pub(super) fn close(&self) -> Vec<T> {
        let mut state = self.lock();
        state.is_closed = true;
        state.waits = None;
        std::mem::take(&mut state.mail)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::Arc;
    use std::thread;
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    async fn next(mailbox: &Mailbox<u32>, mail: &mut Vec<u32>) {
        poll_fn(|cx| mailbox.poll(cx, mail)).await;
    }

    #[tokio::test]
    async fn mail_comes_in_order_and_all_at_once() {
        let (mailbox, mut mail) = (Mailbox::new(), Vec::new());
        for round in [0, 10] {
            for number in 1..4 {
                assert_eq!(mailbox.send(round + number), Ok(()));
            }
            next(&mailbox, &mut mail).await;
            assert_eq!(mail, [1, 2, 3].map(|number| round + number));
            mail.clear();
        }
    }

    /// The engine may have been moved to another task since it asked first.
    #[tokio::test(start_paused = true)]
    async fn whoever_asked_last_is_woken() {
        let (mailbox, mut mail) = (Arc::new(Mailbox::new()), Vec::new());
        let mut nobody = Context::from_waker(Waker::noop());
        assert!(mailbox.poll(&mut nobody, &mut mail).is_pending());
        let waits = tokio::spawn({
            let mailbox = Arc::clone(&mailbox);
            async move {
                next(&mailbox, &mut mail).await;
                mail
            }
        });
        tokio::task::yield_now().await;
        assert_eq!(mailbox.send(1), Ok(()));
        let mail = timeout(Duration::from_secs(1), waits).await.expect("it is woken");
        assert_eq!(mail.expect("it does not panic"), [1]);
    }

    #[tokio::test]
    async fn what_comes_after_the_end_is_given_back() {
        let mailbox = Mailbox::new();
        assert_eq!(mailbox.send(1), Ok(()));
        assert_eq!(mailbox.close(), [1]);
        assert_eq!(mailbox.send(2), Err(2));
        assert_eq!(mailbox.close(), []);
    }

    /// Every message is sent when the one before it may just have been taken.
    #[tokio::test]
    async fn no_message_is_lost_between_threads() {
        const EACH: u32 = 20_000;
        let mailbox = Arc::new(Mailbox::new());
        let senders = [0, 1].map(|sender| {
            let mailbox = Arc::clone(&mailbox);
            thread::spawn(move || (0..EACH).try_for_each(|it| mailbox.send(2 * it + sender)))
        });
        let (mut mail, mut expected) = (Vec::new(), [0, 1]);
        while expected != [2 * EACH, 2 * EACH + 1] {
            next(&mailbox, &mut mail).await;
            for number in mail.drain(..) {
                let sender = (number % 2) as usize;
                assert_eq!(number, expected[sender], "in the order of its sender");
                expected[sender] += 2;
            }
        }
        for sender in senders {
            sender.join().expect("it does not panic").expect("it is not closed");
        }
    }
}
