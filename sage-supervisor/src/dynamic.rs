//! Many children on demand.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::backoff::Backoff;
use crate::child::{ChildSpec, Declaration, Dynamic, IntoChild, OnceChild};
use crate::command::{ChildState, ChildStatus, CommandError, Counts};
use crate::engine::Scope;
use crate::handle::SupervisorHandle;
use crate::policy::RestartConfig;
use crate::policy::Strategy;
use crate::policy::clamp_kill_grace;
use crate::running::RunningSupervisor;

/// A supervisor of children that are started on demand: connections, jobs, sessions.
///
/// Each is restarted by its own policy, alone; one that has ended for good, or was stopped, leaves
/// nothing behind. Starting, stopping and the death of a child cost O(1), whatever their number.
/// When the supervisor stops, all are asked at once, and each has the time its own setting says.
/// It stays up when it has no children. (As Elixir's `DynamicSupervisor`.)
///
/// It is a value to be cloned and handed to whoever starts children. Listed as a child of a tree, in
/// one place, it runs there; all clones reach it, also after it was restarted, which begins without
/// children. Alone, it is [started](Self::start).
///
/// # Examples
///
/// ```
/// use sage_supervisor::prelude::*;
/// use sage_supervisor::DynamicSupervisor;
///
/// async fn session(ctx: ChildContext, user: &'static str) {
///     println!("{user} is at {}", ctx.path());
///     ctx.cancelled().await;
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sessions = DynamicSupervisor::new().max_children(1_000);
/// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
///     .child("sessions", sessions.clone())
///     .start();
/// app.started().await?;
///
/// let spec = ChildSpec::new("session", |ctx| session(ctx, "ada"));
/// let name = sessions.start_child(spec.restart(RestartPolicy::Temporary)).await?;
/// assert_eq!(name, "session-1");
/// sessions.stop_child(&name).await?;
/// app.shutdown().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct DynamicSupervisor {
    declaration: Arc<Declaration>,
}

/// What a [`DynamicSupervisor`] can start: a [`ChildSpec`], an [`OnceChild`], or an
/// `Arc<ChildSpec>`, a template that any number of children share.
#[derive(Debug)]
pub struct DynamicSpec {
    spec: Arc<ChildSpec>,
    is_shared: bool,
}

#[diagnostic::do_not_recommend]
impl From<ChildSpec> for DynamicSpec {
    fn from(spec: ChildSpec) -> Self {
        Self { spec: Arc::new(spec), is_shared: false }
    }
}

#[diagnostic::do_not_recommend]
impl From<OnceChild> for DynamicSpec {
    fn from(child: OnceChild) -> Self {
        child.into_spec().into()
    }
}

#[diagnostic::do_not_recommend]
impl From<Arc<ChildSpec>> for DynamicSpec {
    fn from(spec: Arc<ChildSpec>) -> Self {
        Self { spec, is_shared: true }
    }
}

impl Default for DynamicSupervisor {
    fn default() -> Self {
        Self::new()
    }
}

impl DynamicSupervisor {
    /// A dynamic supervisor with the default restart limit, and no limit on its children.
    #[must_use]
    pub fn new() -> Self {
        let mut declaration = Declaration::new(Strategy::OneForOne, RestartConfig::default());
        declaration.keep_alive = true;
        declaration.dynamic =
            Some(Dynamic { max_children: usize::MAX, current_run: Arc::default() });
        Self { declaration: Arc::new(declaration) }
    }

    fn declare(&mut self) -> &mut Declaration {
        Arc::make_mut(&mut self.declaration)
    }

    /// Sets its name, as [`Supervisor::name`](crate::Supervisor::name).
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.declare().name = Some(name.into().into());
        self
    }

    /// Sets how many children it may have at once, those being restarted included. The default is no
    /// limit.
    #[must_use]
    pub fn max_children(mut self, children: usize) -> Self {
        if let Some(dynamic) = &mut self.declare().dynamic {
            dynamic.max_children = children;
        }
        self
    }

    /// Sets the limit on restarts, of all its children together.
    #[must_use]
    pub fn restart_limit(mut self, config: RestartConfig) -> Self {
        self.declare().limit = Some(config);
        self
    }

    /// Lifts the limit on restarts.
    #[must_use]
    pub fn unlimited_restarts(mut self) -> Self {
        self.declare().limit = None;
        self
    }

    /// Sets how long restarts wait, as [`Supervisor::backoff`](crate::Supervisor::backoff).
    #[must_use]
    pub fn backoff(mut self, backoff: impl Into<Backoff>) -> Self {
        self.declare().backoff = Some(backoff.into());
        self
    }

    /// Sets how long an aborted task may take, as
    /// [`Supervisor::kill_grace`](crate::Supervisor::kill_grace).
    #[must_use]
    pub fn kill_grace(mut self, grace: Duration) -> Self {
        self.declare().kill_grace = Some(clamp_kill_grace(grace));
        self
    }

    /// Starts it alone, as a tree of its own, and gives the owner of that.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with its time driver enabled.
    #[track_caller]
    pub fn start(self) -> RunningSupervisor {
        RunningSupervisor::start(&self.declaration)
    }

    /// Starts a child, and gives the name it has here: that of its spec and a number. It returns
    /// when the child is up, see [`SupervisorHandle::start_child`].
    ///
    /// Right after the start of the tree it is in, the supervisor may not be up itself:
    /// [`started`](RunningSupervisor::started) waits for that.
    ///
    /// # Errors
    ///
    /// [`CommandError::MaxChildren`], [`CommandError::Invalid`], [`CommandError::FailedStart`];
    /// [`CommandError::NotRunning`] if it has not been started or has ended, and
    /// [`CommandError::Restarting`] if its parent, or one above that, is about to start it again.
    ///
    /// # Cancel safety
    ///
    /// Once polled, the child is started even if this future is dropped.
    pub async fn start_child<S>(&self, spec: S) -> Result<String, CommandError>
    where
        S: Into<DynamicSpec>, // a `ChildSpec`, an `Arc<ChildSpec>`, or a `OnceChild`
    {
        self.start_as(None, spec.into()).await
    }

    /// Starts a child under a name of its own.
    ///
    /// # Errors
    ///
    /// Those of [`start_child`](Self::start_child), [`CommandError::AlreadyRunning`] and
    /// [`CommandError::AlreadyExists`].
    ///
    /// # Cancel safety
    ///
    /// Once polled, the child is started even if this future is dropped.
    pub async fn start_named<S>(&self, name: impl Into<String>, spec: S) -> Result<(), CommandError>
    where
        S: Into<DynamicSpec>, // a `ChildSpec`, an `Arc<ChildSpec>`, or a `OnceChild`
    {
        self.start_as(Some(name.into()), spec.into()).await.map(drop)
    }

    async fn start_as(
        &self,
        name: Option<String>,
        DynamicSpec { spec, is_shared }: DynamicSpec,
    ) -> Result<String, CommandError> {
        let answer = self.reach().await?.start_dynamic(name, spec, is_shared)?;
        let name = answer.await?;
        Ok((*name).to_owned())
    }

    /// Stops a child and waits until it has ended. Nothing is left of it then.
    ///
    /// A child must not wait for its own end in this way: it would be aborted when its time is over. It
    /// stops itself through its [context](crate::ChildContext::supervisor), or by returning.
    ///
    /// # Errors
    ///
    /// [`CommandError::NotFound`], [`CommandError::Unresponsive`], and those of
    /// [`start_child`](Self::start_child) about the supervisor itself.
    ///
    /// # Cancel safety
    ///
    /// Once polled, the child is stopped even if this future is dropped.
    pub async fn stop_child(&self, name: &str) -> Result<(), CommandError> {
        self.reach_child(name).await?.stop_child(name).await
    }

    /// A child at this moment.
    ///
    /// # Errors
    ///
    /// [`CommandError::NotFound`], and those of [`start_child`](Self::start_child) about the supervisor
    /// itself.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn child(&self, name: &str) -> Result<ChildStatus, CommandError> {
        self.reach_child(name).await?.child(name).await
    }

    /// All children at this moment.
    ///
    /// # Errors
    ///
    /// Those of [`start_child`](Self::start_child) about the supervisor itself.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn children(&self) -> Result<Vec<ChildStatus>, CommandError> {
        self.reach().await?.children().await
    }

    /// How many children it has at this moment.
    ///
    /// # Errors
    ///
    /// Those of [`start_child`](Self::start_child) about the supervisor itself.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn counts(&self) -> Result<Counts, CommandError> {
        self.reach().await?.counts().await
    }

    /// The handle of its present run.
    async fn reach(&self) -> Result<SupervisorHandle, CommandError> {
        let scope = self.run()?;
        if !scope.has_ended() {
            return Ok(SupervisorHandle::new(scope));
        }
        // Seldom, so that it has no place in every call.
        Box::pin(self.look_above(scope)).await
    }

    fn run(&self) -> Result<Arc<Scope>, CommandError> {
        let run = self.dynamic().current_run.ask().ok_or(CommandError::NotRunning)?;
        Ok(run.downcast().expect("the engine tells its scope"))
    }

    /// What is to be said of a run that has ended.
    async fn look_above(&self, mut ended: Arc<Scope>) -> Result<SupervisorHandle, CommandError> {
        // Those above it know whether it will come back, the lowest of them that has not ended.
        while let Some((parent, name)) = ended.place() {
            let status = SupervisorHandle::new(Arc::clone(&parent)).child(&name).await;
            match status.map(|status| status.state) {
                Ok(ChildState::Restarting | ChildState::Starting) => {
                    return Err(CommandError::Restarting);
                }
                // The parent has not heard of the end yet, or has started it again since.
                Ok(ChildState::Running) => return self.reach_again(&ended),
                Err(CommandError::NotRunning) => ended = parent,
                _ => break,
            }
        }
        Err(CommandError::NotRunning)
    }

    /// The handle of its present run, if that is not the one that was found to have ended.
    fn reach_again(&self, ended: &Arc<Scope>) -> Result<SupervisorHandle, CommandError> {
        let scope = self.run()?;
        if Arc::ptr_eq(&scope, ended) || scope.has_ended() {
            return Err(CommandError::Restarting);
        }
        Ok(SupervisorHandle::new(scope))
    }

    fn dynamic(&self) -> &Dynamic {
        self.declaration.dynamic.as_ref().expect("it is dynamic")
    }

    /// The handle to look for one of its own children: a name that comes from elsewhere must not lead
    /// out of here.
    async fn reach_child(&self, name: &str) -> Result<SupervisorHandle, CommandError> {
        if name.contains('/') {
            return Err(CommandError::NotFound);
        }
        self.reach().await
    }
}

#[diagnostic::do_not_recommend]
impl IntoChild for DynamicSupervisor {
    fn into_child(self, name: String) -> ChildSpec {
        let name = self.declaration.name.as_deref().map_or(name, str::to_owned);
        ChildSpec::supervisor(name, self.declaration)
    }
}

impl fmt::Debug for DynamicSupervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamicSupervisor")
            .field("name", &self.declaration.name)
            .field("limit", &self.declaration.limit)
            .finish_non_exhaustive()
    }
}
