//! A child that is started only once, and may consume the values it captures.

use std::any::TypeId;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::context::ChildContext;
use super::future::{BoxInstanceFuture, Call, Start, lazy};
use super::kind::{Kind, TaskStart};
use super::outcome::Outcome;
use super::settled::TaskOwner;
use super::spec::ChildSpec;
use crate::contain::Contained;
use crate::exit::Exit;
use crate::policy::Shutdown;
use crate::scope::ChildId;

/// A child that is started only once, so that its start function may consume the values it
/// captures, such as a `TcpStream` or a `oneshot::Sender`.
///
/// The child is temporary. Only a [`DynamicSupervisor`](crate::DynamicSupervisor) accepts it,
/// because any other supervisor could have to start it again. The default of its shutdown is 5 s.
///
/// # Examples
///
/// ```
/// use sage_supervisor::{DynamicSupervisor, OnceChild};
/// use tokio::sync::oneshot;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let jobs = DynamicSupervisor::new();
/// let running = jobs.clone().start();
/// running.started().await?;
///
/// let (done, answer) = oneshot::channel();
/// jobs.start_child(OnceChild::new("job", |_| async move {
///     let _ = done.send(7); // consumes the sender
/// }))
/// .await?;
/// assert_eq!(answer.await?, 7);
/// running.shutdown().await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a child does nothing until a supervisor starts it"]
pub struct OnceChild(ChildSpec);

impl OnceChild {
    /// Creates a child whose start function is called once, inside the child's own task.
    pub fn new<F, Fut>(name: impl Into<String>, start: F) -> Self
    where
        F: FnOnce(ChildContext) -> Fut,
        F: Send,     // any thread may start the child: use `Arc` in place of `Rc`
        F: 'static,  // the function outlives its caller: `move` the values it uses
        Fut: Future, // write `async move |ctx| ..`, or `move |ctx| async move { .. }`
        Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
        Fut: 'static,
        Fut::Output: Outcome,
    {
        Self(ChildSpec::starting_with(name.into(), Once::new(start)).starting_once())
    }

    /// Takes the start function out of a spec that was refused. Returns `None` if it was called.
    pub(crate) fn take_back(spec: &ChildSpec) -> Option<Self> {
        let Kind::Task(TaskStart::WithContext(start)) = spec.kind() else { return None };
        let start = TaskStart::WithContext(start.take_back()?);
        let mut taken = ChildSpec::of_kind(spec.name().to_owned(), Kind::Task(start));
        taken.settings = spec.settings.of_once();
        Some(Self(taken))
    }

    /// Sets how the child is stopped: a [`Shutdown`], or the [`Duration`] it may take to stop.
    pub fn shutdown(self, shutdown: impl Into<Shutdown>) -> Self {
        Self(self.0.shutdown(shutdown))
    }

    /// Declares that the child reports when it is ready, as [`ChildSpec::ready_within`] does.
    pub fn ready_within(self, time: Duration) -> Self {
        Self(self.0.ready_within(time))
    }

    /// Marks the child as significant, as [`ChildSpec::significant`] does: its end can end its
    /// supervisor.
    pub fn significant(self) -> Self {
        Self(self.0.significant())
    }

    /// Sets the owner of the child, which is a task.
    pub(crate) fn owned_by(self, owner: Arc<dyn TaskOwner>) -> Self {
        Self(self.0.owned_by(owner))
    }

    pub(crate) fn into_spec(self) -> ChildSpec {
        self.0
    }
}

/// A start function that is called once, or given back. Its destructor may panic.
struct Once<F>(Mutex<Option<Contained<F>>>);

impl<F> Once<F> {
    fn new(start: F) -> Self {
        Self(Mutex::new(Some(Contained::new(start))))
    }

    /// Takes the function out. Whoever comes first has it.
    fn take(&self) -> Option<F> {
        let start = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        start.map(Contained::into_inner)
    }
}

impl<F, Fut> Call<ChildContext, Fut> for Once<F>
where
    F: FnOnce(ChildContext) -> Fut,
{
    fn call(&self, context: ChildContext) -> Result<Fut, Exit> {
        // An instance whose function was given back has nothing to run.
        self.take().map(|start| start(context)).ok_or(Exit::Shutdown)
    }
}

impl<F, Fut> Start<ChildContext> for Once<F>
where
    F: FnOnce(ChildContext) -> Fut + Send + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: Outcome,
{
    fn future(
        self: Arc<Self>,
        child: ChildId,
        context: ChildContext,
    ) -> BoxInstanceFuture<ChildId> {
        lazy(child, self, context)
    }

    fn start_type(&self) -> TypeId {
        TypeId::of::<F>()
    }

    fn take_back(&self) -> Option<Arc<dyn Start<ChildContext>>> {
        self.take().map(|start| Arc::new(Self::new(start)) as Arc<_>)
    }
}

impl fmt::Debug for OnceChild {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OnceChild").field(&self.0).finish()
    }
}
