//! The span of an instance: every line that a child logs says which child it is.
//!
//! Invariants:
//!
//! 1. A span calls the `tracing` subscriber when it is created, entered, left and dropped. Each of these
//!    calls is contained, because a subscriber that panics must not look like a child that panics.
//! 2. An instance whose span nobody wants is not wrapped.
//! 3. A span is left before a panic of the child goes on, so that no destructor of a guard runs while a
//!    thread unwinds.

use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll};

use tracing::level_filters::LevelFilter;
use tracing::{Level, Span};

use super::future::{BoxInstanceFuture, InstanceFuture};
use crate::contain::{ChildPanic, Contained, contain};
use crate::exit::Exit;
use crate::lineage::Lineage;
use crate::scope::ChildId;

/// The span of one instance. Its destructor cannot unwind.
pub(crate) struct InstanceSpan(Contained<Span>);

impl InstanceSpan {
    /// Creates the span of an instance, unless no subscriber wants it.
    ///
    /// The span has no parent: otherwise the trace of whoever started the tree, or asked for a child,
    /// would not end before that child.
    #[inline]
    pub(crate) fn new(supervisor: &Lineage, child: &str, instance: u64) -> Option<Box<Self>> {
        // Without a subscriber an instance pays for this comparison only.
        let is_any_wanted = Level::ERROR <= LevelFilter::current();
        is_any_wanted.then(|| Self::create(supervisor, child, instance)).flatten()
    }

    #[cold]
    fn create(supervisor: &Lineage, child: &str, instance: u64) -> Option<Box<Self>> {
        // The level is the highest, so that no filter by level takes the span away from a line that
        // passes it.
        let span = contain(|| {
            tracing::error_span!(
                target: "sage_supervisor",
                parent: None,
                "child",
                path = %supervisor.join(child),
                instance,
            )
        });
        let span = span.ok().filter(|span| !span.is_disabled())?;
        Some(Box::new(Self(Contained::new(span))))
    }

    /// Runs code of the child inside the span. A panic of that code is returned as the error.
    pub(crate) fn within<R>(&self, f: impl FnOnce() -> R) -> Result<R, ChildPanic> {
        let entered = contain(|| self.0.get().enter());
        let result = contain(f);
        let _ = contain(|| drop(entered));
        result
    }
}

/// Puts an instance into its span, if it has one.
pub(crate) fn spanned(
    future: BoxInstanceFuture<ChildId>,
    span: Option<Box<InstanceSpan>>,
) -> BoxInstanceFuture<ChildId> {
    match span {
        None => future,
        Some(span) => Box::pin(Spanned { label: future.label(), future: Some(future), span }),
    }
}

/// The future of an instance inside its span.
struct Spanned {
    label: ChildId,
    /// Empty only while the destructor runs.
    future: Option<BoxInstanceFuture<ChildId>>,
    span: Box<InstanceSpan>,
}

impl InstanceFuture<ChildId> for Spanned {
    fn label(&self) -> ChildId {
        self.label
    }

    fn poll_exit(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Exit> {
        let Self { future, span, .. } = &mut *self;
        let future = future.as_mut().expect("only the destructor takes the future out");
        match span.within(|| future.as_mut().poll_exit(cx)) {
            Ok(polled) => polled,
            Err(panic) => Poll::Ready(Exit::Panic(panic)),
        }
    }
}

impl Drop for Spanned {
    /// Drops the future inside the span, because its destructors may log too.
    fn drop(&mut self) {
        let future = self.future.take();
        if let Err(panic) = self.span.within(|| drop(future)) {
            // The owner of the instance catches this panic, which is the exit of the child.
            resume_unwind(Box::new(panic));
        }
    }
}
