//! The instance of a child whose work is periodic: one run of its start function after another.
//!
//! Invariants:
//!
//! 1. A run begins after everything of the run before has been dropped, and never after the instance has
//!    been asked to stop.
//! 2. A run that ends well is no exit. A run that fails, or the end of the wait by the request to stop, is
//!    the exit of the instance.
//! 3. A heartbeat is needed during a run only.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Sleep, sleep};

use super::blocking::{BlockingContext, ThreadStart};
use super::cancelled::CancelledOwned;
use super::context::ChildContext;
use super::future::{BoxInstanceFuture, InstanceFuture};
use super::schedule::Schedule;
use crate::exit::Exit;
use crate::scope::ChildId;

impl ChildContext {
    /// Notes that a run of the instance begins.
    fn begin_run(&self) {
        if let Some(beat) = self.beat() {
            beat.resume();
        }
        if let Some(schedule) = self.schedule() {
            schedule.begin();
        }
    }

    /// Notes that the instance waits for its next run. Returns for how long.
    fn rest(&self) -> Duration {
        if let Some(beat) = self.beat() {
            beat.rest();
        }
        self.schedule().map_or(Duration::MAX, Schedule::rest)
    }

    fn waits_first(&self) -> bool {
        self.schedule().is_some_and(Schedule::waits_first)
    }
}

/// Makes the task of a periodic child. `begin` makes the future of one run, and calls nothing of the
/// user's.
pub(crate) fn periodic<Begin>(
    child: ChildId,
    context: ChildContext,
    begin: Begin,
) -> BoxInstanceFuture<ChildId>
where
    Begin: Fn() -> BoxInstanceFuture<ChildId> + Send + Unpin + 'static,
{
    Box::pin(Periodic { label: child, context, begin, step: Step::First })
}

struct Periodic<Begin> {
    label: ChildId,
    context: ChildContext,
    begin: Begin,
    step: Step,
}

enum Step {
    /// The instance has not been polled.
    First,
    Run(BoxInstanceFuture<ChildId>),
    /// A run has ended well, and has been dropped.
    Ended,
    Wait {
        time: Pin<Box<Sleep>>,
        stop: CancelledOwned,
    },
}

impl<Begin> Periodic<Begin>
where
    Begin: Fn() -> BoxInstanceFuture<ChildId>,
{
    fn run(&self) -> Step {
        self.context.begin_run();
        Step::Run((self.begin)())
    }

    fn wait(&self) -> Step {
        let time = Box::pin(sleep(self.context.rest()));
        Step::Wait { time, stop: self.context.cancelled_owned() }
    }
}

impl<Begin> InstanceFuture<ChildId> for Periodic<Begin>
where
    Begin: Fn() -> BoxInstanceFuture<ChildId> + Unpin,
{
    fn label(&self) -> ChildId {
        self.label
    }

    fn poll_exit(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Exit> {
        let this = &mut *self;
        loop {
            this.step = match &mut this.step {
                Step::First if this.context.is_cancelled() => {
                    return Poll::Ready(Exit::Normal);
                }
                Step::First if !this.context.waits_first() => this.run(),
                Step::First | Step::Ended => this.wait(),
                Step::Run(run) => match run.as_mut().poll_exit(cx) {
                    Poll::Ready(Exit::Normal) => Step::Ended,
                    // The owner of the instance drops a run that has failed, as it drops the future of
                    // any child.
                    exit => return exit,
                },
                Step::Wait { time, stop } => {
                    if Pin::new(stop).poll(cx).is_ready() {
                        return Poll::Ready(Exit::Normal);
                    }
                    match time.as_mut().poll(cx) {
                        Poll::Ready(()) => this.run(),
                        Poll::Pending => return Poll::Pending,
                    }
                }
            };
        }
    }
}

/// Makes the function that the thread of a periodic child runs.
pub(crate) fn periodic_thread(start: ThreadStart) -> ThreadStart {
    Arc::new(move |context: BlockingContext| {
        let mut waits = context.waits_first();
        while !context.is_cancelled() {
            if waits && context.wait_cancelled(context.rest()) {
                break;
            }
            context.begin_run();
            match start(context.clone()) {
                Exit::Normal => waits = true,
                exit => return exit,
            }
        }
        Exit::Normal
    })
}
