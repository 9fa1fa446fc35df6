//! A child that is started once, and may consume what it owns.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::context::ChildContext;
use super::outcome::Outcome;
use super::spec::ChildSpec;
use crate::policy::Shutdown;

/// A child that is started once, so that its start function may give away what it owns: a
/// `TcpStream`, a `oneshot::Sender`.
///
/// It is temporary, and only a [`DynamicSupervisor`](crate::DynamicSupervisor) takes it: any other
/// could have to start it again. Its shutdown is 5 s by default.
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
    /// A child whose start function is called once, inside the child's own task.
    pub fn new<F, Fut>(name: impl Into<String>, start: F) -> Self
    where
        F: FnOnce(ChildContext) -> Fut,
        F: Send,     // any thread may start it: `Arc` in place of `Rc`
        F: 'static,  // outlives its caller: `move` what it uses
        Fut: Future, // `async move |ctx| ..`, or `move |ctx| async move { .. }`
        Fut: Send,   // may change threads: drop what is not `Send` before an `.await`
        Fut: 'static,
        Fut::Output: Outcome,
    {
        let start = Mutex::new(Some(start));
        let spec = ChildSpec::new(name, move |ctx| {
            let start = start.lock().unwrap_or_else(PoisonError::into_inner).take();
            // The engine starts it once; were it not so, that would be a panic of this child.
            start.expect("started once")(ctx)
        });
        Self(spec.starting_once())
    }

    /// Sets how the child is stopped: a [`Shutdown`], or a [`Duration`] it may take.
    pub fn shutdown(self, shutdown: impl Into<Shutdown>) -> Self {
        Self(self.0.shutdown(shutdown))
    }

    /// Declares that the child says when it is ready, as [`ChildSpec::ready_within`].
    pub fn ready_within(self, time: Duration) -> Self {
        Self(self.0.ready_within(time))
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
