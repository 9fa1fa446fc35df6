//! A mailbox that outlives its reader.

use std::sync::Arc;

use tokio::sync::{Mutex, mpsc};

/// The receiving end of a channel, shared by one child after the other, or by a pool of children.
/// Messages that are unread when a child exits are there for the next instance.
pub(crate) struct Mailbox<T>(Arc<Mutex<mpsc::Receiver<T>>>);

impl<T> Mailbox<T> {
    pub(crate) fn new(capacity: usize) -> (mpsc::Sender<T>, Self) {
        let (sender, receiver) = mpsc::channel(capacity);
        (sender, Self(Arc::new(Mutex::new(receiver))))
    }

    /// Receives the next message, or `None` when there is no sender left. The method is cancel safe.
    pub(crate) async fn recv(&self) -> Option<T> {
        self.0.lock().await.recv().await
    }

    /// Receives all waiting messages, at least one and at most `limit`, or none when there is no sender
    /// left. The method is cancel safe.
    pub(crate) async fn recv_all(&self, limit: usize) -> Vec<T> {
        let mut messages = Vec::new();
        self.0.lock().await.recv_many(&mut messages, limit).await;
        messages
    }
}

impl<T> Clone for Mailbox<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
