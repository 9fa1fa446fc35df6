//! Children that are given back when their start is refused.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use super::{DynamicSpec, DynamicSupervisor};
use crate::child::OnceChild;
use crate::command::CommandError;
use crate::scope::Place;

/// A start that was refused, with the child that was not started.
///
/// The child is given back as long as its start function has not been called, whoever refused the start.
/// Only a child that did begin, and whose start failed then, is gone. (`tokio::sync::mpsc` has a
/// `SendError<T>` with the same purpose.)
pub struct StartError<T> {
    error: CommandError,
    child: Option<T>,
}

impl<T> StartError<T> {
    pub(crate) fn new(error: CommandError, child: Option<T>) -> Self {
        Self { error, child }
    }

    /// The reason for which the child was not started.
    #[must_use]
    pub fn error(&self) -> &CommandError {
        &self.error
    }

    /// Returns the reason, and drops the child.
    #[must_use]
    pub fn into_error(self) -> CommandError {
        self.error
    }

    /// Returns the child, or `None` if its start function was called.
    #[must_use]
    pub fn into_inner(self) -> Option<T> {
        self.child
    }

    /// Returns the reason and the child.
    #[must_use]
    pub fn into_parts(self) -> (CommandError, Option<T>) {
        (self.error, self.child)
    }
}

impl<T> fmt::Debug for StartError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StartError").field("error", &self.error).finish_non_exhaustive()
    }
}

impl<T> fmt::Display for StartError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<T> Error for StartError<T> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

#[diagnostic::do_not_recommend]
impl<T> From<StartError<T>> for CommandError {
    fn from(refused: StartError<T>) -> Self {
        refused.error
    }
}

impl DynamicSupervisor {
    /// Starts a child that is started only once, and gives it back if it is refused. Otherwise the
    /// method is [`start_child`](Self::start_child).
    ///
    /// # Examples
    ///
    /// A connection that outlives the refusal:
    ///
    /// ```
    /// use sage_supervisor::{DynamicSupervisor, OnceChild};
    /// # use tokio::sync::oneshot;
    /// # fn connect() -> (oneshot::Sender<()>, oneshot::Receiver<()>) { oneshot::channel() }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sessions = DynamicSupervisor::new().max_children(1);
    /// let running = sessions.clone().start();
    /// sessions.start_once(OnceChild::new("session", async |ctx| ctx.cancelled().await)).await?;
    ///
    /// let (socket, _client) = connect();
    /// let second = OnceChild::new("session", async move |_| drop(socket));
    /// let refused = sessions.start_once(second).await.unwrap_err();
    /// assert!(refused.to_string().contains("has 1 children, which is its maximum"));
    ///
    /// let second = refused.into_inner().expect("it has not begun");
    /// sessions.stop_child("session-1").await?;
    /// sessions.start_once(second).await?;
    /// running.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`start_child`](Self::start_child), with the child.
    ///
    /// # Cancel safety
    ///
    /// Once the future has been polled, the child is started even if the future is dropped.
    pub async fn start_once(&self, child: OnceChild) -> Result<String, StartError<OnceChild>> {
        self.start_once_in(None, child, None).await
    }

    /// Starts a child like [`start_once`](Self::start_once), under the given name.
    ///
    /// # Errors
    ///
    /// The errors of [`start_named`](Self::start_named), with the child.
    ///
    /// # Cancel safety
    ///
    /// Once the future has been polled, the child is started even if the future is dropped.
    pub async fn start_named_once(
        &self,
        name: impl Into<String>,
        child: OnceChild,
    ) -> Result<(), StartError<OnceChild>> {
        self.start_once_in(Some(name.into()), child, None).await.map(drop)
    }

    pub(crate) async fn start_once_in(
        &self,
        name: Option<String>,
        child: OnceChild,
        place: Option<Place>,
    ) -> Result<String, StartError<OnceChild>> {
        let spec = Arc::new(child.into_spec());
        let started = DynamicSpec { spec: Arc::clone(&spec), is_shared: false };
        let refused = |error| StartError::new(error, OnceChild::take_back(&spec));
        self.start_as(name, started, place).await.map_err(refused)
    }
}
