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

use super::context::ChildContext;
use super::spec::{BoxFuture, TaskStart};
use crate::contain::contain;
use crate::exit::Exit;

/// Who wants to know how an instance ended.
pub(crate) trait Report: Unpin {
    /// Whether the instance must not be polled any more. It ends as [`Exit::Killed`].
    fn is_killed(&self) -> bool;

    /// Told once, after the last of the child has been dropped.
    fn ended(self, exit: Exit);
}

/// What an instance has to do.
pub(crate) enum Work {
    /// To call a start function.
    Start(TaskStart, Option<ChildContext>),
    /// To poll the future it gave, or that of a nested supervisor.
    Poll(BoxFuture),
    /// Nothing: the future is gone.
    Done,
}

/// The task of one instance.
pub(crate) struct Instance<R: Report> {
    work: Work,
    /// Taken when the exit is reported.
    report: Option<R>,
}

impl<R: Report> Instance<R> {
    pub(crate) fn new(work: Work, report: R) -> Self {
        Self { work, report: Some(report) }
    }

    /// Calls the start function if that has not been done, and polls the child's future once.
    fn advance(work: &mut Work, cx: &mut Context<'_>) -> Poll<Exit> {
        if let Work::Start(start, context) = work {
            let future = match (start, context.take()) {
                (TaskStart::WithContext(start), Some(context)) => start(context),
                (TaskStart::WithoutContext(start), _) => start(),
                (TaskStart::WithContext(_), None) => unreachable!("started once, with its context"),
            };
            *work = Work::Poll(future);
        }
        match work {
            Work::Poll(future) => future.as_mut().poll_exit(cx),
            Work::Start(..) | Work::Done => unreachable!("polled before its end, after its start"),
        }
    }

    /// Drops what is left of the child, then reports.
    fn end(&mut self, exit: Exit) {
        let Some(report) = self.report.take() else { return };
        settle(std::mem::replace(&mut self.work, Work::Done), exit, report);
    }
}

/// Drops what is left of an instance, then reports how it ended.
pub(super) fn settle<L, R: Report>(left: L, exit: Exit, report: R) {
    let exit = match contain(|| drop(left)) {
        // What the child said first is worth more than what its destructor adds.
        Err(panic) if !matches!(exit, Exit::Error(_) | Exit::Panic(_)) => Exit::Panic(panic),
        _ => exit,
    };
    report.ended(exit);
}

impl<R: Report> Future for Instance<R> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let exit = match &this.report {
            None => return Poll::Ready(()),
            Some(report) if report.is_killed() => Exit::Killed,
            Some(_) => match contain(|| Self::advance(&mut this.work, cx)) {
                Ok(Poll::Pending) => return Poll::Pending,
                Ok(Poll::Ready(exit)) => exit,
                Err(panic) => Exit::Panic(panic),
            },
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
