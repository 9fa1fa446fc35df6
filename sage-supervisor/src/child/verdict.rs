//! The ways in which a child says that no restart can help it.

use super::context::ChildContext;
use crate::error::{FailureScope, keep};
use crate::exit::BoxError;

impl ChildContext {
    /// Ends this child for good, with an error that no restart can help: a wrong password, a missing table.
    /// The child alone is given up. Its siblings go on, under every strategy.
    ///
    /// The call returns at once, and takes effect at once: the instance is asked to stop, and has its
    /// shutdown time to return. The error is its exit, whatever it returns then, also if it panics. A child
    /// that may return an error anyway can return `Ok(())` after the call. The restart is not counted
    /// anywhere, because there is none.
    ///
    /// The child is down in the state [`GivenUp`](crate::ChildState::GivenUp) after that, like one that has
    /// exceeded its own [restart limit](crate::ChildSpec::restart_limit): it can be started by hand, and
    /// starts again with its group. A supervisor that ends while the child is given up ends with
    /// [`SageError::Final`](crate::SageError::Final), never with `Ok`; a
    /// [`DynamicSupervisor`](crate::DynamicSupervisor) forgets the child, and the event tells of it. A child
    /// that is not ready yet has failed to start for the caller of
    /// [`start_child`](crate::SupervisorHandle::start_child), and its siblings are started all the same.
    ///
    /// An instance that has been asked to stop before keeps the error as its exit, and nothing else follows
    /// from it. The first call of an instance counts. A call after the end of the instance does nothing.
    ///
    /// [`give_up_if`](crate::ChildSpec::give_up_if) declares the same for an error that the child returns.
    /// (It is like `RestartPreventExitStatus` of systemd. Erlang/OTP has no counterpart.)
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, ChildState, RestartConfig, Strategy, Supervisor};
    ///
    /// async fn mailer(ctx: ChildContext) {
    ///     ctx.give_up("the password is wrong");
    /// }
    ///
    /// async fn web(ctx: ChildContext) {
    ///     ctx.cancelled().await;
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let app = Supervisor::new(Strategy::OneForAll, RestartConfig::default())
    ///     .child("mailer", mailer)
    ///     .child("web", web)
    ///     .start();
    /// # tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    /// let handle = app.handle();
    /// assert_eq!(handle.child("mailer").await?.state, ChildState::GivenUp);
    /// assert_eq!(handle.child("web").await?.restarts, 0);
    ///
    /// let error = app.shutdown().await.unwrap_err();
    /// assert_eq!(format!("{error:#}"), "child `root/mailer` gave up: error: the password is wrong");
    /// # Ok(())
    /// # }
    /// ```
    pub fn give_up(&self, error: impl Into<BoxError> + 'static) {
        self.end_with(FailureScope::Child, keep(error));
    }

    /// Ends the supervisor of this child with an error, as if its restart limit were exceeded.
    ///
    /// The call returns at once, and takes effect at once: the instance is asked to stop as by
    /// [`give_up`](Self::give_up), and the supervisor stops all its children in order and ends with
    /// [`SageError::Final`](crate::SageError::Final). For its parent it is a child that has failed, so its
    /// restart policy decides, and a restart of it counts there. To end the whole tree, use
    /// [`fail_tree`](Self::fail_tree); to end without a failure,
    /// [`shutdown_supervisor`](Self::shutdown_supervisor).
    ///
    /// A supervisor that is ending already ends with the error too, unless it had an error before.
    ///
    /// # Examples
    ///
    /// A session whose connection is gone is built anew, with its reader and its writer:
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, EndCause, RestartConfig, Strategy, Supervisor};
    ///
    /// async fn reader(ctx: ChildContext) {
    ///     ctx.fail_supervisor("the peer speaks another protocol");
    /// }
    ///
    /// async fn writer(ctx: ChildContext) {
    ///     ctx.cancelled().await;
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let mut session = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .name("session")
    ///     .child("writer", writer)
    ///     .child("reader", reader);
    /// let report = session.run_with_report().await;
    /// assert!(matches!(report.cause, EndCause::FinalError { .. }));
    /// let error = report.into_result().unwrap_err();
    /// assert_eq!(error.to_string(), "child `session/reader` failed its supervisor: error");
    /// # }
    /// ```
    pub fn fail_supervisor(&self, error: impl Into<BoxError> + 'static) {
        self.end_with(FailureScope::Supervisor, keep(error));
    }

    /// Ends the whole tree with an error.
    ///
    /// The call returns at once. The instance is asked to stop as by [`give_up`](Self::give_up), the tree
    /// stops in order, and neither this child nor a supervisor above it is restarted. The result is
    /// [`SageError::Final`](crate::SageError::Final), with the path of the child and this error as its
    /// source, and [`run_main`](crate::Supervisor::run_main) exits with 1. A tree that is being shut down
    /// already ends with the error too, unless it had an error before: the result is never `Ok`. To end the
    /// tree without a failure, use [`shutdown_tree`](Self::shutdown_tree).
    ///
    /// # Examples
    ///
    /// An error that a restart may help is returned, and one that it cannot help ends the program:
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    /// use std::error::Error;
    /// use std::io;
    ///
    /// async fn connect(attempt: u64) -> io::Result<()> {
    /// #   Err(if attempt < 2 { io::ErrorKind::ConnectionRefused } else { io::ErrorKind::InvalidInput }.into())
    /// }
    ///
    /// async fn client(ctx: ChildContext) -> io::Result<()> {
    ///     match connect(ctx.restarts()).await {
    ///         Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
    ///             ctx.fail_tree(error);
    ///             Ok(())
    ///         }
    ///         other => other,
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let mut app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .child("client", client);
    /// let error = app.run().await.unwrap_err();
    /// assert!(error.source().unwrap().is::<io::Error>());
    /// # }
    /// ```
    pub fn fail_tree(&self, error: impl Into<BoxError> + 'static) {
        self.end_with(FailureScope::Tree, keep(error));
    }
}
