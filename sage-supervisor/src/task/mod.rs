//! Tasks with a result, under a dynamic supervisor.

mod builder;
mod error;
mod in_flight;
mod link;
mod stream;
mod work;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use self::link::Link;
use crate::child::ChildContext;
use crate::command::CommandError;
use crate::dynamic::{DynamicSupervisor, Permit, StartError};

pub use self::builder::TaskBuilder;
pub use self::error::TaskError;
pub use self::stream::TaskStream;

/// A task under a [`DynamicSupervisor`]: a future of `Result<T, TaskError>`, the result of the
/// task.
///
/// The future returns once the supervisor has learned of the end of the task, so that the task's place
/// among the [`max_children`](DynamicSupervisor::max_children) is free again, also if the task was
/// stopped or aborted. If the supervisor itself is gone, the future does not wait for it.
///
/// Dropping the future has no effect on the task, which runs on under its supervisor, unless
/// [`abort_on_drop`](Self::abort_on_drop) ties the task to its owner.
///
/// # Panics
///
/// Panics if the future is polled again after it has completed.
///
/// # Cancel safety
///
/// The future is cancel safe if it is awaited by reference.
#[must_use = "the result of a task is lost unless it is awaited: `detach` lets the task run on"]
pub struct Task<T> {
    name: String,
    link: Arc<Link<T>>,
    aborts_on_drop: bool,
    is_done: bool,
}

// No field is pinned in place.
impl<T> Unpin for Task<T> {}

impl<T> Task<T> {
    /// The name of the task among the children of its supervisor, by which it can be stopped.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns `true` if the result of the task is there, so that the future is ready.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.link.is_finished()
    }

    /// Aborts the task at its next yield, without asking it to stop. The future then gives
    /// [`TaskError::Aborted`], once the place of the task is free. If the task has ended already, nothing
    /// happens, and the result is kept. (The method is like `abort` of tokio's `JoinHandle`.)
    ///
    /// The exit of the task is [`Exit::Killed`](crate::Exit::Killed), which its owner has asked for. Like
    /// the exit of a child that was stopped by hand, it counts as no failure, and a significant task does
    /// not end its supervisor by it.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{DynamicSupervisor, TaskError};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let tasks = DynamicSupervisor::new();
    /// let running = tasks.clone().start();
    /// let search = tasks.spawn_task("search", async |_| std::future::pending::<()>().await).await?;
    /// search.abort();
    /// assert!(matches!(search.await, Err(TaskError::Aborted)));
    /// running.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn abort(&self) {
        self.link.abort();
    }

    /// Ties the task to its owner: the task is [aborted](Self::abort) when this future is dropped before it
    /// has completed. (`tokio_util` has an `AbortOnDropHandle` for that.)
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::DynamicSupervisor;
    /// use std::time::Duration;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let tasks = DynamicSupervisor::new();
    /// let running = tasks.clone().start();
    /// let query = tasks.spawn_task("query", async |_| std::future::pending::<()>().await).await?;
    ///
    /// let time = Duration::from_secs(1);
    /// let late = tokio::time::timeout(time, query.abort_on_drop()).await;
    /// assert!(late.is_err());
    /// # tokio::time::sleep(time).await;
    /// assert_eq!(tasks.counts().await?.running, 0, "nobody waits for the query any more");
    /// running.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "a task that is tied to its owner is aborted when it is dropped"]
    pub fn abort_on_drop(mut self) -> Self {
        self.aborts_on_drop = true;
        self
    }

    /// Lets the task run on without an owner. Its result is dropped.
    pub fn detach(mut self) {
        self.aborts_on_drop = false;
    }
}

impl<T> Future for Task<T> {
    type Output = Result<T, TaskError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        assert!(!self.is_done, "the future of a task was polled after it had completed");
        let polled = self.link.poll_result(cx);
        self.is_done = polled.is_ready();
        polled
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        if self.aborts_on_drop {
            self.link.abort();
        }
        self.link.disown();
    }
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("name", &self.name).finish_non_exhaustive()
    }
}

impl DynamicSupervisor {
    /// Starts a task, and returns the future of its result. The task is a temporary child: it is
    /// asked to stop with its supervisor, and never restarted. The caller receives the value that
    /// the task returns, even if it is an error. A panic is both the result for the caller and the
    /// exit of the child. [`task`](Self::task) starts one with other settings. (Elixir has the same in
    /// `Task.Supervisor.async_nolink`.)
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{DynamicSupervisor, TaskError};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let tasks = DynamicSupervisor::new();
    /// let running = tasks.clone().start();
    /// running.started().await?;
    ///
    /// let sum = tasks.spawn_task("sum", |_| async { (1..=4).sum::<u32>() }).await?;
    /// assert_eq!(sum.await?, 10);
    ///
    /// let lost = tasks.spawn_task("lost", |_| async { panic!("no way") }).await?;
    /// let result: Result<(), TaskError> = lost.await;
    /// assert_eq!(result.unwrap_err().to_string(), "the task panicked: no way");
    /// running.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`start_child`](Self::start_child).
    ///
    /// # Cancel safety
    ///
    /// Once the future has been polled, the task is started even if the future is dropped.
    pub async fn spawn_task<F, Fut>(
        &self,
        name: impl Into<String>,
        start: F,
    ) -> Result<Task<Fut::Output>, CommandError>
    where
        F: FnOnce(ChildContext) -> Fut,
        F: Send,     // any thread may start the child: use `Arc` in place of `Rc`
        F: 'static,  // the function outlives its caller: `move` the values it uses
        Fut: Future, // write `async move |ctx| ..`, or `move |ctx| async move { .. }`
        Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
        Fut: 'static,
        Fut::Output: Send + 'static,
    {
        self.task(name).spawn(start).await.map_err(StartError::into_error)
    }
}

impl Permit {
    /// Starts a task in the reserved place, like
    /// [`DynamicSupervisor::spawn_task`](DynamicSupervisor::spawn_task).
    ///
    /// # Errors
    ///
    /// The errors of [`start_child`](Self::start_child).
    ///
    /// # Cancel safety
    ///
    /// Once the future has been polled, the task is started even if the future is dropped. Before that,
    /// the place is given back.
    pub async fn spawn_task<F, Fut>(
        self,
        name: impl Into<String>,
        start: F,
    ) -> Result<Task<Fut::Output>, CommandError>
    where
        F: FnOnce(ChildContext) -> Fut,
        F: Send,     // any thread may start the child: use `Arc` in place of `Rc`
        F: 'static,  // the function outlives its caller: `move` the values it uses
        Fut: Future, // write `async move |ctx| ..`, or `move |ctx| async move { .. }`
        Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
        Fut: 'static,
        Fut::Output: Send + 'static,
    {
        self.task(name).spawn(start).await.map_err(StartError::into_error)
    }
}
