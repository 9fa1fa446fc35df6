//! The task of one instance of a child.
//!
//! Invariants:
//!
//! 1. Every instance reports its exit exactly once, whether it ends by itself, by a panic anywhere
//!    in the child's code, by an abort, or because the runtime drops its tasks.
//! 2. The report is made after the child's future has been dropped, never before, because the
//!    receiver of the report may start the next instance at once.
//! 3. No panic of the child unwinds out of the instance.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::task::JoinHandle;

use super::future::BoxInstanceFuture;
use crate::contain::contain;
use crate::exit::Exit;

/// The receiver of the exits of instances.
pub(crate) trait Report: Unpin {
    /// The type that identifies an instance to the receiver.
    type Label: Copy;

    /// Returns `true` if the instance must not be polled any more. Such an instance ends as
    /// [`Exit::Killed`].
    fn is_killed(&self) -> bool;

    /// Receives the exit. An instance calls this once, after everything of the child has been
    /// dropped.
    fn ended(self, label: Self::Label, exit: Exit);
}

/// The task of one instance.
///
/// The struct is three words long. Tokio allocates tasks in cells of a multiple of 128 bytes, and a
/// longer struct would take a second 128 bytes for every child.
pub(crate) struct Instance<R: Report> {
    /// The child's future, which is dropped before the exit is reported.
    future: Option<BoxInstanceFuture<R::Label>>,
    /// The receiver of the exit, which is taken when the exit is reported.
    report: Option<R>,
}

impl<R: Report> Instance<R> {
    pub(crate) fn new(future: BoxInstanceFuture<R::Label>, report: R) -> Self {
        Self { future: Some(future), report: Some(report) }
    }

    /// Spawns the instance as a task, which tokio-console shows by its path. The path is formatted for
    /// a build with tokio's unstable features only.
    #[cfg_attr(
        not(tokio_unstable),
        expect(unused_variables, reason = "only tokio-console shows it")
    )]
    pub(crate) fn spawn(self, path: impl FnOnce() -> String) -> JoinHandle<()>
    where
        R: Send + 'static,
        R::Label: 'static,
    {
        #[cfg(not(tokio_unstable))]
        return tokio::spawn(self);
        #[cfg(tokio_unstable)]
        tokio::task::Builder::new().name(&path()).spawn(self).expect("a task can be spawned here")
    }

    /// Drops the rest of the child, then reports its exit.
    fn end(&mut self, exit: Exit) {
        // Both fields are empty after the first call. The destructor calls this function again
        // after every ordinary end (invariant 1).
        let (Some(future), Some(report)) = (self.future.take(), self.report.take()) else { return };
        // The label lives in the allocation of the future, which is dropped before the report.
        let label = future.label();
        report.ended(label, settle(future, exit));
    }
}

/// Drops the rest of an instance, and returns how the instance ended. A panic of the destructor
/// becomes the exit unless the child had already failed.
pub(super) fn settle<L>(left: L, exit: Exit) -> Exit {
    match contain(|| drop(left)) {
        // The first failure explains more than a later panic of a destructor.
        Err(panic) if !matches!(exit, Exit::Error(_) | Exit::Panic(_)) => Exit::Panic(panic),
        _ => exit,
    }
}

impl<R: Report> Future for Instance<R> {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // An instance is `Unpin`, because its future is boxed and `Report` requires `Unpin`.
        let this = &mut *self;
        let exit = match (&mut this.future, &this.report) {
            // The kill of a supervisor is visible here at once. The abort of this task follows only
            // when its engine has received the message of the kill.
            (Some(_), Some(report)) if report.is_killed() => Exit::Killed,
            // A future that has panicked is never polled again: it is dropped by `end` below.
            (Some(future), Some(_)) => match contain(|| future.as_mut().poll_exit(cx)) {
                Ok(Poll::Pending) => return Poll::Pending,
                Ok(Poll::Ready(exit)) => exit,
                Err(panic) => Exit::Panic(panic),
            },
            // The exit has been reported, and there is nothing left to poll.
            _ => return Poll::Ready(()),
        };
        this.end(exit);
        Poll::Ready(())
    }
}

impl<R: Report> Drop for Instance<R> {
    /// Reports an exit if none has been reported: the task was aborted, or the runtime dropped it.
    fn drop(&mut self) {
        self.end(Exit::Killed);
    }
}
