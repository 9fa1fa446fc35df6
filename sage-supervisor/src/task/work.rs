//! The future of a task, as its supervisor runs it.

use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::error::TaskError;
use super::link::Worker;
use crate::child::TaskEnd;
use crate::contain::{ChildPanic, contain};

/// The work of a task, with the link to its owner.
pub(super) struct Work<Fut: Future> {
    step: Step<Fut>,
    worker: Worker<Fut::Output>,
}

enum Step<Fut> {
    Works(Pin<Box<Fut>>),
    /// The function that should have returned the future has panicked.
    Panicked(ChildPanic),
    /// The work is over, or was aborted before it began.
    Over,
}

impl<Fut: Future> Work<Fut> {
    /// Calls `start`, unless the owner has aborted the task. A panic of `start` is contained here, so that
    /// the owner learns of it too.
    pub(super) fn begin(worker: Worker<Fut::Output>, start: impl FnOnce() -> Fut) -> Self {
        let step = if worker.is_aborted() {
            Step::Over
        } else {
            match contain(|| Box::pin(start())) {
                Ok(future) => Step::Works(future),
                Err(panic) => Step::Panicked(panic),
            }
        };
        Self { step, worker }
    }
}

impl<Fut: Future> Future for Work<Fut> {
    type Output = TaskEnd;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<TaskEnd> {
        let this = &mut *self;
        if this.worker.poll_aborted(cx).is_ready() {
            let step = std::mem::replace(&mut this.step, Step::Over);
            // A panic of the destructor is the exit of the child, as after any other abort.
            if let Err(panic) = contain(|| drop(step)) {
                resume_unwind(Box::new(panic));
            }
            return Poll::Ready(TaskEnd::Aborted);
        }
        let polled = match &mut this.step {
            Step::Works(work) => contain(|| work.as_mut().poll(cx)),
            Step::Panicked(panic) => Err(panic.clone()),
            Step::Over => return Poll::Ready(TaskEnd::Aborted),
        };
        let (result, panic) = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(output)) => (Ok(output), None),
            Err(panic) => (Err(TaskError::Panicked(panic.clone())), Some(panic)),
        };
        this.worker.finish(result);
        match panic {
            None => Poll::Ready(TaskEnd::Done),
            // The panic is the exit of the child as well. It has already been printed by the panic
            // hook, so `resume_unwind` is used, which does not call the hook again.
            Some(panic) => resume_unwind(Box::new(panic)),
        }
    }
}
