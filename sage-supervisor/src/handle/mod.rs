//! Remote control of a tree that runs.

mod watch;

use std::fmt;
use std::sync::Arc;

use std::task::Poll;

use tokio::sync::oneshot;

use crate::child::{ChildContext, ChildSpec};
use crate::command::{ChildStatus, CommandError, Counts};
use crate::engine::{Line, Operation, Reply, Request, Scope, Start};
use crate::error::{SageError, SageResult};
#[cfg(feature = "signal")]
use crate::event;

/// Remote control of a supervisor that runs: cheap to clone, and it owns nothing.
///
/// A tree ends when its owner is dropped, however many handles there are. A handle of one that has
/// ended still gives its result, and answers every command with [`CommandError::NotRunning`].
///
/// Children are addressed by name, or by a path such as `storage/writer` into nested supervisors.
/// The address stays valid when what it names is restarted, or what is above it.
///
/// # Commands
///
/// | call | starting, running | stopped, finished | restarting | unresponsive | unknown |
/// |---|---|---|---|---|---|
/// | [`start_child`] | [`AlreadyRunning`] | [`AlreadyExists`] | [`AlreadyExists`] | [`AlreadyExists`] | started, last in order |
/// | [`stop_child`] | stopped, waited for | ok | cancelled, ok | [`Unresponsive`] | [`NotFound`] |
/// | [`restart_child`] | stopped and started, not counted | started | started with its group | [`Unresponsive`] | [`NotFound`] |
/// | [`remove_child`] | [`StillRunning`] | removed | [`Restarting`] | [`Unresponsive`] | [`NotFound`] |
///
/// Once polled, a command is carried out even if its future is dropped. A supervisor that has ended
/// answers [`NotRunning`]; so does a nested one that is down, or [`Restarting`] if it will come back.
///
/// What a child asks for through its own [context](crate::ChildContext::supervisor), and what
/// includes itself, returns once it is asked for: a child cannot wait for its own end.
///
/// # Examples
///
/// ```
/// use sage_supervisor::prelude::*;
///
/// async fn worker(ctx: ChildContext) {
///     ctx.cancelled().await;
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let pool = Supervisor::new(Strategy::OneForOne, RestartConfig::default()).keep_alive(true);
/// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default()).child("pool", pool);
/// let running = app.start();
/// let handle = running.handle();
/// # tokio::time::sleep(std::time::Duration::from_millis(1)).await;
///
/// handle.start_child_below("pool", ChildSpec::new("first", worker)).await?;
/// handle.restart_child("pool/first").await?;
/// handle.stop_child("pool/first").await?;
/// handle.remove_child("pool/first").await?;
/// running.shutdown().await?;
/// # Ok(())
/// # }
/// ```
///
/// [`start_child`]: Self::start_child
/// [`stop_child`]: Self::stop_child
/// [`restart_child`]: Self::restart_child
/// [`remove_child`]: Self::remove_child
/// [`AlreadyRunning`]: CommandError::AlreadyRunning
/// [`AlreadyExists`]: CommandError::AlreadyExists
/// [`StillRunning`]: CommandError::StillRunning
/// [`Restarting`]: CommandError::Restarting
/// [`Unresponsive`]: CommandError::Unresponsive
/// [`NotFound`]: CommandError::NotFound
/// [`NotRunning`]: CommandError::NotRunning
#[derive(Clone)]
pub struct SupervisorHandle {
    to: To,
    /// The name of the child whose own handle this is.
    caller: Option<Arc<str>>,
}

#[derive(Clone)]
enum To {
    Scope(Arc<Scope>),
    /// It never began.
    Failed(Box<SageError>),
}

impl SupervisorHandle {
    pub(crate) fn new(scope: Arc<Scope>) -> Self {
        Self { to: To::Scope(scope), caller: None }
    }

    pub(crate) fn failed(error: SageError) -> Self {
        Self { to: To::Failed(Box::new(error)), caller: None }
    }

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

    /// As [`start_child`](Self::start_child), in the nested supervisor at `path`.
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

    pub(crate) async fn start_dynamic(
        &self,
        name: Option<String>,
        spec: Arc<ChildSpec>,
        is_shared: bool,
    ) -> Result<String, CommandError> {
        let start = Start { name, spec, is_shared };
        let name = self.ask("", |reply| Operation::Start(start, reply)).await?;
        Ok(name.to_string())
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

    /// Stops a child and starts it again, as one command; starts it if it is down. That is not
    /// counted. A nested supervisor is built afresh from its declaration. One whose group is being
    /// restarted is started with that.
    ///
    /// # Errors
    ///
    /// Those of the [table](Self#commands); [`CommandError::FailedStart`], which is not retried: the
    /// child stays down. (What is started with its group is retried with that.)
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
        let To::Scope(scope) = &self.to else { return Err(CommandError::NotRunning) };
        let (reply, answer) = oneshot::channel();
        // Taken from its end, name by name, on the way down.
        let path = path.split('/').rev().filter(|name| !name.is_empty()).map(str::to_owned);
        scope.command(Request { path: path.collect(), operation: operation(Reply::new(reply)) });
        // It was dropped unanswered: the supervisor has ended.
        answer.await.unwrap_or(Err(CommandError::NotRunning))
    }

    /// The same for a command that may be the end of the caller, who cannot wait for that.
    async fn ask_about(
        &self,
        path: &str,
        operation: impl FnOnce(Reply) -> Operation,
    ) -> Result<(), CommandError> {
        let mut asking = std::pin::pin!(self.ask(path, operation));
        if self.caller.as_deref() != Some(path.trim_matches('/')) {
            return asking.await.map(drop);
        }
        std::future::poll_fn(|cx| match asking.as_mut().poll(cx) {
            Poll::Ready(answer) => Poll::Ready(answer.map(drop)),
            Poll::Pending => Poll::Ready(Ok(())),
        })
        .await
    }

    /// Stops the supervisor in order, the last child first, and waits until it has ended. One that
    /// has ended gives its result at once. A nested one is down then, by its own will; its parent
    /// starts it again if its policy says so.
    ///
    /// A child must not wait for this on a handle that it was given: it would wait for its own end,
    /// and be aborted when its shutdown time is over. With the handle of its own
    /// [context](crate::ChildContext::supervisor) it returns at once.
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
        if self.caller.is_some() {
            return Ok(());
        }
        self.wait().await
    }

    /// Tells the subscribers that a signal was heard.
    #[cfg(feature = "signal")]
    pub(crate) fn tell_signal(&self, number: i32) {
        if let To::Scope(scope) = &self.to {
            event::signalled(scope.stream(), scope.lineage(), number);
        }
    }

    pub(crate) fn request_shutdown(&self) {
        if let To::Scope(scope) = &self.to {
            scope.stop();
        }
    }

    /// Aborts everything at once.
    pub(crate) fn request_kill(&self) {
        if let To::Scope(scope) = &self.to {
            scope.kill();
        }
    }

    /// Waits until the supervisor has ended, and gives its result. That can be asked for again.
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
        let scope = match &self.to {
            To::Scope(scope) => scope,
            To::Failed(error) => return Err(SageError::clone(error)),
        };
        match scope.ending().wait_for(Option::is_some).await {
            Ok(result) => result.clone().expect("it was waited for"),
            Err(_) => Err(SageError::RuntimeShutdown),
        }
    }

    /// Whether the supervisor has ended. [`wait`](Self::wait) has an example.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        match &self.to {
            To::Scope(scope) => scope.ending().borrow().is_some(),
            To::Failed(_) => true,
        }
    }
}

impl ChildContext {
    /// The handle of the child's own supervisor, in its present run.
    ///
    /// A command that includes the child itself returns once it is asked for.
    #[must_use]
    pub fn supervisor(&self) -> SupervisorHandle {
        let line = self.uplink().as_any().downcast_ref::<Line>();
        let line = line.expect("contexts are made by the engine");
        let handle = SupervisorHandle::new(Arc::clone(line.scope()));
        SupervisorHandle { caller: Some(Arc::from(self.name())), ..handle }
    }
}

impl fmt::Debug for SupervisorHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SupervisorHandle")
            .field("has_ended", &self.has_ended())
            .finish_non_exhaustive()
    }
}
