//! The command that gives a child another spec.

use std::sync::Arc;

use super::SupervisorHandle;
use crate::child::{ChildSpec, IntoChild, Operation, Start};
use crate::command::{CommandError, Reload};

impl SupervisorHandle {
    /// Replaces the spec of a child in place, as one command: the child keeps its name and its place in the
    /// order, its old instance is stopped by its own shutdown setting, and then the new one is started. The
    /// call returns when the child is up. A child that is down is started, even if it was stopped by hand.
    ///
    /// From the moment at which the command is accepted, the new spec is the declared one: it is the spec
    /// that a later restart starts from, also if the supervisor, or one above it, is restarted. It may be of
    /// another kind, such as a supervisor in the place of a worker, and have other settings. The
    /// [`Supervisor`](crate::Supervisor) that the tree was started from is a plan, and stays as it was. A
    /// replaced child begins with an empty history of its own restart limit and with the first delay of its
    /// backoff, because it is another program; the number of its restarts and its last exits go on. A member
    /// of a pool keeps its [number](crate::ChildContext::index).
    ///
    /// If a child is replaced again before its old instance has ended, the last spec is the one that is
    /// started. A restart by hand and a replacement do not count for a restart limit.
    ///
    /// A [`DynamicSupervisor`](crate::DynamicSupervisor) has
    /// [its own method](crate::DynamicSupervisor::replace_child), which also takes templates.
    ///
    /// # Examples
    ///
    /// A service that gets other settings without a restart of its neighbours:
    ///
    /// ```
    /// use sage_supervisor::prelude::*;
    ///
    /// async fn web(ctx: ChildContext, port: u16) {
    ///     println!("listening on {port}");
    ///     ctx.cancelled().await;
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .children([ChildSpec::new("web", |ctx| web(ctx, 80))])
    ///     .start();
    /// app.started().await?;
    /// let handle = app.handle();
    /// handle.replace_child("web", ChildSpec::new("web", |ctx| web(ctx, 8080))).await?;
    /// assert_eq!(handle.child("web").await?.restarts, 1);
    /// app.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of the [table](Self#commands), and [`CommandError::Invalid`] if the new spec breaks a rule.
    /// Nothing is replaced then.
    ///
    /// [`CommandError::FailedStart`], if the new spec does not start. The start is not retried: the child
    /// stays down with the new spec, until it is started or replaced by hand. To go back, replace the child
    /// with its old spec. An error that arises while the old instance is being stopped also leaves the
    /// new spec in place, such as [`CommandError::Stopped`], or [`CommandError::Unresponsive`] if that
    /// instance does not end.
    ///
    /// # Cancel safety
    ///
    /// Once polled, the child is replaced even if this future is dropped.
    pub async fn replace_child<C>(&self, path: &str, child: C) -> Result<(), CommandError>
    where
        C: IntoChild, // name an `async fn(ChildContext)`, call a `#[child]` function, or pass a `ChildSpec`
    {
        let name = path.rsplit('/').next().unwrap_or_default();
        // The name of the child stays, also if a nested supervisor was given another one.
        let spec = child.into_child(name.to_owned()).named(name.to_owned());
        self.replace_with(path, Arc::new(spec), false).await
    }

    pub(crate) async fn reload_as(&self, declared: Arc<ChildSpec>) -> Result<Reload, CommandError> {
        self.ask("", |reply| Operation::Reload { declared, handed_on: None, reply }).await
    }

    pub(crate) async fn replace_with(
        &self,
        path: &str,
        spec: Arc<ChildSpec>,
        is_shared: bool,
    ) -> Result<(), CommandError> {
        let start = Box::new(Start { name: None, spec, is_shared, place: None });
        self.ask(path, |reply| Operation::Replace(start, reply)).await.map(drop)
    }
}
