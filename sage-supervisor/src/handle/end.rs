//! The shutdown of a supervisor with a reason, and the report on its end.

use std::pin::pin;
use std::sync::Arc;

use super::{SupervisorHandle, Target};
use crate::child::ChildContext;
use crate::contain::with_contained_waker;
use crate::error::{SageError, SageResult};
use crate::report::{Draft, Report, Requester, ShutdownRequest};

impl SupervisorHandle {
    /// Stops the supervisor like [`shutdown`](Self::shutdown), and gives a reason.
    ///
    /// The reason is in the [`Report`] on the end, and in the event of the request. Of several
    /// requesters, the first is named.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
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
    /// handle.shutdown_because("a new version is there").await?;
    /// let report = handle.report().expect("it has ended");
    /// assert_eq!(report.cause.to_string(), "asked through a handle: a new version is there");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`shutdown`](Self::shutdown). A requested shutdown is not an error.
    ///
    /// # Cancel safety
    ///
    /// Once polled, the shutdown goes on even if this future is dropped.
    pub async fn shutdown_because(&self, reason: impl Into<String>) -> SageResult<()> {
        self.ask_to_end(Some(reason.into())).await
    }

    /// Returns the report on the end of the supervisor; `None` if it has not ended.
    ///
    /// A nested supervisor that is restarted has a report for each of its runs. The report is about the
    /// run that this handle belongs to.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, EndCause, RestartConfig, Strategy, Supervisor};
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
    /// assert!(handle.report().is_none());
    ///
    /// app.shutdown().await?;
    /// let report = handle.report().expect("it has ended");
    /// assert!(matches!(report.cause, EndCause::Requested { .. }));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn report(&self) -> Option<Report> {
        match &self.target {
            Target::Scope(scope) => scope.outcome().get().map(|draft| draft.write_out()),
            Target::NotStarted(draft) => Some(draft.write_out()),
        }
    }

    /// Waits until the supervisor has ended, and returns its report.
    pub(crate) async fn ending(&self) -> Arc<Draft> {
        let scope = match &self.target {
            Target::Scope(scope) => scope,
            Target::NotStarted(draft) => return Arc::clone(draft),
        };
        // `wait_for` looks at the present value first, so an end that has happened already is not
        // missed.
        let mut ending = scope.outcome().listen();
        let over = pin!(ending.wait_for(Option::is_some));
        match with_contained_waker(over).await.map(|draft| draft.clone()) {
            Ok(Some(draft)) => draft,
            // `scope` holds the sender, so the channel is not closed.
            Ok(None) | Err(_) => unreachable!("the wait ends with a report"),
        }
    }

    pub(super) async fn ask_to_end(&self, reason: Option<String>) -> SageResult<()> {
        let by = match (&self.target, &self.caller) {
            (Target::Scope(_), Some(child)) => {
                Requester::Child { path: child.home.lineage().join(&child.name) }
            }
            _ => Requester::Handle,
        };
        self.request_shutdown(by, reason);
        // A child that waited here would wait for the end of its supervisor, which waits for the
        // child.
        if self.caller.is_some() {
            return Ok(());
        }
        self.ending().await.head().result().map_err(SageError::clone)
    }
}

impl ChildContext {
    /// Requests the shutdown of the child's own supervisor, and gives a reason.
    ///
    /// The call returns at once. The child is asked to stop in its turn, and should go on until then.
    ///
    /// The supervisor stops in order and ends normally: a requested shutdown is not a failure. For its
    /// parent, a nested supervisor has then exited normally, and its restart policy decides: a transient
    /// supervisor, which is the default, stays down, and a permanent one is started again. To end the
    /// whole tree, use [`shutdown_tree`](Self::shutdown_tree).
    ///
    /// The requester and the reason are in the [`Report`] of that supervisor and in the event of the
    /// request. Of several requesters, the first is named. A supervisor that is ending already goes on
    /// with the end that it has begun.
    ///
    /// # Examples
    ///
    /// When the reader sees the end of its input, it ends all tasks of the connection:
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    ///
    /// async fn reader(ctx: ChildContext) {
    ///     ctx.shutdown_supervisor("the peer hung up");
    ///     ctx.cancelled().await;
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
    /// assert!(report.result().is_ok());
    /// let why = "asked by child `session/reader`: the peer hung up";
    /// assert_eq!(report.cause.to_string(), why);
    /// # }
    /// ```
    pub fn shutdown_supervisor(&self, reason: impl Into<String>) {
        self.scope().stop(Some(self.request(reason.into())));
        self.scope().hand_over();
    }

    /// Requests the shutdown of the whole tree, and gives a reason.
    ///
    /// The call returns at once. The child is asked to stop in its turn, and should go on until then.
    /// Otherwise the method behaves like [`shutdown_supervisor`](Self::shutdown_supervisor). [`Report`]
    /// has an example.
    pub fn shutdown_tree(&self, reason: impl Into<String>) {
        let tree = self.scope().top();
        tree.stop(Some(self.request(reason.into())));
        tree.hand_over();
    }

    fn request(&self, reason: String) -> ShutdownRequest {
        ShutdownRequest { by: Requester::Child { path: self.path() }, reason: Some(reason) }
    }
}
