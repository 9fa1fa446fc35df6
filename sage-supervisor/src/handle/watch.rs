//! The events and the snapshots of a tree.

use std::pin::pin;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::{SupervisorHandle, Target};
use crate::child::{Operation, Request};
use crate::command::CommandError;
use crate::contain::with_contained_waker;
use crate::event::Events;
use crate::tree::TreeSnapshot;

impl SupervisorHandle {
    /// Subscribes to the events of the whole tree from now on.
    ///
    /// The stream has the events of all supervisors of the tree, whichever supervisor the handle belongs
    /// to. Each fact is one event, which is emitted through [`tracing`](crate#events) as well.
    /// Earlier events are not received; a [snapshot](Self::tree) shows their outcome.
    ///
    /// A slow subscriber holds up nobody. The tree keeps at most the last 1024 events for all its
    /// subscribers together, and fewer if they hold more than about 16 MiB; the text of an error stands for
    /// its size. Each subscriber learns how many events it has [missed](crate::Lagged). An event that
    /// nobody can receive any more is dropped at once.
    ///
    /// The stream ends with the tree. Its last event is the event without a child that says how the tree
    /// ended. The stream of a tree that was not started has no events at all.
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
    /// let mut events = app.handle().tree_events();
    /// let first = events.recv().await.expect("the tree runs")?;
    /// assert_eq!(first.path, "root/listener");
    /// assert!(matches!(first.kind, EventKind::Started { instance: 1, .. }));
    /// app.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn tree_events(&self) -> Events {
        match &self.target {
            Target::Scope(scope) => Events::of(scope.stream()),
            Target::NotStarted(_) => Events::ended(),
        }
    }

    /// The former name of [`tree_events`](Self::tree_events).
    #[doc(hidden)]
    #[must_use]
    pub fn subscribe(&self) -> Events {
        self.tree_events()
    }

    /// Takes a snapshot of the whole tree: the root and all below it, whichever supervisor the handle
    /// belongs to.
    ///
    /// Every supervisor answers for its own children as soon as it handles the request; nothing is
    /// stopped or locked meanwhile. A supervisor that is down, or ends before it answers, is in the
    /// snapshot without the children below it.
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
        let scope = self.running_scope()?;
        let root = scope.top();
        let (collector, mut parts) = mpsc::unbounded_channel();
        let operation = Operation::Collect(Arc::from([collector]));
        root.command(Request::to_engine(operation).into());
        // Every supervisor that is asked holds a clone of `collector`, and drops it when it has answered
        // or ended. The channel is closed when all have.
        let collecting = pin!(async move {
            let mut collected = Vec::new();
            while let Some(part) = parts.recv().await {
                collected.push(part);
            }
            collected
        });
        let collected = with_contained_waker(collecting).await;
        // Others may have taken a snapshot at the same moment, and share the answers.
        let collected = collected.into_iter().map(Arc::unwrap_or_clone);
        TreeSnapshot::assemble(&root.lineage().to_string(), collected)
            .ok_or_else(|| Self::has_ended_error(root.lineage().to_string()))
    }
}
