//! One run of a child, as a task.
//!
//! Invariants:
//!
//! 1. Every instance reports its exit exactly once, however it ends: by itself, by a panic anywhere
//!    in the child's code, by an abort, or because the runtime drops its tasks.
//! 2. It reports after the child's future has been dropped, never before: who hears of the exit may
//!    start the next instance.
//! 3. Nothing of the child unwinds out of it.

use std::pin::Pin;
use std::task::{Context, Poll};

use super::life::BoxLife;
use crate::contain::contain;
use crate::exit::Exit;

/// Who wants to know how instances ended.
pub(crate) trait Report: Unpin {
    /// Which instance it was.
    type Label: Copy;

    /// Whether the instance must not be polled any more. It ends as [`Exit::Killed`].
    fn is_killed(&self) -> bool;

    /// Told once, after the last of the child has been dropped.
    fn ended(self, label: Self::Label, exit: Exit);
}

/// The task of one instance.
///
/// It is three words long. The cells that tokio keeps tasks in are a multiple of 128 bytes, and one
/// with more in it would be two of them.
pub(crate) struct Instance<R: Report> {
    /// Dropped before the exit is reported.
    life: Option<BoxLife<R::Label>>,
    /// Taken when the exit is reported.
    report: Option<R>,
}

impl<R: Report> Instance<R> {
    pub(crate) fn new(life: BoxLife<R::Label>, report: R) -> Self {
        Self { life: Some(life), report: Some(report) }
    }

    /// Drops what is left of the child, then reports.
    fn end(&mut self, exit: Exit) {
        let (Some(life), Some(report)) = (self.life.take(), self.report.take()) else { return };
        let label = life.label();
        report.ended(label, settle(life, exit));
    }
}

/// Drops what is left of an instance. Returns how it ended.
pub(super) fn settle<L>(left: L, exit: Exit) -> Exit {
    match contain(|| drop(left)) {
        // What the child said first is worth more than what its destructor adds.
        Err(panic) if !matches!(exit, Exit::Error(_) | Exit::Panic(_)) => Exit::Panic(panic),
        _ => exit,
    }
}

impl<R: Report> Future for Instance<R> {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let exit = match (&mut this.life, &this.report) {
            (Some(_), Some(report)) if report.is_killed() => Exit::Killed,
            (Some(life), Some(_)) => match contain(|| life.as_mut().poll_exit(cx)) {
                Ok(Poll::Pending) => return Poll::Pending,
                Ok(Poll::Ready(exit)) => exit,
                Err(panic) => Exit::Panic(panic),
            },
            _ => return Poll::Ready(()),
        };
        this.end(exit);
        Poll::Ready(())
    }
}

impl<R: Report> Drop for Instance<R> {
    fn drop(&mut self) {
        self.end(Exit::Killed);
    }
}
