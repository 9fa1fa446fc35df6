//! Remote control of a tree that runs.

use std::fmt;
use std::sync::Arc;

use tokio::sync::watch;

use crate::engine::Scope;
use crate::error::{SageError, SageResult};

/// What the tree has ended with, once it has.
pub(crate) type Ending = watch::Receiver<Option<SageResult<()>>>;

/// Remote control of a tree that runs: cheap to clone, and it owns nothing.
///
/// A tree ends when its owner is dropped, however many handles there are. A handle of a tree that
/// has ended still gives its result. [`RunningSupervisor::handle`] gives one.
///
/// [`RunningSupervisor::handle`]: crate::RunningSupervisor::handle
#[derive(Clone)]
pub struct SupervisorHandle {
    /// `None`: it never began.
    scope: Option<Arc<Scope>>,
    ending: Ending,
}

impl SupervisorHandle {
    pub(crate) fn new(scope: Option<Arc<Scope>>, ending: Ending) -> Self {
        Self { scope, ending }
    }

    /// Stops the tree in order, the last child first, and waits until it has ended. One that has
    /// ended gives its result at once.
    ///
    /// A child must not wait for this on its own tree: it would wait for its own end, and be
    /// aborted when its shutdown time is over, with [`Shutdown::Infinity`] never. It can spawn a
    /// task that does.
    ///
    /// # Examples
    ///
    /// A maintenance window, in a task that does not own the tree:
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    /// use std::time::Duration;
    /// use tokio::time::{Instant, sleep};
    ///
    /// async fn listener(ctx: ChildContext) {
    ///     ctx.cancelled().await;
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let began = Instant::now();
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .child("listener", listener)
    ///     .start();
    /// let handle = app.handle();
    /// tokio::spawn(async move {
    ///     sleep(Duration::from_secs(3600)).await;
    ///     handle.shutdown().await
    /// });
    /// app.wait().await?;
    /// assert_eq!(began.elapsed().as_secs(), 3600);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`RunningSupervisor::wait`].
    ///
    /// # Cancel safety
    ///
    /// Once polled, the stop goes on even if this future is dropped.
    ///
    /// [`RunningSupervisor::wait`]: crate::RunningSupervisor::wait
    /// [`Shutdown::Infinity`]: crate::Shutdown::Infinity
    pub async fn shutdown(&self) -> SageResult<()> {
        self.request_shutdown();
        self.wait().await
    }

    pub(crate) fn request_shutdown(&self) {
        if let Some(scope) = &self.scope {
            scope.stop();
        }
    }

    /// Aborts everything at once.
    pub(crate) fn request_kill(&self) {
        if let Some(scope) = &self.scope {
            scope.kill();
        }
    }

    /// Waits until the tree has ended, and gives its result. That can be asked for again.
    ///
    /// # Examples
    ///
    /// Waiting for a while only, without an end to the tree:
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    /// use std::time::Duration;
    /// use tokio::time::timeout;
    ///
    /// async fn listener(ctx: ChildContext) {
    ///     ctx.cancelled().await;
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .child("listener", listener)
    ///     .start();
    /// let handle = app.handle();
    /// assert!(timeout(Duration::from_secs(60), handle.wait()).await.is_err());
    /// assert!(!handle.has_ended());
    ///
    /// app.shutdown().await?;
    /// assert!(handle.has_ended());
    /// handle.wait().await
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`RunningSupervisor::wait`].
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    ///
    /// [`RunningSupervisor::wait`]: crate::RunningSupervisor::wait
    pub async fn wait(&self) -> SageResult<()> {
        match self.ending.clone().wait_for(Option::is_some).await {
            Ok(result) => result.clone().expect("it was waited for"),
            Err(_) => Err(SageError::RuntimeShutdown),
        }
    }

    /// Whether the tree has ended. [`wait`](Self::wait) has an example.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.ending.borrow().is_some() || self.ending.has_changed().is_err()
    }
}

impl fmt::Debug for SupervisorHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SupervisorHandle").field("has_ended", &self.has_ended()).finish()
    }
}
