//! A child that is started only once, and may consume the values it captures.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::context::ChildContext;
use super::outcome::Outcome;
use super::spec::ChildSpec;
use crate::policy::Shutdown;

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
        // A spec takes a function that can be called any number of times, from any thread. The lock
        // makes such a function of one that can be called only once.
        let start = Mutex::new(Some(start));
        let spec = ChildSpec::new(name, move |ctx| {
            let start = start.lock().unwrap_or_else(PoisonError::into_inner).take();
            // The engine starts the child once. If it ever started it twice, the panic would be an
            // exit of this child and would harm no other.
            start.expect("a `OnceChild` is started only once")(ctx)
        });
        Self(spec.starting_once())
    }

    /// Sets how the child is stopped: a [`Shutdown`], or the [`Duration`] it may take to stop.
    pub fn shutdown(self, shutdown: impl Into<Shutdown>) -> Self {
        Self(self.0.shutdown(shutdown))
    }

    /// Declares that the child reports when it is ready, as [`ChildSpec::ready_within`] does.
    pub fn ready_within(self, time: Duration) -> Self {
        Self(self.0.ready_within(time))
    }

    /// Sets a token that is cancelled once the supervisor has learned of the end of the child, or is
    /// gone.
    pub(crate) fn settling(self, settled: CancellationToken) -> Self {
        Self(self.0.settling(settled))
    }

    pub(crate) fn into_spec(self) -> ChildSpec {
        self.0
    }
}

impl fmt::Debug for OnceChild {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OnceChild").field(&self.0).finish()
    }
}
