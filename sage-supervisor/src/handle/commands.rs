//! What is asked for by hand.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::oneshot;

use super::{SupervisorHandle, Target};
use crate::child::ChildSpec;
use crate::command::{ChildStatus, CommandError, Counts};
use crate::engine::{Command, Operation, Reply, Request, Scope, Start};

impl SupervisorHandle {
    /// Starts a child that is not declared, last in order. It is a full member until the supervisor
    /// itself is restarted: then only what was declared comes back. A temporary one leaves nothing
    /// behind when it has ended.
    ///
    /// It returns when the child is up: at once, or when it is [ready](crate::ChildContext::ready)
    /// if it says so. While the supervisor itself is starting or restarting a group, it queues behind
    /// the others.
    ///
    /// # Errors
    ///
    /// Those of the [table](Self#commands); [`CommandError::Invalid`] if the spec breaks a rule, and
    /// [`CommandError::FailedStart`], which leaves nothing behind.
    ///
    /// # Cancel safety
    ///
    /// Once polled, the child is started even if this future is dropped.
    pub async fn start_child(&self, spec: ChildSpec) -> Result<(), CommandError> {
        self.start_child_below("", spec).await
    }

    /// As [`start_child`](Self::start_child), in the nested supervisor at `path`. A dynamic one makes
    /// a name of the spec's, which [its own method](crate::DynamicSupervisor::start_child) gives.
    ///
    /// # Errors
    ///
    /// Those of [`start_child`](Self::start_child), and [`CommandError::NotFound`] if there is no
    /// supervisor at that path.
    ///
    /// # Cancel safety
    ///
    /// Once polled, the child is started even if this future is dropped.
    pub async fn start_child_below(&self, path: &str, spec: ChildSpec) -> Result<(), CommandError> {
        let start = Start { name: None, spec: Arc::new(spec), is_shared: false };
        self.ask(path, |reply| Operation::Start(start, reply)).await.map(drop)
    }

    pub(crate) fn start_dynamic(
        &self,
        name: Option<String>,
        spec: Arc<ChildSpec>,
        is_shared: bool,
    ) -> Result<Answer, CommandError> {
        let Target::Scope(scope) = &self.target else { return Err(CommandError::NotRunning) };
        Ok(send(scope, |reply| match name {
            None => Command::Start { spec, is_shared, reply },
            name => {
                let operation = Operation::Start(Start { name, spec, is_shared }, reply);
                Request { path: Vec::new(), operation }.into()
            }
        }))
    }

    /// Stops a child by its shutdown setting, and waits until it has ended. It stays down until it is
    /// started by hand, or with its group, and keeps its supervisor up. A restart that is under way
    /// is cancelled.
    ///
    /// # Errors
    ///
    /// Those of the [table](Self#commands).
    ///
    /// # Cancel safety
    ///
    /// Once polled, the child is stopped even if this future is dropped.
    pub async fn stop_child(&self, path: &str) -> Result<(), CommandError> {
        self.ask_about(path, Operation::Stop).await
    }

    /// Stops a child and starts it again, as one command; starts it if it is down, also one that was
    /// stopped by hand. That is not
    /// counted. A nested supervisor is built afresh from its declaration. One whose group is being
    /// restarted is started with that.
    ///
    /// # Errors
    ///
    /// Those of the [table](Self#commands); [`CommandError::StartsOnce`];
    /// [`CommandError::FailedStart`], which is not retried: the child stays down. (What is started with its group is retried with that.)
    ///
    /// # Cancel safety
    ///
    /// Once polled, the child is restarted even if this future is dropped.
    pub async fn restart_child(&self, path: &str) -> Result<(), CommandError> {
        self.ask_about(path, Operation::Restart).await
    }

    /// Removes a child that is down: its supervisor forgets it until it is itself restarted.
    ///
    /// # Errors
    ///
    /// Those of the [table](Self#commands).
    ///
    /// # Cancel safety
    ///
    /// Once polled, the child is removed even if this future is dropped.
    pub async fn remove_child(&self, path: &str) -> Result<(), CommandError> {
        self.ask(path, Operation::Remove).await.map(drop)
    }

    /// A child at this moment.
    ///
    /// # Errors
    ///
    /// [`CommandError::NotFound`]; [`CommandError::NotRunning`] or [`CommandError::Restarting`] if
    /// the supervisor it is in is down.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn child(&self, path: &str) -> Result<ChildStatus, CommandError> {
        self.ask(path, Operation::Look).await
    }

    /// How a child was declared: its spec as it is, with its name and its settings. A
    /// [`DynamicSupervisor`](crate::DynamicSupervisor) takes it as a template. (Erlang/OTP's
    /// `get_childspec`.)
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Shutdown, Strategy, Supervisor};
    /// use std::time::Duration;
    ///
    /// async fn worker(ctx: ChildContext) {
    ///     ctx.cancelled().await;
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .child("worker", worker)
    ///     .start();
    /// let spec = app.handle().spec("worker").await?;
    /// assert_eq!(spec.shutdown_setting(), Shutdown::Timeout(Duration::from_secs(5)));
    /// app.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`child`](Self::child).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn spec(&self, path: &str) -> Result<Arc<ChildSpec>, CommandError> {
        self.ask(path, Operation::Spec).await
    }

    /// The children of this supervisor at this moment, in start order.
    ///
    /// # Errors
    ///
    /// [`CommandError::NotRunning`].
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn children(&self) -> Result<Vec<ChildStatus>, CommandError> {
        self.children_below("").await
    }

    /// As [`children`](Self::children), those of the nested supervisor at `path`.
    ///
    /// # Errors
    ///
    /// [`CommandError::NotFound`]; [`CommandError::NotRunning`] or [`CommandError::Restarting`] if
    /// it is down.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn children_below(&self, path: &str) -> Result<Vec<ChildStatus>, CommandError> {
        self.ask(path, Operation::Children).await
    }

    /// How many children this supervisor has at this moment.
    ///
    /// # Errors
    ///
    /// [`CommandError::NotRunning`].
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn counts(&self) -> Result<Counts, CommandError> {
        self.counts_below("").await
    }

    /// As [`counts`](Self::counts), of the nested supervisor at `path`.
    ///
    /// # Errors
    ///
    /// Those of [`children_below`](Self::children_below).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn counts_below(&self, path: &str) -> Result<Counts, CommandError> {
        self.ask(path, Operation::Count).await
    }

    /// Sends a command, and waits for the answer.
    async fn ask<T>(
        &self,
        path: &str,
        operation: impl FnOnce(Reply<T>) -> Operation,
    ) -> Result<T, CommandError> {
        self.request(path, operation)?.await
    }

    /// Sends a command to what is at `path`.
    fn request<T>(
        &self,
        path: &str,
        operation: impl FnOnce(Reply<T>) -> Operation,
    ) -> Result<Answer<T>, CommandError> {
        let Target::Scope(scope) = &self.target else { return Err(CommandError::NotRunning) };
        let (scope, path) = match path.strip_prefix('/') {
            None => (&**scope, path),
            Some(path) => {
                let root = scope.top();
                let (name, below) = path.split_once('/').unwrap_or((path, ""));
                if name != root.lineage().name() || path.ends_with('/') {
                    return Err(CommandError::NotFound);
                }
                (root, below)
            }
        };
        // Taken from its end, name by name, on the way down. No child has an empty name, so a path
        // with a slash too many leads nowhere.
        let names = path.split('/').rev().map(str::to_owned);
        let path = if path.is_empty() { Vec::new() } else { names.collect() };
        Ok(send(scope, |reply| Request { path, operation: operation(reply) }.into()))
    }

    /// Whether this is the path of the child whose own handle this is, or of what it is in.
    fn names_caller(&self, path: &str) -> bool {
        match (&self.target, &self.caller, path.strip_prefix('/')) {
            (Target::Scope(scope), Some(caller), Some(path)) => {
                let own = scope.lineage().join(caller);
                own.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
            (_, caller, None) => caller.as_deref() == Some(path),
            _ => false,
        }
    }

    /// The same for a command that may be the end of the caller, who cannot wait for that.
    async fn ask_about(
        &self,
        path: &str,
        operation: impl FnOnce(Reply) -> Operation,
    ) -> Result<(), CommandError> {
        let mut answer = self.request(path, operation)?;
        if !self.names_caller(path) {
            return answer.await.map(drop);
        }
        std::future::poll_fn(|cx| match Pin::new(&mut answer).poll(cx) {
            Poll::Ready(answer) => Poll::Ready(answer.map(drop)),
            Poll::Pending => Poll::Ready(Ok(())),
        })
        .await
    }
}

/// Sends a command to an engine.
fn send<T>(scope: &Scope, command: impl FnOnce(Reply<T>) -> Command) -> Answer<T> {
    let (reply, answer) = oneshot::channel();
    scope.command(command(Reply::new(reply)));
    Answer(answer)
}

/// The answer to a command that was sent.
pub(crate) struct Answer<T = Arc<str>>(oneshot::Receiver<Result<T, CommandError>>);

impl<T> Future for Answer<T> {
    type Output = Result<T, CommandError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // It was dropped unanswered: the supervisor has ended.
        Pin::new(&mut self.0).poll(cx).map(|told| told.unwrap_or(Err(CommandError::NotRunning)))
    }
}
