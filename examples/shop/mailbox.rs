//! A mailbox that outlives its reader.

use std::sync::Arc;

use tokio::sync::{Mutex, mpsc};

/// The receiving end of a channel, held by whoever reads at the moment: one child after the other,
/// or a pool of them. What has not been read when a child dies is there for the next.
pub(crate) struct Mailbox<T>(Arc<Mutex<mpsc::Receiver<T>>>);

impl<T> Mailbox<T> {
    pub(crate) fn new(capacity: usize) -> (mpsc::Sender<T>, Self) {
        let (sender, receiver) = mpsc::channel(capacity);
        (sender, Self(Arc::new(Mutex::new(receiver))))
    }

    /// The next message; `None` when there is no sender left. Cancel safe.
    pub(crate) async fn recv(&self) -> Option<T> {
        self.0.lock().await.recv().await
    }

    /// All messages there are, at least one, at most `limit`. Empty when there is no sender left.
    /// Cancel safe.
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
