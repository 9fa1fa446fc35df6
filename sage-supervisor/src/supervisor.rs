//! The supervisor as its author sees it: declared, ordered, run.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::child::{ChildSpec, Declaration, IntoChild};
use crate::error::{SageError, SageResult};
use crate::restart::{RestartConfig, RestartPolicy};
use crate::running::RunningSupervisor;
use crate::shutdown::FOREVER;
use crate::strategy::Strategy;

/// A supervisor, declared: what it starts, in which order, and how it treats it.
///
/// Children start in the order they were added, one after the other, and stop in reverse. A
/// supervisor can itself be a child of another.
///
/// It is a plan. [`run`](Self::run) carries it out, as often as you like; [`start`](Self::start)
/// gives it away to a task of its own.
///
/// # Examples
///
/// ```
/// use sage_supervisor::{RestartConfig, RestartPolicy, Strategy, Supervisor};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), sage_supervisor::SageError> {
/// let mut supervisor = Supervisor::new(Strategy::OneForOne, RestartConfig::default());
/// supervisor.add_child("greeter", RestartPolicy::Transient, || async {
///     println!("hello");
///     Ok(())
/// });
/// supervisor.run().await
/// # }
/// ```
#[must_use = "a supervisor does nothing until it is run or started"]
pub struct Supervisor {
    declaration: Arc<Declaration>,
}

impl Supervisor {
    /// A supervisor without children.
    pub fn new(strategy: Strategy, config: RestartConfig) -> Self {
        Self { declaration: Arc::new(Declaration::new(strategy, config)) }
    }

    /// Its declaration, to be changed. A run that is not over yet keeps the one it has.
    fn declare(&mut self) -> &mut Declaration {
        Arc::make_mut(&mut self.declaration)
    }

    /// Sets its name: what its path in the tree begins with, or, if it is a child, its name among
    /// its siblings instead of the one it is added under. The default at the root is `root`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.declare().name = Some(name.into().into());
        self
    }

    /// Lifts the limit on restarts: it never gives up, and keeps no history.
    pub fn unlimited_restarts(mut self) -> Self {
        self.declare().limit = None;
        self
    }

    /// Sets whether it stays up when all its children have ended for good, or when it has none. The
    /// default is `false`: it ends with them.
    pub fn keep_alive(mut self, keep_alive: bool) -> Self {
        self.declare().keep_alive = keep_alive;
        self
    }

    /// Sets how long an aborted task may take to end before it is called unresponsive, at least a
    /// millisecond. The default is the parent's, at the root 1 s.
    pub fn kill_grace(mut self, grace: Duration) -> Self {
        self.declare().kill_grace = Some(grace.clamp(Duration::from_millis(1), FOREVER));
        self
    }

    /// Sets how long a restart waits for an unresponsive task before the supervisor ends with
    /// [`SageError::Unresponsive`]. The default is the parent's, at the root 30 s.
    pub fn give_up_after(mut self, time: Duration) -> Self {
        self.declare().give_up_after = Some(time.min(FOREVER));
        self
    }

    /// Adds a child, last in order: an `async fn` that takes a [`ChildContext`], a [`ChildSpec`],
    /// or another supervisor.
    ///
    /// [`ChildContext`]: crate::ChildContext
    pub fn child(self, name: impl Into<String>, child: impl IntoChild) -> Self {
        self.children([child.into_child(name.into())])
    }

    /// Adds children, last in order.
    pub fn children(mut self, children: impl IntoIterator<Item = ChildSpec>) -> Self {
        self.declare().children.extend(children.into_iter().map(Arc::new));
        self
    }

    /// Adds a child that takes no context, last in order.
    ///
    /// It cannot hear that it is to stop, so it is aborted without being asked: its shutdown is
    /// [`BrutalKill`](crate::Shutdown::BrutalKill). `start` is called at every start, inside the
    /// child's own task.
    pub fn add_child<F, Fut>(&mut self, name: impl Into<String>, policy: RestartPolicy, start: F)
    where
        F: Fn() -> Fut, // called at every start: it cannot give away what it owns
        F: Send + 'static,
        Fut: Future<Output = SageResult<()>> + Send + 'static,
    {
        let spec = ChildSpec::without_context(name, start).restart(policy);
        self.declare().children.push(Arc::new(spec));
    }

    /// Starts the children and supervises them until all have ended for good.
    ///
    /// A child has ended for good when it ended by itself and is not to be restarted. The tree runs
    /// in a task of its own; this future only waits for it. It can be called again afterwards, and
    /// begins anew then: with fresh children, counters and limits.
    ///
    /// # Errors
    ///
    /// - [`SageError::Invalid`]: the declaration breaks a rule; nothing was started.
    /// - [`SageError::Supervisor`]: a child was to be restarted more often than the limit allows.
    ///   All others have been stopped, in reverse order.
    /// - [`SageError::Unresponsive`]: tasks were aborted and did not end.
    ///
    /// The failure of a temporary child is no error.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with its time driver enabled.
    ///
    /// # Cancel safety
    ///
    /// Dropping this future ends everything below: no poll of a child begins any more, and all are
    /// dropped as soon as the runtime gets to it. A later `run` waits for that before it starts anything.
    pub async fn run(&mut self) -> SageResult<()> {
        self.launch()?.wait().await
    }

    /// Starts the tree in a task of its own, and gives the owner of it.
    ///
    /// A declaration that breaks a rule is reported by [`RunningSupervisor::wait`].
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with its time driver enabled.
    #[track_caller]
    pub fn start(self) -> RunningSupervisor {
        self.launch().unwrap_or_else(RunningSupervisor::failed)
    }

    #[track_caller]
    fn launch(&self) -> SageResult<RunningSupervisor> {
        self.declaration.validate().map_err(|error| SageError::Invalid(Box::new(error)))?;
        Ok(RunningSupervisor::launch(Arc::clone(&self.declaration)))
    }
}

#[cfg(test)]
impl Supervisor {
    pub(crate) fn into_declaration(self) -> Arc<Declaration> {
        self.declaration
    }
}

#[diagnostic::do_not_recommend]
impl IntoChild for Supervisor {
    fn into_child(self, name: String) -> ChildSpec {
        let name = self.declaration.name.as_deref().map_or(name, str::to_owned);
        ChildSpec::supervisor(name, self.declaration)
    }
}

impl fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supervisor")
            .field("name", &self.declaration.name)
            .field("strategy", &self.declaration.strategy)
            .field("limit", &self.declaration.limit)
            .field("children", &self.declaration.children)
            .finish_non_exhaustive()
    }
}
