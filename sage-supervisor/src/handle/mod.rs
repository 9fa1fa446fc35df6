//! The remote control of a running supervisor.

mod commands;
mod end;
mod replace;
mod watch;

use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use crate::child::{ChildContext, Scope, WeakContext};
use crate::command::CommandError;
use crate::contain::with_contained_waker;
use crate::error::{SageError, SageResult};
#[cfg(feature = "signal")]
use crate::event::{self, Echo, SignalEffect};
use crate::report::{Draft, Report, Requester, ShutdownRequest};

/// The remote control of a running supervisor. A handle is cheap to clone, and owns nothing.
///
/// A tree ends when its owner is dropped, however many handles there are. The handle of a supervisor
/// that has ended still gives the result, and answers every command with
/// [`CommandError::NotRunning`].
///
/// Children are addressed by name, or by a path into nested supervisors such as `storage/writer`, both
/// relative to this supervisor. The path of a status, an event or a snapshot, which begins with the name
/// of the root, is an address too, such as `shop/storage/writer` or `/shop/storage/writer`. If this
/// supervisor has a child with the name of the root, only the form with the `/` in front is certain to
/// start at the root. An address stays valid when the child or a supervisor above it is restarted.
///
/// # One supervisor, or the whole tree
///
/// A handle is about one supervisor, the one at [`path`](Self::path), and so are its methods: a
/// [`shutdown`](Self::shutdown) of a nested supervisor ends that supervisor. Only [`tree`](Self::tree),
/// [`tree_events`](Self::tree_events) and addresses that begin at the root are about the whole tree. The
/// handle from [`root`](Self::root) is about the whole tree in all its methods, and so is the one that a
/// [`RunningSupervisor`](crate::RunningSupervisor) gives.
///
/// # Commands
///
/// | call | starting, running | stopped, finished | restarting | unresponsive | unknown |
/// |---|---|---|---|---|---|
/// | [`start_child`] | [`AlreadyRunning`] | [`AlreadyExists`] | [`AlreadyExists`] | [`AlreadyExists`] | started, last in order |
/// | [`stop_child`] | stopped, waited for | ok | cancelled, ok | [`Unresponsive`] | [`NotFound`] |
/// | [`restart_child`] | stopped and started, not counted | started | at once, with its group if it has one | [`Unresponsive`] | [`NotFound`] |
/// | [`replace_child`] | stopped, then started from the new spec | started from the new spec | at once, with its group if it has one | [`Unresponsive`] | [`NotFound`] |
/// | [`remove_child`] | [`StillRunning`] | removed | [`Restarting`] | [`Unresponsive`] | [`NotFound`] |
///
/// The columns are the states of the addressed child. Once polled, a command is carried out even if its
/// future is dropped. A command to a supervisor that has ended answers [`NotRunning`]. A command to a
/// nested supervisor that is down answers [`NotRunning`] too, or [`Restarting`] if it is about to be
/// started, for the first time or again. Every error says which path it is about, and what to do.
///
/// A child cannot wait for its own end. Therefore a command that a child sends through the handle of its
/// own [context](crate::ChildContext::supervisor), and that stops the child itself or a supervisor above
/// it, returns as soon as it is under way. Another command through that handle answers
/// [`WaitsForCaller`] if it would wait for the child itself, such as a start behind the child's own start;
/// it is then not carried out. A task that the child spawns, or another thread, can wait for such a command.
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
/// running.started().await?;
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
/// [`replace_child`]: Self::replace_child
/// [`remove_child`]: Self::remove_child
/// [`AlreadyRunning`]: CommandError::AlreadyRunning
/// [`AlreadyExists`]: CommandError::AlreadyExists
/// [`StillRunning`]: CommandError::StillRunning
/// [`Restarting`]: CommandError::Restarting
/// [`Unresponsive`]: CommandError::Unresponsive
/// [`NotFound`]: CommandError::NotFound
/// [`NotRunning`]: CommandError::NotRunning
/// [`WaitsForCaller`]: CommandError::WaitsForCaller
#[derive(Clone)]
pub struct SupervisorHandle {
    target: Target,
    /// The child from whose context this handle comes.
    caller: Option<Caller>,
}

/// A child that got a handle from its own context.
#[derive(Clone)]
struct Caller {
    name: Arc<str>,
    /// The scope of the child's own supervisor, which is not that of the handle if the handle is about
    /// the whole tree.
    home: Arc<Scope>,
    context: WeakContext,
}

#[derive(Clone)]
enum Target {
    Scope(Arc<Scope>),
    /// The supervisor was not started. The draft says why.
    NotStarted(Arc<Draft>),
}

impl SupervisorHandle {
    pub(crate) fn new(scope: Arc<Scope>) -> Self {
        Self { target: Target::Scope(scope), caller: None }
    }

    pub(crate) fn failed(report: Report) -> Self {
        Self { target: Target::NotStarted(Arc::new(report.into())), caller: None }
    }

    /// The path of the supervisor in its tree, such as `shop/storage`.
    #[must_use]
    pub fn path(&self) -> String {
        match &self.target {
            Target::Scope(scope) => scope.lineage().to_string(),
            Target::NotStarted(draft) => draft.head().root.path.clone(),
        }
    }

    /// Returns the handle of the root, so that a call is about the whole tree.
    ///
    /// # Examples
    ///
    /// A child that looks at the whole tree, and ends it:
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    ///
    /// async fn watcher(ctx: ChildContext) {
    ///     let (own, root) = (ctx.supervisor(), ctx.supervisor().root());
    ///     assert_eq!((own.path(), root.path()), ("shop/storage".into(), "shop".into()));
    ///     // On a handle from a context this does not wait for the end, which comes after the child's.
    ///     root.shutdown_because("the stock is empty").await.unwrap();
    ///     ctx.cancelled().await;
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let storage = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .child("watcher", watcher);
    /// let mut shop = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .name("shop")
    ///     .child("storage", storage);
    /// let report = shop.run_with_report().await;
    /// let why = "asked by child `shop/storage/watcher`: the stock is empty";
    /// assert_eq!(report.cause.to_string(), why);
    /// # report.into_result()
    /// # }
    /// ```
    #[must_use]
    pub fn root(&self) -> Self {
        let target = match &self.target {
            Target::Scope(scope) => Target::Scope(scope.root_of()),
            Target::NotStarted(draft) => Target::NotStarted(Arc::clone(draft)),
        };
        Self { target, caller: self.caller.clone() }
    }

    /// Stops the supervisor in order, the last child first, and waits until it has ended.
    ///
    /// A supervisor that has ended already gives its result at once. For a nested supervisor, a shutdown
    /// is a normal exit: its parent starts it again if its restart policy says so.
    ///
    /// [`shutdown_because`](Self::shutdown_because) gives a reason as well.
    ///
    /// A child must not await this on a handle that was passed to it: it would wait for its own end, and
    /// be aborted when its shutdown timeout has elapsed. On the handle of its own
    /// [context](crate::ChildContext::supervisor) the call returns at once.
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
    /// The errors of [`RunningSupervisor::wait`].
    ///
    /// # Cancel safety
    ///
    /// Once polled, the shutdown goes on even if this future is dropped.
    ///
    /// [`RunningSupervisor::wait`]: crate::RunningSupervisor::wait
    pub async fn shutdown(&self) -> SageResult<()> {
        self.ask_to_end(None).await
    }

    /// Sends the event of a signal to the subscribers of the tree, without running code of the user.
    #[cfg(feature = "signal")]
    pub(crate) fn send_signal_event(&self, number: i32, effect: SignalEffect) -> Option<Echo> {
        let Target::Scope(scope) = &self.target else { return None };
        event::signal_to_subscribers(scope.stream(), scope.lineage(), number, effect)
    }

    /// Emits the event of a signal through `tracing`.
    #[cfg(feature = "signal")]
    pub(crate) fn trace_signal(&self, number: i32, effect: SignalEffect) {
        if let Target::Scope(scope) = &self.target {
            event::signal_to_tracing(scope.lineage(), number, effect);
        }
    }

    pub(crate) fn request_shutdown(&self, by: Requester, reason: Option<String>) {
        if let Target::Scope(scope) = &self.target {
            scope.stop(Some(ShutdownRequest { by, reason }));
            scope.hand_over();
        }
    }

    /// Sends a request to abort everything at once.
    pub(crate) fn request_kill(&self, by: Requester) {
        if let Target::Scope(scope) = &self.target {
            scope.kill(by);
            scope.hand_over();
        }
    }

    /// Waits until all children have been started for the first time.
    ///
    /// A child that declares readiness must be [ready], and the children of nested supervisors are
    /// waited for too. Before that, a command to a nested supervisor may answer
    /// [`CommandError::Restarting`].
    ///
    /// A child that holds up the start itself cannot wait for it. On the handle of its own
    /// [context](crate::ChildContext::supervisor), the answer to a child that is not ready, or has been
    /// asked to stop, is an error that contains [`CommandError::WaitsForCaller`].
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::prelude::*;
    /// use sage_supervisor::DynamicSupervisor;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let jobs = DynamicSupervisor::new();
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .child("jobs", jobs.clone())
    ///     .start();
    /// app.handle().started().await?;
    /// jobs.start_child(ChildSpec::new("job", |ctx| async move { ctx.cancelled().await })).await?;
    /// app.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`wait`](Self::wait), if the supervisor has ended before that.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    ///
    /// [ready]: crate::ChildContext::ready
    pub async fn started(&self) -> SageResult<()> {
        if let Target::Scope(scope) = &self.target {
            // The token is cancelled when all children are up, and when the supervisor ends before that.
            let up = pin!(scope.up().cancelled());
            match self.awaiting_child() {
                None => with_contained_waker(up).await,
                Some(child) => Self::started_for(&child, up).await?,
            }
            if !scope.has_ended() {
                return Ok(());
            }
        }
        self.wait().await
    }

    /// Waits until the supervisor has ended, and returns its result. The call can be repeated.
    ///
    /// A child cannot wait for the end of its own supervisor, which comes after its own. On the handle of
    /// its own [context](crate::ChildContext::supervisor), the answer is an error that contains
    /// [`CommandError::WaitsForCaller`]; a task that the child spawns can wait.
    ///
    /// # Examples
    ///
    /// Waiting with a timeout does not end the tree:
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
    /// The errors of [`RunningSupervisor::wait`].
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    ///
    /// [`RunningSupervisor::wait`]: crate::RunningSupervisor::wait
    pub async fn wait(&self) -> SageResult<()> {
        match self.awaiting_child() {
            Some(child) if !self.has_ended() => Err(waits_for(&child)),
            _ => self.ended().await.head().result().map_err(SageError::clone),
        }
    }

    /// Waits for the first start on behalf of a child, which holds the start up until it is ready, and
    /// which may have to go down before its supervisor can start it again.
    async fn started_for(
        child: &ChildContext,
        mut up: Pin<&mut impl Future<Output = ()>>,
    ) -> SageResult<()> {
        let mut stopped = pin!(child.cancelled());
        let polled = pin!(poll_fn(|cx| {
            if up.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Ok(()));
            }
            if child.is_unready() || stopped.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Err(waits_for(child)));
            }
            Poll::Pending
        }));
        with_contained_waker(polled).await
    }

    /// Returns the child that this handle comes from, if the caller is polled by that child itself.
    fn awaiting_child(&self) -> Option<ChildContext> {
        self.caller.as_ref()?.context.upgrade().filter(ChildContext::is_polled_here)
    }

    /// Waits until nothing of the supervisor is alive: it has ended, and so have all tasks, threads and
    /// processes below it, also those that were unresponsive when it ended.
    ///
    /// After an end without unresponsive children this is no later than [`wait`](Self::wait).
    /// A child must not await this for a supervisor that it is in: it would wait for its own end, and be
    /// aborted when its shutdown timeout has elapsed.
    /// [`Supervisor::joined`](crate::Supervisor::joined) waits for all runs of a supervisor.
    ///
    /// # Examples
    ///
    /// A blocking child that outlasts its supervisor:
    ///
    /// ```
    /// use sage_supervisor::{BlockingContext, ChildSpec, RestartConfig, SageError};
    /// use sage_supervisor::{Strategy, Supervisor};
    /// use std::sync::mpsc;
    /// use std::time::Duration;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let (open, gate) = mpsc::channel::<()>();
    /// let deaf = ChildSpec::blocking_lending("deaf", gate, |ctx: BlockingContext, gate| {
    ///     ctx.ready();
    ///     let _ = gate.recv();
    /// })
    /// .ready_within(Duration::from_secs(60));
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .children([deaf])
    ///     .start();
    /// let handle = app.handle();
    /// app.started().await.unwrap();
    /// assert!(matches!(app.kill().await, Err(SageError::Unresponsive(_))));
    /// drop(open);
    /// handle.joined().await;
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn joined(&self) {
        if let Target::Scope(scope) = &self.target {
            with_contained_waker(pin!(scope.vacated().cancelled())).await;
        }
    }

    /// Returns `true` if the supervisor has ended. [`wait`](Self::wait) has an example.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        match &self.target {
            Target::Scope(scope) => scope.has_ended(),
            Target::NotStarted(_) => true,
        }
    }
}

/// The error of a child that would wait for itself.
fn waits_for(child: &ChildContext) -> SageError {
    let (path, caller) = (child.scope().lineage().to_string(), child.path());
    SageError::other(CommandError::WaitsForCaller { path, caller })
}

impl ChildContext {
    /// Returns the handle of the child's own supervisor, in its present run.
    ///
    /// A command through this handle that stops the child itself, or a supervisor above it, returns as
    /// soon as it is under way, because a child cannot wait for its own end. Any other command that would
    /// wait for the child answers [`CommandError::WaitsForCaller`].
    #[must_use]
    pub fn supervisor(&self) -> SupervisorHandle {
        let handle = SupervisorHandle::new(Arc::clone(self.scope()));
        let caller = Caller {
            name: self.shared_name(),
            home: Arc::clone(self.scope()),
            context: self.downgrade(),
        };
        SupervisorHandle { caller: Some(caller), ..handle }
    }
}

impl fmt::Debug for SupervisorHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SupervisorHandle")
            .field("path", &self.path())
            .field("has_ended", &self.has_ended())
            .finish_non_exhaustive()
    }
}
