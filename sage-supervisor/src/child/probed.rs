//! The future of an instance that has a probe.

use std::pin::Pin;
use std::task::{Context, Poll};

use super::context::ChildContext;
use super::future::{BoxInstanceFuture, InstanceFuture};
use crate::exit::Exit;
use crate::scope::ChildId;

/// Puts the probe of this context around the future of an instance, if the context has one.
pub(crate) fn probed(
    future: BoxInstanceFuture<ChildId>,
    context: &ChildContext,
) -> BoxInstanceFuture<ChildId> {
    match context.probe() {
        None => future,
        Some(_) => Box::pin(Probed { context: context.clone(), future }),
    }
}

/// The future of an instance that has a probe.
struct Probed {
    context: ChildContext,
    future: BoxInstanceFuture<ChildId>,
}

impl InstanceFuture<ChildId> for Probed {
    fn label(&self) -> ChildId {
        self.future.label()
    }

    fn poll_exit(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Exit> {
        let this = &mut *self;
        let is_answer = this.context.probe().is_some_and(|probe| probe.begin(Some(cx.waker())));
        // If the poll panics, the instance is dropped at once, which is a part of its run as well.
        let exit = this.future.as_mut().poll_exit(cx);
        if let Some(probe) = this.context.probe() {
            probe.end(is_answer);
        }
        exit
    }
}

impl Drop for Probed {
    /// Notes that the destructors of the child run from here on.
    fn drop(&mut self) {
        if let Some(probe) = self.context.probe() {
            probe.begin(None);
        }
    }
}
