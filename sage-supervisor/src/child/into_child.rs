//! The values that can be added to a supervisor as a child.

use super::context::ChildContext;
use super::outcome::Outcome;
use super::spec::ChildSpec;

/// A value that can be a child: an `async fn` that takes a [`ChildContext`], a [`ChildSpec`], a
/// [`Supervisor`], a [`DynamicSupervisor`] or a [`PartitionedSupervisor`].
///
/// An `async fn` is passed by its name, `worker`, and is called at every start. A
/// [`#[child]`](attr.child.html) function is called, `worker()`, and returns a [`ChildSpec`].
///
/// The type of a closure's parameter has to be known: write it down, or pass the closure to
/// [`ChildSpec::new`].
///
/// # Examples
///
/// A type of your own as a child:
///
/// ```
/// use sage_supervisor::{ChildSpec, IntoChild, RestartConfig, Strategy, Supervisor};
/// use std::time::Duration;
///
/// struct Poller {
///     every: Duration,
/// }
///
/// impl IntoChild for Poller {
///     fn into_child(self, name: String) -> ChildSpec {
///         ChildSpec::new(name, move |ctx| async move {
///             while !ctx.is_cancelled() {
///                 tokio::time::sleep(self.every).await;
///             }
///         })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), sage_supervisor::SageError> {
/// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
///     .child("prices", Poller { every: Duration::from_secs(1) })
///     .start();
/// # tokio::time::sleep(Duration::from_secs(1)).await;
/// app.shutdown().await
/// # }
/// ```
///
/// [`DynamicSupervisor`]: crate::DynamicSupervisor
/// [`PartitionedSupervisor`]: crate::PartitionedSupervisor
/// [`Supervisor`]: crate::Supervisor
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a child",
    label = "this value cannot be started as a child",
    note = "a child is an `async fn(ChildContext)`, a closure, a `ChildSpec`, or a `Supervisor` of any kind",
    note = "an `async fn` is named, and neither called nor awaited: `worker`; with more arguments than its context it needs `#[child]`, and is called: `worker(db)`",
    note = "a process is a `ChildSpec::command(..)`, a blocking function a `ChildSpec::blocking(..)`, and several children at once are added by `.children(..)`"
)]
pub trait IntoChild {
    /// Makes the spec of this child under the name `name`.
    ///
    /// A [`ChildSpec`] takes the new name. A supervisor that was given a
    /// [name](crate::Supervisor::name) keeps the name it was given.
    fn into_child(self, name: String) -> ChildSpec;
}

impl<F, Fut> IntoChild for F
where
    F: Fn(ChildContext) -> Fut, // the function is called at every start: it cannot give away the values it owns
    F: Send + Sync + 'static,
    Fut: Future,
    Fut: Send + 'static,
    Fut::Output: Outcome,
{
    fn into_child(self, name: String) -> ChildSpec {
        ChildSpec::new(name, self)
    }
}

#[diagnostic::do_not_recommend]
impl IntoChild for ChildSpec {
    fn into_child(self, name: String) -> ChildSpec {
        self.named(name)
    }
}
