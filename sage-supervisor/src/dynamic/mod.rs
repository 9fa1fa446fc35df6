//! Supervisors whose children are started on demand.

mod nested;
mod permit;
mod refused;
mod spec;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::backoff::Backoff;
use crate::child::partition::Partition;
use crate::child::{ChildSpec, Declaration, Dynamic, IntoChild, Scope};
use crate::command::{ChildState, ChildStatus, CommandError, Counts, SupervisorState};
use crate::exit::{BoxError, Exit};
use crate::handle::SupervisorHandle;
use crate::policy::{AutoShutdown, RestartConfig, Strategy, clamp_kill_grace};
use crate::running::RunningSupervisor;
use crate::scope::Place;

pub use self::permit::Permit;
pub use self::refused::StartError;
pub use self::spec::DynamicSpec;

/// A supervisor of children that are started on demand, such as connections, jobs and sessions.
///
/// Each child is restarted by its own policy, without its siblings. A child that has ended for
/// good, or was stopped, leaves nothing behind. A start, a stop and an exit of a child cost O(1),
/// whatever the number of children. When the supervisor stops, all children are asked to stop at
/// once, and each has the time of its own shutdown setting. The supervisor stays up when it has no
/// children, unless a [significant](Self::auto_shutdown) one has ended. (Elixir has the same in its
/// `DynamicSupervisor`.)
///
/// A `DynamicSupervisor` is a value: clone it, and pass it to the code that starts children. The
/// value can be listed as a child of a tree, in one place, and then runs there. All clones reach
/// the supervisor, even after it was restarted; a restarted supervisor begins without children. A
/// supervisor outside of a tree is [started](Self::start) by itself.
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

impl Default for DynamicSupervisor {
    fn default() -> Self {
        Self::new()
    }
}

impl DynamicSupervisor {
    /// Creates a dynamic supervisor with the default restart limit, and without a limit on the
    /// number of its children.
    #[must_use]
    pub fn new() -> Self {
        let mut declaration = Declaration::new(Strategy::OneForOne, RestartConfig::default());
        declaration.keep_alive = true;
        declaration.dynamic = Some(Dynamic {
            max_children: usize::MAX,
            partition: None,
            current_run: Arc::default(),
        });
        Self { declaration: Arc::new(declaration) }
    }

    /// Makes the supervisor one of several partitions, which has names of its own for its children.
    pub(crate) fn into_partition(mut self, partition: Partition) -> Self {
        if let Some(dynamic) = &mut self.declare().dynamic {
            dynamic.partition = Some(partition);
        }
        self
    }

    fn declare(&mut self) -> &mut Declaration {
        // Clones share the declaration until a setting of one of them changes. `current_run` is
        // shared even then, so every clone reaches the same supervisor.
        Arc::make_mut(&mut self.declaration)
    }

    /// Sets the name of the supervisor, as [`Supervisor::name`](crate::Supervisor::name) does.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.declare().name = Some(name.into().into());
        self
    }

    /// Sets the largest number of children at one time, which includes children that are being
    /// restarted, and places that are [reserved](Self::reserve). By default the number is not limited.
    #[must_use]
    pub fn max_children(mut self, children: usize) -> Self {
        if let Some(dynamic) = &mut self.declare().dynamic {
            dynamic.max_children = children;
        }
        self
    }

    /// Sets whether the supervisor shuts down when [significant](ChildSpec::significant) children end,
    /// as [`Supervisor::auto_shutdown`](crate::Supervisor::auto_shutdown) does. The default is
    /// [`AutoShutdown::Never`], with which no child may be significant.
    ///
    /// A significant child is transient or temporary; a start with another one answers
    /// [`CommandError::Invalid`]. Under [`AutoShutdown::AllSignificant`] the supervisor shuts down when
    /// a significant child has ended for good and no other is alive or about to be restarted. An end
    /// triggers this, and not the number: a supervisor that has not had a significant child yet stays
    /// up, and so does one whose last significant child was stopped by hand or aborted.
    /// (Erlang/OTP 24 to 26 allow this for `simple_one_for_one`; later releases refuse it.)
    ///
    /// # Examples
    ///
    /// A game ends when the last player has left, whatever its spectators do:
    ///
    /// ```
    /// use sage_supervisor::{AutoShutdown, DynamicSupervisor, OnceChild};
    /// use tokio::sync::oneshot;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let game = DynamicSupervisor::new().auto_shutdown(AutoShutdown::AllSignificant);
    /// let running = game.clone().start();
    /// running.started().await?;
    ///
    /// let (leave, left) = oneshot::channel::<()>();
    /// let player = OnceChild::new("player", async move |_| drop(left.await)).significant();
    /// game.start_child(player).await?;
    /// let spectator = OnceChild::new("spectator", async |ctx| ctx.cancelled().await);
    /// game.start_child(spectator).await?;
    ///
    /// drop(leave);
    /// running.wait().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn auto_shutdown(mut self, auto_shutdown: AutoShutdown) -> Self {
        self.declare().auto_shutdown = auto_shutdown;
        self
    }

    /// Sets the restart limit, which counts the restarts of all children together, also those that a
    /// [backoff](Self::backoff) delays.
    #[must_use]
    pub fn restart_limit(mut self, config: RestartConfig) -> Self {
        self.declare().set_limit(Some(config));
        self
    }

    /// Sets how long an instance of a child has to be up for the restarts before it to be forgiven, as
    /// [`Supervisor::forgive_after`](crate::Supervisor::forgive_after) does.
    #[must_use]
    pub fn forgive_after(mut self, time: Duration) -> Self {
        self.declare().forgive_after = Some(time);
        self
    }

    /// Removes the restart limit.
    #[must_use]
    pub fn unlimited_restarts(mut self) -> Self {
        self.declare().set_limit(None);
        self
    }

    /// Sets how long restarts are delayed, as [`Supervisor::backoff`](crate::Supervisor::backoff)
    /// does.
    #[must_use]
    pub fn backoff(mut self, backoff: impl Into<Backoff>) -> Self {
        self.declare().backoff = Some(backoff.into());
        self
    }

    /// Sets whether the instances of the children run in `tracing` spans of their own, as
    /// [`Supervisor::child_spans`](crate::Supervisor::child_spans) does.
    #[must_use]
    pub fn child_spans(mut self, spans: bool) -> Self {
        self.declare().child_spans = Some(spans);
        self
    }

    /// Sets whether the supervisor, as a tree of its own, ends with `Ok` although children failed while it
    /// stopped, as [`Supervisor::tolerate_unclean_stop`](crate::Supervisor::tolerate_unclean_stop) does.
    #[must_use]
    pub fn tolerate_unclean_stop(mut self, tolerate: bool) -> Self {
        self.declare().tolerate_unclean_stop = tolerate;
        self
    }

    /// Sets how long an aborted task may take to end, as
    /// [`Supervisor::kill_grace`](crate::Supervisor::kill_grace) does.
    #[must_use]
    pub fn kill_grace(mut self, grace: Duration) -> Self {
        self.declare().kill_grace = Some(clamp_kill_grace(grace));
        self
    }

    /// Starts the supervisor as a tree of its own, and returns the owner of that tree.
    ///
    /// A supervisor runs in one place at a time. If it is running already, the methods of the owner
    /// return [`InvalidTreeKind::AlreadyRunning`], or [`InvalidTreeKind::ListedTwice`] if it runs in
    /// another tree. If it is ending, the new run waits for that.
    ///
    /// [`InvalidTreeKind::AlreadyRunning`]: crate::InvalidTreeKind::AlreadyRunning
    /// [`InvalidTreeKind::ListedTwice`]: crate::InvalidTreeKind::ListedTwice
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime with its time driver enabled.
    #[track_caller]
    pub fn start(self) -> RunningSupervisor {
        RunningSupervisor::start(&self.declaration)
    }

    /// Starts a child, and returns its name here, which is the name in its spec followed by a
    /// number. (A partition of a [`PartitionedSupervisor`](crate::PartitionedSupervisor) puts its own
    /// number in front of that one.) The method returns when the child is up, see [`SupervisorHandle::start_child`].
    ///
    /// A child that is refused is dropped, with the values that its start function has captured.
    /// [`start_once`](Self::start_once) gives it back.
    ///
    /// Right after the start of the surrounding tree, this supervisor may not be up itself. Call
    /// [`started`](RunningSupervisor::started) to wait for that.
    ///
    /// # Errors
    ///
    /// - [`CommandError::MaxChildren`], [`CommandError::Invalid`] or [`CommandError::FailedStart`],
    ///   if the child cannot be started. To wait for room, [`reserve`](Self::reserve) a place first.
    /// - [`CommandError::NotRunning`], if the supervisor has never been started or has ended.
    /// - [`CommandError::Restarting`], if the parent of the supervisor, or a supervisor above that, is
    ///   about to start it again.
    ///
    /// # Cancel safety
    ///
    /// Once the future has been polled, the child is started even if the future is dropped.
    pub async fn start_child<S>(&self, spec: S) -> Result<String, CommandError>
    where
        S: Into<DynamicSpec>, // pass a `ChildSpec`, an `Arc<ChildSpec>`, a `OnceChild`, or a `Supervisor`
    {
        self.start_as(None, spec.into(), None).await
    }

    /// Starts a child under the given name.
    ///
    /// # Errors
    ///
    /// The errors of [`start_child`](Self::start_child), [`CommandError::AlreadyRunning`] and
    /// [`CommandError::AlreadyExists`]. A partition of a
    /// [`PartitionedSupervisor`](crate::PartitionedSupervisor) answers
    /// [`CommandError::OtherPartition`] if the name belongs to another one.
    ///
    /// # Cancel safety
    ///
    /// Once the future has been polled, the child is started even if the future is dropped.
    pub async fn start_named<S>(&self, name: impl Into<String>, spec: S) -> Result<(), CommandError>
    where
        S: Into<DynamicSpec>, // pass a `ChildSpec`, an `Arc<ChildSpec>`, a `OnceChild`, or a `Supervisor`
    {
        self.start_as(Some(name.into()), spec.into(), None).await.map(drop)
    }

    /// Starts a child in a place that may have been reserved for it.
    pub(crate) async fn start_as(
        &self,
        name: Option<String>,
        DynamicSpec { spec, is_shared }: DynamicSpec,
        place: Option<Place>,
    ) -> Result<String, CommandError> {
        // The handle is dropped at the end of this statement, so the future holds the answer alone
        // while it waits.
        let answer = self.reach().await?.start_dynamic(name, spec, is_shared, place)?;
        match answer.await {
            Some(name) => Ok((*name?).to_owned()),
            // The supervisor has ended before it could answer.
            None => Err(SupervisorHandle::has_ended_error(self.run()?.lineage().to_string())),
        }
    }

    /// Stops a child and waits until it has ended. Nothing is left of the child then.
    ///
    /// A child cannot wait for its own end. If the child itself awaits this call, the call returns as soon
    /// as the stop is under way.
    ///
    /// # Errors
    ///
    /// [`CommandError::NotFound`], [`CommandError::Unresponsive`], and the errors of
    /// [`start_child`](Self::start_child) about the supervisor itself.
    ///
    /// # Cancel safety
    ///
    /// Once the future has been polled, the child is stopped even if the future is dropped.
    pub async fn stop_child(&self, name: &str) -> Result<(), CommandError> {
        self.reach_child(name).await?.stop_child(name).await
    }

    /// Kills a child without asking it to stop, as [`SupervisorHandle::kill_child`] does, and waits until
    /// it has ended. Nothing is left of the child then.
    ///
    /// # Errors
    ///
    /// The errors of [`stop_child`](Self::stop_child).
    ///
    /// # Cancel safety
    ///
    /// Once the future has been polled, the child is killed even if the future is dropped.
    pub async fn kill_child(&self, name: &str) -> Result<(), CommandError> {
        self.reach_child(name).await?.kill_child(name).await
    }

    /// Lets a child fail with this error, as [`SupervisorHandle::fail_child`] does, and waits until its
    /// instance has ended.
    ///
    /// # Errors
    ///
    /// The errors of [`stop_child`](Self::stop_child), and [`CommandError::NotUp`] or
    /// [`CommandError::Restarting`] if the child is down or stopping.
    ///
    /// # Cancel safety
    ///
    /// Once the future has been polled, the child fails even if the future is dropped.
    pub async fn fail_child<E>(&self, name: &str, error: E) -> Result<(), CommandError>
    where
        E: Into<BoxError> + 'static,
    {
        self.reach_child(name).await?.fail_child(name, error).await
    }

    /// Waits for the end of the present instance of a child, as [`SupervisorHandle::ended`] does.
    ///
    /// # Errors
    ///
    /// The errors of [`SupervisorHandle::ended`]. A child that has ended for good is
    /// [not found](CommandError::NotFound).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn ended(&self, name: &str) -> Result<Exit, CommandError> {
        self.reach_child(name).await?.ended(name).await
    }

    /// Waits until a child is in this state, as [`SupervisorHandle::wait_for`] does.
    ///
    /// # Errors
    ///
    /// The errors of [`SupervisorHandle::wait_for`].
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn wait_for(
        &self,
        name: &str,
        state: ChildState,
    ) -> Result<ChildStatus, CommandError> {
        self.reach_child(name).await?.wait_for(name, state).await
    }

    /// Waits until the status of a child meets a condition, as [`SupervisorHandle::wait_until`] does.
    ///
    /// # Errors
    ///
    /// The errors of [`SupervisorHandle::wait_for`].
    ///
    /// # Panics
    ///
    /// Panics if the condition does.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn wait_until<F>(&self, name: &str, condition: F) -> Result<ChildStatus, CommandError>
    where
        F: Fn(&ChildStatus) -> bool + Send + 'static,
    {
        self.reach_child(name).await?.wait_until(name, condition).await
    }

    /// Replaces the spec of a child, as [`SupervisorHandle::replace_child`] does: the old instance is
    /// stopped, and then the child is started from the new spec under the same name.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::prelude::*;
    /// use sage_supervisor::DynamicSupervisor;
    ///
    /// async fn session(ctx: ChildContext, greeting: &'static str) {
    ///     println!("{greeting}");
    ///     ctx.cancelled().await;
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sessions = DynamicSupervisor::new();
    /// let running = sessions.clone().start();
    /// running.started().await?;
    /// let spec = ChildSpec::new("session", |ctx| session(ctx, "hello"));
    /// let name = sessions.start_child(spec).await?;
    /// let spec = ChildSpec::new("session", |ctx| session(ctx, "good day"));
    /// sessions.replace_child(&name, spec).await?;
    /// running.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`SupervisorHandle::replace_child`], and those of [`start_child`](Self::start_child)
    /// about the supervisor itself. A child whose new spec does not start is forgotten.
    ///
    /// # Cancel safety
    ///
    /// Once the future has been polled, the child is replaced even if the future is dropped.
    pub async fn replace_child<S>(&self, name: &str, spec: S) -> Result<(), CommandError>
    where
        S: Into<DynamicSpec>, // pass a `ChildSpec`, an `Arc<ChildSpec>`, or a `OnceChild`
    {
        let DynamicSpec { spec, is_shared } = spec.into();
        self.reach_child(name).await?.replace_with(name, spec, is_shared).await
    }

    /// Returns the state of a child at this moment.
    ///
    /// # Errors
    ///
    /// [`CommandError::NotFound`], and the errors of [`start_child`](Self::start_child) about the
    /// supervisor itself.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn child(&self, name: &str) -> Result<ChildStatus, CommandError> {
        self.reach_child(name).await?.child(name).await
    }

    /// Returns the states of all children at this moment.
    ///
    /// # Errors
    ///
    /// The errors of [`start_child`](Self::start_child) about the supervisor itself.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn children(&self) -> Result<Vec<ChildStatus>, CommandError> {
        self.reach().await?.children().await
    }

    /// Returns the numbers of children at this moment.
    ///
    /// # Errors
    ///
    /// The errors of [`start_child`](Self::start_child) about the supervisor itself.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn counts(&self) -> Result<Counts, CommandError> {
        self.reach().await?.counts().await
    }

    /// The handle of the present run.
    async fn reach(&self) -> Result<SupervisorHandle, CommandError> {
        let scope = self.run()?;
        if !scope.has_ended() {
            return Ok(SupervisorHandle::new(scope));
        }
        // This case is rare. The box keeps its future from enlarging that of every call.
        Box::pin(self.look_above(scope)).await
    }

    /// Waits until the present run has ended.
    pub(crate) async fn run_is_over(&self) {
        if let Ok(scope) = self.run() {
            SupervisorHandle::new(scope).ending().await;
        }
    }

    /// The present run, or the last one if none is running.
    fn run(&self) -> Result<Arc<Scope>, CommandError> {
        self.dynamic().current_run.get().ok_or_else(|| CommandError::NotRunning {
            path: self.declaration.root_name().to_string(),
            state: SupervisorState::NotStarted,
        })
    }

    /// Finds the right answer for a run that has ended: it depends on the supervisors above.
    async fn look_above(&self, ended: Arc<Scope>) -> Result<SupervisorHandle, CommandError> {
        let path = ended.lineage().to_string();
        let (mut below, mut address) = (Arc::clone(&ended), String::new());
        // The lowest supervisor above that has not ended knows if this one will be started again. The
        // supervisors in between may have been built anew since, so it is asked for the whole way down.
        while let Some((parent, name)) = below.place() {
            address = if address.is_empty() { name } else { format!("{name}/{address}") };
            let status = SupervisorHandle::new(Arc::clone(&parent)).child(&address).await;
            match status.map(|status| status.state) {
                Ok(ChildState::Restarting | ChildState::Starting) => {
                    return Err(CommandError::Restarting { path });
                }
                // The parent has not learned of the end yet, or has started this supervisor again
                // since.
                Ok(ChildState::Running) => return self.reach_again(&ended),
                Err(CommandError::Restarting { path }) => {
                    return Err(CommandError::Restarting { path });
                }
                // The parent has ended as well, and the answer depends on the supervisor above it.
                Err(error @ CommandError::NotRunning { state: SupervisorState::Ended, .. }) => {
                    if !parent.has_ended() && error.path() != parent.lineage().to_string() {
                        // A supervisor on the way down has ended, and the one above it has not learned
                        // of that yet.
                        return Err(CommandError::Restarting { path });
                    }
                    below = parent;
                }
                // The parent runs, and will not start this supervisor by itself.
                Ok(_) | Err(_) => {
                    return Err(CommandError::NotRunning { path, state: SupervisorState::Down });
                }
            }
        }
        Err(CommandError::NotRunning { path, state: SupervisorState::Ended })
    }

    /// The handle of the present run, unless that is still the run that was found to have ended.
    fn reach_again(&self, ended: &Arc<Scope>) -> Result<SupervisorHandle, CommandError> {
        let scope = self.run()?;
        if Arc::ptr_eq(&scope, ended) || scope.has_ended() {
            return Err(CommandError::Restarting { path: ended.lineage().to_string() });
        }
        Ok(SupervisorHandle::new(scope))
    }

    fn dynamic(&self) -> &Dynamic {
        self.declaration.dynamic.as_ref().expect("the declaration is that of a dynamic supervisor")
    }

    /// The handle of the present run, for a command about one of its own children. A name from
    /// outside may not be a path, because a path could lead out of this supervisor.
    async fn reach_child(&self, name: &str) -> Result<SupervisorHandle, CommandError> {
        let handle = self.reach().await?;
        if name.is_empty() || name.contains('/') {
            let supervisor = self.run()?.lineage().to_string();
            return Err(CommandError::NotFound {
                path: format!("{supervisor}/{name}"),
                supervisor,
            });
        }
        Ok(handle)
    }
}

#[diagnostic::do_not_recommend]
impl IntoChild for DynamicSupervisor {
    fn into_child(self, name: String) -> ChildSpec {
        // A name that was set explicitly replaces the name of the entry.
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
