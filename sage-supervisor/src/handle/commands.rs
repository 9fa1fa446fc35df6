//! The commands of a handle: start, stop, restart and remove children, and look at them.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::oneshot;

use super::{SupervisorHandle, Target};
use crate::child::ChildSpec;
use crate::child::{Command, Operation, Request, Scope, Start};
use crate::command::{ChildStatus, CommandError, Counts};
use crate::scope::Reply;

impl SupervisorHandle {
    /// Starts a child that is not declared, as the last one in order.
    ///
    /// The child is a full member of the supervisor until the supervisor itself is restarted: then only
    /// the declared children are started again. A temporary child is forgotten when it has ended.
    ///
    /// The call returns when the child is up. A child is up as soon as it is started, or, if it declares
    /// readiness, when it is [ready](crate::ChildContext::ready). While the supervisor itself is
    /// starting or is restarting a group, the new child waits until the others have been started.
    ///
    /// # Errors
    ///
    /// The errors of the [table](Self#commands), [`CommandError::Invalid`] if the spec breaks a
    /// rule, and [`CommandError::FailedStart`] if the start fails. A child whose start has failed
    /// is forgotten.
    ///
    /// # Cancel safety
    ///
    /// Once polled, the child is started even if this future is dropped.
    pub async fn start_child(&self, spec: ChildSpec) -> Result<(), CommandError> {
        self.start_child_below("", spec).await
    }

    /// Starts a child like [`start_child`](Self::start_child), in the nested supervisor at `path`.
    ///
    /// A dynamic supervisor derives the name of the child from the name of the spec;
    /// [its own method](crate::DynamicSupervisor::start_child) returns that name.
    ///
    /// # Errors
    ///
    /// The errors of [`start_child`](Self::start_child), and [`CommandError::NotFound`] if there is no
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
            // A start under a generated name is by far the most frequent command, and is sent
            // without a path or a box.
            None => Command::Start { spec, is_shared, reply },
            name => {
                let operation = Operation::Start(Start { name, spec, is_shared }, reply);
                Request { path: Vec::new(), operation }.into()
            }
        }))
    }

    /// Stops a child by its shutdown setting, and waits until it has ended.
    ///
    /// The child stays down until it is started by hand, or with its group, and keeps its supervisor up
    /// meanwhile. A restart of the child that is pending is cancelled.
    ///
    /// # Errors
    ///
    /// The errors of the [table](Self#commands).
    ///
    /// # Cancel safety
    ///
    /// Once polled, the child is stopped even if this future is dropped.
    pub async fn stop_child(&self, path: &str) -> Result<(), CommandError> {
        self.ask_about(path, Operation::Stop).await
    }

    /// Stops a child and starts it again, as one command. A child that is down is started, even if
    /// it was stopped by hand.
    ///
    /// This restart does not count for a restart limit. A nested supervisor is built anew from its
    /// declaration. A child whose group is being restarted is started together with the group.
    ///
    /// # Errors
    ///
    /// The errors of the [table](Self#commands), [`CommandError::StartsOnce`], and
    /// [`CommandError::FailedStart`] if the start fails. A failed start is not retried: the child stays
    /// down. (A start together with the group is retried with the group.)
    ///
    /// # Cancel safety
    ///
    /// Once polled, the child is restarted even if this future is dropped.
    pub async fn restart_child(&self, path: &str) -> Result<(), CommandError> {
        self.ask_about(path, Operation::Restart).await
    }

    /// Removes a child that is down. Its supervisor forgets the child until the supervisor itself is
    /// restarted.
    ///
    /// # Errors
    ///
    /// The errors of the [table](Self#commands).
    ///
    /// # Cancel safety
    ///
    /// Once polled, the child is removed even if this future is dropped.
    pub async fn remove_child(&self, path: &str) -> Result<(), CommandError> {
        self.ask(path, Operation::Remove).await.map(drop)
    }

    /// Returns the status of a child at this moment.
    ///
    /// # Errors
    ///
    /// [`CommandError::NotFound`] if there is no such child, and [`CommandError::NotRunning`] or
    /// [`CommandError::Restarting`] if the supervisor of the child is down.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn child(&self, path: &str) -> Result<ChildStatus, CommandError> {
        self.ask(path, Operation::Look).await
    }

    /// Returns the spec of a child, with the name and the settings that it was declared with.
    ///
    /// A [`DynamicSupervisor`](crate::DynamicSupervisor) accepts the spec as a template. (Erlang/OTP has
    /// `get_childspec` for this.)
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
    /// The errors of [`child`](Self::child).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn spec(&self, path: &str) -> Result<Arc<ChildSpec>, CommandError> {
        self.ask(path, Operation::Spec).await
    }

    /// Returns the status of all children of this supervisor at this moment, in start order.
    ///
    /// # Errors
    ///
    /// [`CommandError::NotRunning`] if the supervisor has ended.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn children(&self) -> Result<Vec<ChildStatus>, CommandError> {
        self.children_below("").await
    }

    /// Returns the status of all children like [`children`](Self::children), for the nested supervisor
    /// at `path`.
    ///
    /// # Errors
    ///
    /// [`CommandError::NotFound`] if there is no such supervisor, and [`CommandError::NotRunning`] or
    /// [`CommandError::Restarting`] if it is down.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn children_below(&self, path: &str) -> Result<Vec<ChildStatus>, CommandError> {
        // Others may have asked at the same moment, and share the answer.
        self.ask(path, Operation::Children).await.map(Arc::unwrap_or_clone)
    }

    /// Counts the children of this supervisor at this moment.
    ///
    /// # Errors
    ///
    /// [`CommandError::NotRunning`] if the supervisor has ended.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn counts(&self) -> Result<Counts, CommandError> {
        self.counts_below("").await
    }

    /// Counts the children like [`counts`](Self::counts), for the nested supervisor at `path`.
    ///
    /// # Errors
    ///
    /// The errors of [`children_below`](Self::children_below).
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

    /// Sends a command about the child or supervisor at `path`.
    fn request<T>(
        &self,
        path: &str,
        operation: impl FnOnce(Reply<T>) -> Operation,
    ) -> Result<Answer<T>, CommandError> {
        let Target::Scope(scope) = &self.target else { return Err(CommandError::NotRunning) };
        let (scope, path) = match path.strip_prefix('/') {
            None => (&**scope, path),
            // A path from the root starts with the root's own name.
            Some(path) => {
                let root = scope.top();
                let (name, below) = path.split_once('/').unwrap_or((path, ""));
                if name != root.lineage().name() || path.ends_with('/') {
                    return Err(CommandError::NotFound);
                }
                (root, below)
            }
        };
        // The names are reversed: each supervisor on the way down pops one from the end. No child has an
        // empty name, so a path with a superfluous slash finds nothing.
        let names = path.split('/').rev().map(str::to_owned);
        let path = if path.is_empty() { Vec::new() } else { names.collect() };
        Ok(send(scope, |reply| Request { path, operation: operation(reply) }.into()))
    }

    /// Returns whether `path` is that of the caller, the child that got this handle from its own
    /// context, or of a supervisor above it.
    fn names_caller(&self, path: &str) -> bool {
        match (&self.target, &self.caller, path.strip_prefix('/')) {
            (Target::Scope(scope), Some(caller), Some(path)) => {
                let own = scope.lineage().join(caller);
                // The slash is needed: `/shop/a` is not above `/shop/ab`.
                own.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
            // A relative path leads down from the supervisor of the caller. It can name the caller, but
            // no supervisor above.
            (_, caller, None) => caller.as_deref() == Some(path),
            _ => false,
        }
    }

    /// Sends a command that may end the caller. In that case the command is not waited for, because the
    /// caller cannot wait for its own end.
    async fn ask_about(
        &self,
        path: &str,
        operation: impl FnOnce(Reply) -> Operation,
    ) -> Result<(), CommandError> {
        let mut answer = self.request(path, operation)?;
        if let Target::Scope(scope) = &self.target {
            scope.hand_over();
        }
        if !self.names_caller(path) {
            return answer.await.map(drop);
        }
        // The command was sent by `request`. One poll returns an answer that is there already.
        std::future::poll_fn(|cx| match Pin::new(&mut answer).poll(cx) {
            Poll::Ready(answer) => Poll::Ready(answer.map(drop)),
            // The engine carries the command out even if nobody waits for the answer.
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

/// The pending answer to a command.
pub(crate) struct Answer<T = Arc<str>>(oneshot::Receiver<Result<T, CommandError>>);

impl<T> Future for Answer<T> {
    type Output = Result<T, CommandError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // The supervisor has ended if it dropped the sender without an answer.
        Pin::new(&mut self.0).poll(cx).map(|answer| answer.unwrap_or(Err(CommandError::NotRunning)))
    }
}
