//! The future of a request to stop that borrows nothing.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::context::ChildContext;
use super::stop::Waiting;

/// The future of [`ChildContext::cancelled_owned`], which completes when the instance is asked to stop, or
/// when its supervisor learns of its end.
#[must_use = "a future does nothing unless it is polled"]
pub struct CancelledOwned {
    context: ChildContext,
    waiting: Waiting,
}

impl CancelledOwned {
    pub(super) fn new(context: ChildContext) -> Self {
        Self { context, waiting: Waiting::default() }
    }
}

impl Future for CancelledOwned {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { context, waiting } = &mut *self;
        waiting.poll(context.stop_signal(), cx)
    }
}

impl Drop for CancelledOwned {
    fn drop(&mut self) {
        let Self { context, waiting } = self;
        waiting.leave(context.stop_signal());
    }
}

impl fmt::Debug for CancelledOwned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CancelledOwned").field(&self.context).finish()
    }
}
