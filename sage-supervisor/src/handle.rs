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
/// has ended still gives its result.
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
    /// aborted when its shutdown time is over. It can spawn a task that does.
    ///
    /// # Errors
    ///
    /// Those of [`RunningSupervisor::wait`](crate::RunningSupervisor::wait).
    ///
    /// # Cancel safety
    ///
    /// Once polled, the stop goes on even if this future is dropped.
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

    /// Waits until the tree has ended, and gives its result.
    ///
    /// # Errors
    ///
    /// Those of [`RunningSupervisor::wait`](crate::RunningSupervisor::wait).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn wait(&self) -> SageResult<()> {
        match self.ending.clone().wait_for(Option::is_some).await {
            Ok(result) => result.clone().expect("it was waited for"),
            Err(_) => Err(SageError::RuntimeShutdown),
        }
    }

    /// Whether the tree has ended.
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
