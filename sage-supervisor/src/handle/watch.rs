//! What a tree does and is, for those who look on.

use std::pin::pin;

use tokio::sync::mpsc;

use super::{SupervisorHandle, Target};
use crate::command::CommandError;
use crate::contain::with_contained_waker;
use crate::engine::{Operation, Request};
use crate::event::Events;
use crate::tree::TreeSnapshot;

impl SupervisorHandle {
    /// The events of the whole tree from now on, of all its supervisors and whoever's handle this
    /// is.
    ///
    /// There is one for each fact, and the same are told through [`tracing`](crate#events). What
    /// happened before is in a [snapshot](Self::tree). A subscriber that does not keep up is no
    /// burden: the tree keeps the last 1024 events for all its subscribers together, and each is told
    /// how many it has [missed](crate::Lagged). The stream ends with the tree, after the event without a child that says
    /// how it ended; that of a tree that never began has no events at all.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, EventKind, RestartConfig, Strategy, Supervisor};
    ///
    /// async fn listener(ctx: ChildContext) {
    ///     ctx.cancelled().await;
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .child("listener", listener)
    ///     .start();
    /// let mut events = app.handle().subscribe();
    /// let first = events.recv().await.expect("the tree runs")?;
    /// assert_eq!(first.path, "root/listener");
    /// assert!(matches!(first.kind, EventKind::Started { instance: 1 }));
    /// app.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn subscribe(&self) -> Events {
        match &self.target {
            Target::Scope(scope) => Events::of(scope.stream()),
            Target::NotStarted(_) => Events::ended(),
        }
    }

    /// The whole tree at this moment, whoever's handle this is: the root and all below it.
    ///
    /// Every supervisor answers for itself, as soon as it gets to it; nothing is stopped or locked
    /// meanwhile. One that is down, or ends before it answers, is there without what is below it.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    /// use std::time::Duration;
    ///
    /// async fn listener(ctx: ChildContext) {
    ///     ctx.cancelled().await;
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .child("listener", listener)
    ///     .start();
    /// # tokio::time::sleep(Duration::from_secs(90)).await;
    /// let tree = app.handle().tree().await?;
    /// assert_eq!(
    ///     tree.to_string(),
    ///     "● root         running  1min 30s  one_for_one, 0 of 5 restarts in 1min\n\
    ///      └─ ● listener  running  1min 30s"
    /// );
    /// app.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`CommandError::NotRunning`] if the tree has ended.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn tree(&self) -> Result<TreeSnapshot, CommandError> {
        let Target::Scope(scope) = &self.target else { return Err(CommandError::NotRunning) };
        let root = scope.top();
        let (collector, mut parts) = mpsc::unbounded_channel();
        let operation = Operation::Collect(collector);
        root.command(Request { path: Vec::new(), operation }.into());
        // It ends when all who were asked have answered or ended.
        let collecting = pin!(async move {
            let mut collected = Vec::new();
            while let Some(part) = parts.recv().await {
                collected.push(part);
            }
            collected
        });
        let collected = with_contained_waker(collecting).await;
        TreeSnapshot::assemble(&root.lineage().to_string(), collected)
            .ok_or(CommandError::NotRunning)
    }
}
