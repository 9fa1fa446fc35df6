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
    Fut: Future + Send + 'static,
    Fut::Output: Outcome,
{
    fn life(self: Arc<Self>, child: ChildId, context: C) -> BoxLife<ChildId> {
        if size_of::<Fut>() <= LARGE {
            return Box::pin(Lazy::new(child, self, context));
        }
        let boxed = move |context| self(context).map(Box::pin);
        Box::pin(Lazy::new(child, Arc::new(boxed), context))
    }
}

/// The room for a future that is larger is made when there is one, by the child's own task: it would
/// have to go through the stack of whoever starts it.
const LARGE: usize = 1_024;

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

impl<F, C, Fut> Lazy<F, C, Fut> {
    fn new(label: ChildId, start: Arc<F>, context: C) -> Self {
        Self { label, step: Step::Start { with: Some((start, context)) } }
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

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    /// As large as its argument.
    fn start<const SIZE: usize>() -> Arc<dyn Start<()>> {
        Arc::new(|()| {
            Ok(async {
                let held = [1_u8; SIZE];
                tokio::task::yield_now().await;
                assert_eq!(held.iter().map(|&byte| usize::from(byte)).sum::<usize>(), SIZE);
            })
        })
    }

    #[tokio::test]
    async fn a_large_future_does_not_go_through_the_stack_of_who_starts_it() {
        for (start, is_in_place) in [(start::<500>(), true), (start::<100_000>(), false)] {
            let mut life = start.life(ChildId::new(6), ());
            assert_eq!(life.label(), ChildId::new(6));
            let size = size_of_val(&*life);
            assert!(size < 2 * LARGE && (size > 500) == is_in_place, "{size}");
            let exit = std::future::poll_fn(|cx| life.as_mut().poll_exit(cx)).await;
            assert!(matches!(exit, Exit::Normal));
        }
    }

    #[test]
    fn it_is_started_when_it_is_polled() {
        let mut life = Arc::new(|()| -> Result<std::future::Ready<()>, Exit> { Err(Exit::Killed) })
            .life(ChildId::new(0), ());
        let mut cx = Context::from_waker(Waker::noop());
        assert!(matches!(life.as_mut().poll_exit(&mut cx), Poll::Ready(Exit::Killed)));
    }
}
