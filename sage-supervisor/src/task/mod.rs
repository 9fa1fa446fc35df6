//! Tasks with a result, under a dynamic supervisor.

use std::fmt;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll};

use thiserror::Error;
use tokio::sync::oneshot;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::child::{ChildContext, OnceChild};
use crate::command::CommandError;
use crate::contain::{ChildPanic, contain};
use crate::dynamic::DynamicSupervisor;

/// The reason for which a task has no result.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum TaskError {
    /// The task panicked.
    #[error("the task panicked{place}: {0}", place = .0.place())]
    Panicked(ChildPanic),
    /// The task was aborted before it had ended: by a stop whose time was over, or with its
    /// supervisor.
    #[error("the task was aborted")]
    Aborted,
}

/// A task under a [`DynamicSupervisor`]: a future of `Result<T, TaskError>`, the result of the
/// task.
///
/// The future returns once the supervisor has learned of the end of the task, so that the task's place
/// among the [`max_children`](DynamicSupervisor::max_children) is free again, also if the task was
/// stopped or aborted. If the supervisor itself is gone, the future does not wait for it.
///
/// Dropping the future has no effect on the task, which runs on under its supervisor.
///
/// # Panics
///
/// Panics if the future is polled again after it has completed.
///
/// # Cancel safety
///
/// The future is cancel safe if it is awaited by reference.
#[must_use = "the result of a task is lost unless it is awaited"]
pub struct Task<T> {
    name: String,
    result: oneshot::Receiver<Result<T, TaskError>>,
    /// Cancelled when the supervisor has learned of the end of the child, or is gone.
    settled: CancellationToken,
    /// The result that has arrived, and the end of the child, which the future waits for.
    ending: Option<Ending<T>>,
}

/// A result, and a future that completes when the supervisor has learned of the end of the child.
type Ending<T> = (Result<T, TaskError>, Pin<Box<WaitForCancellationFutureOwned>>);

// No field is pinned in place.
impl<T> Unpin for Task<T> {}

impl<T> Task<T> {
    /// The name of the task among the children of its supervisor, by which it can be stopped.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl<T> Future for Task<T> {
    type Output = Result<T, TaskError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.ending.is_none() {
            let Poll::Ready(result) = Pin::new(&mut this.result).poll(cx) else {
                return Poll::Pending;
            };
            // The sender is dropped without a result if the future of the child is.
            let result = result.unwrap_or(Err(TaskError::Aborted));
            this.ending = Some((result, Box::pin(this.settled.clone().cancelled_owned())));
        }
        // The supervisor learns of the end first, so that the caller finds the place of the task
        // free.
        let ending = this.ending.as_mut().expect("the result has been stored above");
        match ending.1.as_mut().poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => {
                Poll::Ready(this.ending.take().expect("the result has been stored above").0)
            }
        }
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
    /// exit of the child. (Elixir has the same in `Task.Supervisor.async_nolink`.)
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
        let (reply, result) = oneshot::channel();
        let settled = CancellationToken::new();
        let child = OnceChild::new(name, move |ctx| {
            // A panic of `start` is contained here, so that the caller learns of it too.
            TaskFuture { work: contain(|| Box::pin(start(ctx))), reply: Some(reply) }
        });
        let name = self.start_child(child.settling(settled.clone())).await?;
        Ok(Task { name, result, settled, ending: None })
    }
}

/// The work of a task, with the sender of its result.
struct TaskFuture<Fut: Future> {
    /// The future of the work, or the panic of the function that should have returned it.
    work: Result<Pin<Box<Fut>>, ChildPanic>,
    reply: Option<oneshot::Sender<Result<Fut::Output, TaskError>>>,
}

impl<Fut: Future> Future for TaskFuture<Fut> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let polled = match &mut self.work {
            Ok(work) => contain(|| work.as_mut().poll(cx)),
            Err(panic) => Err(panic.clone()),
        };
        let (result, panic) = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(output)) => (Ok(output), None),
            Err(panic) => (Err(TaskError::Panicked(panic.clone())), Some(panic)),
        };
        if let Some(reply) = self.reply.take() {
            // The receiver may be gone, its waker may panic, and a result that nobody takes may
            // panic when it is dropped.
            let _ = contain(|| drop(reply.send(result)));
        }
        match panic {
            None => Poll::Ready(()),
            // The panic is the exit of the child as well. It has already been printed by the panic
            // hook, so `resume_unwind` is used, which does not call the hook again.
            Some(panic) => resume_unwind(Box::new(panic)),
        }
    }
}
