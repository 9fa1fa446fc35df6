//! The signs by which a process shows that it is ready: a line of its output, or a port that accepts.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::child::context::ChildContext;
use crate::contain::{ChildPanic, contain};

/// The test of a line, which the user wrote.
pub(super) type LineTest = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// The watch for a line that says that the process is ready.
pub(super) struct LineWatch {
    test: LineTest,
    context: ChildContext,
    panic: Option<ChildPanic>,
}

impl LineWatch {
    pub(super) fn new(test: LineTest, context: ChildContext) -> Self {
        Self { test, context, panic: None }
    }

    pub(super) fn look(&mut self, line: &str) {
        if self.panic.is_some() || !self.context.is_unready() {
            return;
        }
        match contain(|| (self.test)(line)) {
            Ok(true) => self.context.say_ready(),
            Ok(false) => {}
            Err(panic) => self.panic = Some(panic),
        }
    }

    pub(super) fn take_panic(&mut self) -> Option<ChildPanic> {
        self.panic.take()
    }
}

/// The time between two attempts to connect, and the longest time of an attempt.
const PAUSE: Duration = Duration::from_millis(25);
const ATTEMPT: Duration = Duration::from_secs(1);

/// The watch for a port that accepts connections. A dropped watch makes no further attempt.
///
/// The attempts are made by a thread: a process lives in real time, and a timer of tokio would move a
/// clock that a test has paused.
pub(super) struct PortWatch(oneshot::Receiver<()>);

impl PortWatch {
    pub(super) fn begin(address: SocketAddr) -> io::Result<Self> {
        let (accepts, accepted) = oneshot::channel();
        let watch = move || {
            while !accepts.is_closed() {
                if TcpStream::connect_timeout(&address, ATTEMPT).is_ok() {
                    let _ = accepts.send(());
                    return;
                }
                thread::sleep(PAUSE);
            }
        };
        thread::Builder::new().name("sage-port".to_owned()).spawn(watch)?;
        Ok(Self(accepted))
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match Pin::new(&mut self.0).poll(cx) {
            Poll::Ready(Ok(())) => Poll::Ready(()),
            Poll::Ready(Err(_)) | Poll::Pending => Poll::Pending,
        }
    }
}
