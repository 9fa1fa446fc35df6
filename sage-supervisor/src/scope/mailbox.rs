//! The mailbox of one engine.
//!
//! A channel of tokio's hands out one message at a time. This mailbox hands over all messages at once,
//! under one lock, and none is stuck between a sender and the receiver when it is closed.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// An unbounded queue of messages to one engine, in the order of their delivery. Senders never wait:
/// the lock is held only while a message is pushed.
pub(crate) struct Mailbox<T>(Mutex<State<T>>);

struct State<T> {
    mail: Vec<T>,
    /// The waker of the engine, if it waits for messages.
    engine: Option<Waker>,
    is_closed: bool,
}

impl<T> Mailbox<T> {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(State { mail: Vec::new(), engine: None, is_closed: false }))
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Delivers a message. A closed mailbox returns it.
    pub(crate) fn send(&self, message: T) -> Result<(), T> {
        let engine = {
            let mut state = self.lock();
            if state.is_closed {
                return Err(message);
            }
            state.mail.push(message);
            state.engine.take()
        };
        // The engine may run before this function returns, and takes the lock first of all. It is
        // therefore woken after the lock has been released.
        if let Some(engine) = engine {
            engine.wake();
        }
        Ok(())
    }

    /// Moves all messages into `mail`, which must be empty; its capacity is used for the next messages.
    /// Returns [`Poll::Ready`] if there are any.
    pub(crate) fn poll(&self, cx: &mut Context<'_>, mail: &mut Vec<T>) -> Poll<()> {
        debug_assert!(mail.is_empty(), "older messages would come behind newer ones");
        let mut state = self.lock();
        if !state.mail.is_empty() {
            std::mem::swap(&mut state.mail, mail);
            return Poll::Ready(());
        }
        if !state.engine.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {
            state.engine = Some(cx.waker().clone());
        }
        Poll::Pending
    }

    /// Refuses further messages. Returns those that were delivered and not received.
    pub(crate) fn close(&self) -> Vec<T> {
        let mut state = self.lock();
        state.is_closed = true;
        state.engine = None;
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
    async fn messages_come_in_order_and_all_at_once() {
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

    /// The engine may have moved to another task since the first poll.
    #[tokio::test(start_paused = true)]
    async fn the_task_that_polled_last_is_woken() {
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
        let mail = timeout(Duration::from_secs(1), waits).await.expect("the task is woken");
        assert_eq!(mail.expect("the task does not panic"), [1]);
    }

    #[tokio::test]
    async fn a_closed_mailbox_returns_messages() {
        let mailbox = Mailbox::new();
        assert_eq!(mailbox.send(1), Ok(()));
        assert_eq!(mailbox.close(), [1]);
        assert_eq!(mailbox.send(2), Err(2));
        assert_eq!(mailbox.close(), []);
    }

    /// Each message is sent at about the moment at which the one before it is received.
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
            sender.join().expect("the task does not panic").expect("the mailbox is open");
        }
    }
}
