//! A thread that runs code of the user for a thread that must not.

use std::io;
use std::sync::mpsc::{Sender, channel, sync_channel};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::contain::contain;

/// The time for which somebody waits until the thread has run everything. The thread may be blocked for
/// good.
const DONE_WITHIN: Duration = Duration::from_secs(1);

type Errand = Box<dyn FnOnce() + Send>;

/// A thread that runs what is sent to it, in order. The thread ends when nobody can send any more.
#[derive(Clone)]
pub(super) struct Errands(Sender<Errand>);

impl Errands {
    pub(super) fn start(name: &str) -> io::Result<Self> {
        let (sender, errands) = channel::<Errand>();
        thread::Builder::new().name(name.to_owned()).spawn(move || {
            for errand in errands {
                let _ = contain(errand);
            }
        })?;
        Ok(Self(sender))
    }

    /// Lets the thread run `errand`. This does not wait, even if the thread is blocked.
    pub(super) fn run(&self, errand: impl FnOnce() + Send + 'static) {
        if let Err(unsent) = self.0.send(Box::new(errand)) {
            // The thread has ended, which only a defect can cause. Dropping the errand here would
            // run code of the user.
            std::mem::forget(unsent);
        }
    }

    /// Waits until the thread has run everything that was sent to it, for a limited time.
    pub(super) async fn wait(&self) {
        let (tell, done) = oneshot::channel();
        self.run(move || {
            let _ = tell.send(());
        });
        let _ = timeout(DONE_WITHIN, done).await;
    }

    /// Waits like [`wait`](Self::wait), and blocks meanwhile.
    pub(super) fn block(&self) {
        let (tell, done) = sync_channel(1);
        self.run(move || {
            let _ = tell.send(());
        });
        let _ = done.recv_timeout(DONE_WITHIN);
    }
}
