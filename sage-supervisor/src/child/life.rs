//! What an instance does: the call of its start function, and the future that this gives.
//!
//! Both stand in one allocation, one after the other, and so does the label that says whose they
//! are: what stands in the task itself has to be small (see [`Instance`](super::Instance)).

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::id::ChildId;
use super::outcome::{Outcome, Seal};
use crate::exit::Exit;

/// The future of an instance, whatever it ends with.
pub(crate) trait ChildFuture {
    fn poll_exit(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Exit>;
}

impl<Fut> ChildFuture for Fut
where
    Fut: Future,
    Fut::Output: Outcome,
{
    // No future of ours around it: that would drop the child's before its outcome is known, and a
    // panic there would be taken for the outcome.
    fn poll_exit(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Exit> {
        self.poll(cx).map(|outcome| outcome.into_exit(Seal))
    }
}

/// What an instance does, and whose it is.
pub(crate) trait Life<Label> {
    fn label(&self) -> Label;

    /// The first time, it calls the start function: a panic there is one of the child.
    fn poll_exit(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Exit>;
}

pub(crate) type BoxLife<Label> = Pin<Box<dyn Life<Label> + Send>>;

/// How to make the future of a task out of a `Context`.
pub(crate) trait Start<Context>: Send + Sync {
    /// Nothing of the user's is called yet.
    fn life(self: Arc<Self>, child: ChildId, context: Context) -> BoxLife<ChildId>;
}

/// A start function gives the future, or how the instance ends without one.
impl<F, C, Fut> Start<C> for F
where
    F: Fn(C) -> Result<Fut, Exit> + Send + Sync + 'static,
    C: Send + 'static,
    Fut: ChildFuture + Send + 'static,
{
    fn life(self: Arc<Self>, child: ChildId, context: C) -> BoxLife<ChildId> {
        Box::pin(Lazy { label: child, step: Step::Start { with: Some((self, context)) } })
    }
}

/// A life that has been started already: that of a supervisor, or of the host of a process.
pub(crate) fn begun<L, Fut>(label: L, future: Fut) -> BoxLife<L>
where
    L: Copy + Send + 'static,
    Fut: ChildFuture + Send + 'static,
{
    Box::pin(Begun { label, future })
}

pin_project! {
    struct Begun<L, Fut> {
        label: L,
        #[pin]
        future: Fut,
    }
}

impl<L: Copy, Fut: ChildFuture> Life<L> for Begun<L, Fut> {
    fn label(&self) -> L {
        self.label
    }

    fn poll_exit(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Exit> {
        self.project().future.poll_exit(cx)
    }
}

pin_project! {
    struct Lazy<F, C, Fut> {
        label: ChildId,
        #[pin]
        step: Step<F, C, Fut>,
    }
}

pin_project! {
    #[project = StepNow]
    enum Step<F, C, Fut> {
        // Taken when it is called.
        Start { with: Option<(Arc<F>, C)> },
        Poll { #[pin] future: Fut },
    }
}

impl<F, C, Fut> Life<ChildId> for Lazy<F, C, Fut>
where
    F: Fn(C) -> Result<Fut, Exit>,
    Fut: ChildFuture,
{
    fn label(&self) -> ChildId {
        self.label
    }

    fn poll_exit(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Exit> {
        let mut step = self.project().step;
        if let StepNow::Start { with } = step.as_mut().project() {
            let (start, context) = with.take().expect("an instance is started once");
            match start(context) {
                Ok(future) => step.set(Step::Poll { future }),
                Err(exit) => return Poll::Ready(exit),
            }
        }
        match step.project() {
            StepNow::Poll { future } => future.poll_exit(cx),
            StepNow::Start { .. } => unreachable!("it has been started"),
        }
    }
}
