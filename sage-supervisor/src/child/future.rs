//! The future of one instance: the call of its start function, and then the future that the call
//! returns.
//!
//! Invariants:
//!
//! 1. The start function is called by the first poll, in the child's own task, so that a panic of it is
//!    an exit of the child. Nothing of the user's is called before.
//! 2. Both stages share one allocation, one after the other, and the label that identifies the
//!    instance stands beside them. The task itself has to stay small (see
//!    [`Instance`](super::Instance)), so it holds only a pointer to that allocation.
//! 3. The child's future is dropped only after its outcome has been taken, so that a panic of its
//!    destructor cannot be taken for the outcome.
//! 4. A start function that is not `Sync` is called by one instance at a time. An instance that comes
//!    during the call of another waits for its turn as a task, and holds no thread.

use std::any::TypeId;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tokio::sync::Notify;

use super::outcome::{Outcome, Seal};
use crate::contain::Contained;
use crate::exit::Exit;
use crate::scope::ChildId;

/// A future that gives the exit of an instance, whatever its output type is.
pub(crate) trait ChildFuture {
    /// Polls the future.
    fn poll_exit(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Exit>;
}

impl<Fut> ChildFuture for Fut
where
    Fut: Future,
    Fut::Output: Outcome,
{
    // No adapter may wrap the child's future here: an adapter would drop that future before the
    // outcome is returned (invariant 3).
    fn poll_exit(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Exit> {
        self.poll(cx).map(|outcome| outcome.into_exit(Seal))
    }
}

/// The whole of an instance, with the label that identifies the instance.
pub(crate) trait InstanceFuture<Label> {
    /// The label that the instance was made with.
    fn label(&self) -> Label;

    /// Polls the instance. The first poll calls the start function, so that a panic of the start
    /// function is a panic of the child.
    fn poll_exit(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Exit>;
}

pub(crate) type BoxInstanceFuture<Label> = Pin<Box<dyn InstanceFuture<Label> + Send>>;

/// The argument of a start function.
pub(crate) trait Argument: Send + 'static {
    /// Notes that the instance is polled now, for the first time.
    fn note_runner(&self);
}

impl Argument for () {
    fn note_runner(&self) {}
}

/// A start function, which makes the future of an instance from a `Context`.
pub(crate) trait Start<Context>: Send + Sync {
    /// Makes the instance. Calls no code of the user yet.
    fn future(self: Arc<Self>, child: ChildId, context: Context) -> BoxInstanceFuture<ChildId>;

    /// Returns the type of the start function.
    fn start_type(&self) -> TypeId;

    /// Takes out a function that can be called only once, unless it was called.
    fn take_back(&self) -> Option<Arc<dyn Start<Context>>> {
        None
    }
}

/// The call of a start function, which returns the future of the instance, or the exit of an instance
/// that has none.
pub(super) trait Call<Context, Fut> {
    fn call(&self, context: Context) -> Result<Fut, Exit>;
}

impl<F, C, Fut> Call<C, Fut> for F
where
    F: Fn(C) -> Result<Fut, Exit>,
{
    fn call(&self, context: C) -> Result<Fut, Exit> {
        self(context)
    }
}

impl<F, C, Fut> Start<C> for F
where
    F: Fn(C) -> Result<Fut, Exit> + Send + Sync + 'static,
    C: Argument,
    Fut: Future + Send + 'static,
    Fut::Output: Outcome,
{
    fn future(self: Arc<Self>, child: ChildId, context: C) -> BoxInstanceFuture<ChildId> {
        lazy(child, self, context)
    }

    fn start_type(&self) -> TypeId {
        TypeId::of::<F>()
    }
}

/// Makes an instance that calls its start function when it is polled first.
pub(super) fn lazy<F, C, Fut>(
    child: ChildId,
    start: Arc<F>,
    context: C,
) -> BoxInstanceFuture<ChildId>
where
    F: Call<C, Fut> + Send + Sync + 'static,
    C: Argument,
    Fut: Future + Send + 'static,
    Fut::Output: Outcome,
{
    if size_of::<Fut>() <= LARGE {
        return Box::pin(Lazy::new(child, start, context));
    }
    // The wrapper costs one allocation more at each start, which is little beside a future of
    // this size.
    let boxed = move |context| start.call(context).map(Box::pin);
    Box::pin(Lazy::new(child, Arc::new(boxed), context))
}

/// The size, in bytes, above which a future gets an allocation of its own. A larger future would
/// have to be moved over the stack of the task that starts the child; the child's own task
/// allocates it instead, once the start function has returned it.
pub(super) const LARGE: usize = 1_024;

/// Adds a label to a future that needs no start: that of a nested supervisor, or of the task that
/// hosts a process.
pub(crate) fn labelled<L, Fut>(label: L, future: Fut) -> BoxInstanceFuture<L>
where
    L: Copy + Send + 'static,
    Fut: ChildFuture + Send + 'static,
{
    Box::pin(Labelled { label, future })
}

pin_project! {
    /// A future that is running already, with its label.
    struct Labelled<L, Fut> {
        label: L,
        #[pin]
        future: Fut,
    }
}

impl<L: Copy, Fut: ChildFuture> InstanceFuture<L> for Labelled<L, Fut> {
    fn label(&self) -> L {
        self.label
    }

    fn poll_exit(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Exit> {
        self.project().future.poll_exit(cx)
    }
}

pin_project! {
    /// A start function that is called by the first poll, and then its future.
    struct Lazy<F, C, Fut> {
        label: ChildId,
        #[pin]
        step: Step<F, C, Fut>,
    }
}

pin_project! {
    #[project = StepProjection]
    enum Step<F, C, Fut> {
        // The values are taken out when the start function is called.
        Start { with: Option<(Arc<F>, C)> },
        Poll { #[pin] future: Fut },
    }
}

impl<F, C, Fut> Lazy<F, C, Fut> {
    fn new(label: ChildId, start: Arc<F>, context: C) -> Self {
        Self { label, step: Step::Start { with: Some((start, context)) } }
    }
}

impl<F, C, Fut> InstanceFuture<ChildId> for Lazy<F, C, Fut>
where
    F: Call<C, Fut>,
    C: Argument,
    Fut: ChildFuture,
{
    fn label(&self) -> ChildId {
        self.label
    }

    fn poll_exit(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Exit> {
        let mut step = self.project().step;
        if let StepProjection::Start { with } = step.as_mut().project() {
            // If the start function panics, the step stays empty. Such an instance has ended, and is
            // not polled again.
            let (start, context) = with.take().expect("an instance calls its start function once");
            context.note_runner();
            match start.call(context) {
                // The future takes the place of the start's values, which have been moved out, so
                // `set` drops nothing of the user's.
                Ok(future) => step.set(Step::Poll { future }),
                Err(exit) => return Poll::Ready(exit),
            }
        }
        match step.project() {
            StepProjection::Poll { future } => future.poll_exit(cx),
            StepProjection::Start { .. } => {
                unreachable!("the start function has been called above")
            }
        }
    }
}

/// A start function that need not be `Sync`, and is shared by the instances of all children that have
/// the same spec.
pub(super) struct Exclusive<F> {
    start: Mutex<Contained<F>>,
    /// The number of instances that wait for their turn.
    waiting: AtomicUsize,
    /// Notified at the end of a turn, if an instance waits.
    is_free: Notify,
}

/// The turn of one instance, which may call the start function.
struct Turn<'a, F> {
    of: &'a Exclusive<F>,
    start: Option<MutexGuard<'a, Contained<F>>>,
}

impl<F, Fut> Exclusive<F>
where
    F: Fn() -> Fut,
{
    pub(super) fn new(start: F) -> Self {
        let start = Mutex::new(Contained::new(start));
        Self { start, waiting: AtomicUsize::new(0), is_free: Notify::new() }
    }

    /// Calls the start function, unless another instance is calling it.
    fn try_call(&self) -> Option<Fut> {
        let start = match self.start.try_lock() {
            Ok(start) => start,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        // The turn ends here also by a panic of the start function.
        let turn = Turn { of: self, start: Some(start) };
        turn.start.as_ref().map(|start| start.get()())
    }

    /// Calls the start function when no other instance is calling it.
    async fn call(self: Arc<Self>) -> Fut {
        /// The waiting instance, as long as it waits.
        struct Waiting<'a>(&'a AtomicUsize);
        impl Drop for Waiting<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::SeqCst);
            }
        }
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let _waiting = Waiting(&self.waiting);
        loop {
            // A turn that ended before the attempt is seen by the attempt, and one that ends after it
            // sees that this instance waits.
            if let Some(future) = self.try_call() {
                return future;
            }
            self.is_free.notified().await;
        }
    }
}

impl<F> Drop for Turn<'_, F> {
    fn drop(&mut self) {
        self.start = None;
        // The release of the lock comes before the look at the number: otherwise an instance could
        // find the lock taken, and not be seen.
        fence(Ordering::SeqCst);
        if self.of.waiting.load(Ordering::SeqCst) > 0 {
            self.of.is_free.notify_one();
        }
    }
}

impl<F, Fut> Start<()> for Exclusive<F>
where
    F: Fn() -> Fut + Send + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: Outcome,
{
    fn future(self: Arc<Self>, child: ChildId, (): ()) -> BoxInstanceFuture<ChildId> {
        if size_of::<Fut>() <= LARGE {
            return Box::pin(LazyExclusive::new(child, self, |future| future));
        }
        Box::pin(LazyExclusive::new(child, self, Box::pin))
    }

    fn start_type(&self) -> TypeId {
        TypeId::of::<F>()
    }
}

pin_project! {
    /// A start function that is called when no other instance is calling it, and then its future.
    /// The future is held as it is, or in an allocation of its own if it is large.
    struct LazyExclusive<F, Fut, Hold, Held> {
        label: ChildId,
        hold: Hold,
        #[pin]
        step: ExclusiveStep<F, Fut, Held>,
    }
}

impl<F, Fut, Hold, Held> LazyExclusive<F, Fut, Hold, Held>
where
    Hold: Fn(Fut) -> Held,
{
    fn new(label: ChildId, start: Arc<Exclusive<F>>, hold: Hold) -> Self {
        Self { label, hold, step: ExclusiveStep::Start { start } }
    }
}

pin_project! {
    #[project = ExclusiveStepProjection]
    enum ExclusiveStep<F, Fut, Held> {
        Start { start: Arc<Exclusive<F>> },
        Wait { turn: Pin<Box<dyn Future<Output = Fut> + Send>> },
        Poll { #[pin] future: Held },
    }
}

impl<F, Fut, Hold, Held> InstanceFuture<ChildId> for LazyExclusive<F, Fut, Hold, Held>
where
    F: Fn() -> Fut + Send + 'static,
    Fut: Send + 'static,
    Hold: Fn(Fut) -> Held,
    Held: ChildFuture,
{
    fn label(&self) -> ChildId {
        self.label
    }

    fn poll_exit(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Exit> {
        let this = self.project();
        let mut step = this.step;
        loop {
            let next = match step.as_mut().project() {
                ExclusiveStepProjection::Start { start } => match start.try_call() {
                    Some(future) => ExclusiveStep::Poll { future: (this.hold)(future) },
                    None => ExclusiveStep::Wait { turn: Box::pin(Arc::clone(start).call()) },
                },
                ExclusiveStepProjection::Wait { turn } => match turn.as_mut().poll(cx) {
                    Poll::Ready(future) => ExclusiveStep::Poll { future: (this.hold)(future) },
                    Poll::Pending => return Poll::Pending,
                },
                ExclusiveStepProjection::Poll { future } => return future.poll_exit(cx),
            };
            step.set(next);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    /// A future that is at least `SIZE` bytes large.
    async fn large<const SIZE: usize>() {
        let held = [1_u8; SIZE];
        tokio::task::yield_now().await;
        assert_eq!(held.iter().map(|&byte| usize::from(byte)).sum::<usize>(), SIZE);
    }

    /// Start functions of such futures: one for many callers, and one for a single caller at a time.
    fn starts<const SIZE: usize>() -> [Arc<dyn Start<()>>; 2] {
        [Arc::new(|()| Ok(large::<SIZE>())), Arc::new(Exclusive::new(large::<SIZE>))]
    }

    #[tokio::test]
    async fn a_large_future_is_not_moved_over_the_stack_of_its_starter() {
        let small = starts::<500>().map(|start| (start, true));
        let large = starts::<100_000>().map(|start| (start, false));
        for (start, is_in_place) in small.into_iter().chain(large) {
            let mut instance = start.future(ChildId::new(6), ());
            assert_eq!(instance.label(), ChildId::new(6));
            // The size is that of the allocation: it contains a small future, and a pointer to a
            // large one.
            let size = size_of_val(&*instance);
            assert!(size < 2 * LARGE && (size > 500) == is_in_place, "{size}");
            let exit = std::future::poll_fn(|cx| instance.as_mut().poll_exit(cx)).await;
            assert!(matches!(exit, Exit::Normal));
        }
    }

    #[test]
    fn the_start_function_is_called_by_the_first_poll() {
        let mut instance =
            Arc::new(|()| -> Result<std::future::Ready<()>, Exit> { Err(Exit::Killed) })
                .future(ChildId::new(0), ());
        let mut cx = Context::from_waker(Waker::noop());
        assert!(matches!(instance.as_mut().poll_exit(&mut cx), Poll::Ready(Exit::Killed)));
    }
}
