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
    fn new(context: ChildContext) -> Self {
        Self { context, waiting: Waiting::default() }
    }
}

impl ChildContext {
    /// Returns a future like that of [`cancelled`](Self::cancelled), which borrows nothing. It is meant for
    /// code that takes a future, such as `with_graceful_shutdown` of `axum::serve`.
    ///
    /// A [`CancellationToken`](tokio_util::sync::CancellationToken) has a method of this name too.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    ///
    /// /// Stands for a server that stops when a future completes.
    /// async fn serve(stop: impl Future<Output = ()> + Send + 'static) {
    ///     stop.await;
    /// }
    ///
    /// async fn server(ctx: ChildContext) {
    ///     serve(ctx.cancelled_owned()).await;
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .child("server", server)
    ///     .start();
    /// # tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    /// app.shutdown().await
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// The future is cancel safe and [`Unpin`]. A dropped future leaves nothing behind.
    #[must_use = "a future does nothing unless it is polled"]
    pub fn cancelled_owned(&self) -> CancelledOwned {
        CancelledOwned::new(self.clone())
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
