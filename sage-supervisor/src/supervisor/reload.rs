//! The reload of a declaration by its difference to the running one.

use std::sync::Arc;

use super::Supervisor;
use crate::child::ChildSpec;
use crate::command::{CommandError, Reload};
use crate::handle::SupervisorHandle;
use crate::running::RunningSupervisor;

impl SupervisorHandle {
    /// Puts another declaration in the place of that of the running supervisor, and changes only what
    /// differs: a child that is the same runs on, a changed one is replaced in its place, a new one is
    /// started in its place, and one that is not declared any more is stopped and removed.
    ///
    /// Two children are the same if their settings are equal, and their start functions have the same type
    /// and capture nothing, or have equal [versions](ChildSpec::version). A child that captures values and
    /// has no version cannot be compared, and counts as changed. A nested supervisor that stays a supervisor
    /// is not restarted: its settings are taken over, and its children are compared in turn, at the same
    /// time. A [`DynamicSupervisor`](crate::DynamicSupervisor) goes on with its children if it is a clone of
    /// the one that runs. Children that were added at run time stay.
    ///
    /// From the moment at which the reload is accepted, the new declaration is the one from which the
    /// supervisor is built anew, with all its settings; a changed restart limit begins with an empty history.
    /// The name of a supervisor stays. In each supervisor, the changed children are then stopped, the last one
    /// first, and after that the changed and new ones are started in order. The call returns when all of that
    /// is done. While the supervisor is starting, the reload waits. If a group is being restarted, the reload is
    /// carried out when the group is down, before it starts again; another order of the children follows once all
    /// have been started. Of several reloads that wait, the last one stands, and all callers get its answer. A later
    /// reload overtakes an earlier one that is still being carried out.
    ///
    /// A child of the tree that awaits a reload itself is answered as soon as the reload is accepted, with the
    /// changes that follow, because it may be what they wait for.
    ///
    /// # Examples
    ///
    /// A service that reads its configuration again at SIGHUP. The listener of the port that stays is not
    /// touched:
    ///
    /// ```
    /// use sage_supervisor::prelude::*;
    ///
    /// async fn listen(ctx: ChildContext, port: u16) {
    ///     println!("{} listens on {port}", ctx.name());
    ///     ctx.cancelled().await;
    /// }
    ///
    /// fn tree(ports: &[u16]) -> Supervisor {
    ///     let listeners = ports.iter().map(|&port| {
    ///         let name = format!("listener-{port}");
    ///         ChildSpec::new(name, move |ctx| listen(ctx, port)).version(port)
    ///     });
    ///     Supervisor::new(Strategy::OneForOne, RestartConfig::default()).children(listeners)
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let app = tree(&[80, 443]).start();
    /// app.started().await?;
    ///
    /// // In a handler of the signal, with the ports that the file has now:
    /// let changes = app.handle().reload(tree(&[443, 8080])).await?;
    /// assert_eq!(changes.kept, ["root/listener-443"]);
    /// assert_eq!(changes.added, ["root/listener-8080"]);
    /// assert_eq!(changes.removed, ["root/listener-80"]);
    /// app.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`CommandError::Invalid`] if the new declaration breaks a rule, or the supervisor is dynamic, and
    /// [`CommandError::NotRunning`] if it is ending or has ended. Nothing is changed then.
    ///
    /// A stop or a start that fails is no error of the reload: the others are carried out, and the failure is
    /// in [`Reload::failed`]. A child that did not start stays down with its new spec, as with
    /// [`replace_child`](Self::replace_child).
    ///
    /// # Cancel safety
    ///
    /// Once polled, the reload is carried out even if this future is dropped.
    pub async fn reload(&self, declared: Supervisor) -> Result<Reload, CommandError> {
        let spec = ChildSpec::supervisor(String::new(), declared.declaration);
        self.reload_as(Arc::new(spec)).await
    }
}

impl RunningSupervisor {
    /// Puts another declaration in the place of that of the running tree, and changes only what differs, as
    /// [`SupervisorHandle::reload`] does.
    ///
    /// # Errors
    ///
    /// The errors of [`SupervisorHandle::reload`].
    ///
    /// # Cancel safety
    ///
    /// Once polled, the reload is carried out even if this future is dropped.
    pub async fn reload(&self, declared: Supervisor) -> Result<Reload, CommandError> {
        self.handle().reload(declared).await
    }
}
