//! One-shots with a result, under a dynamic supervisor.

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

/// Why a task has no result.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum TaskError {
    /// It panicked.
    #[error("the task panicked: {0}")]
    Panicked(ChildPanic),
    /// It was aborted before it had ended: by a stop whose time was over, or with its supervisor.
    #[error("the task was aborted")]
    Aborted,
}

/// A task under a [`DynamicSupervisor`], and its result to come: a future of
/// `Result<T, TaskError>`.
///
/// A result comes when the supervisor has heard of the end of the task, so that its place among the
/// [`max_children`](DynamicSupervisor::max_children) is free again; [`TaskError::Aborted`] comes at
/// once.
/// Dropping it leaves the task alone: it runs on under its supervisor.
///
/// # Panics
///
/// If it is polled again after it has completed.
///
/// # Cancel safety
///
/// Awaited by reference it is cancel safe.
#[must_use = "the result of a task is lost unless it is awaited"]
pub struct Task<T> {
    name: String,
    result: oneshot::Receiver<Told<T>>,
    /// The result that has come, and the end of the child that is waited for.
    ending: Option<Ending<T>>,
}

/// A result, and the end of the child.
type Ending<T> = (Result<T, TaskError>, Pin<Box<WaitForCancellationFutureOwned>>);

/// A result, and what tells that the child has ended.
type Told<T> = (Result<T, TaskError>, CancellationToken);

// Nothing in it is pinned in place.
impl<T> Unpin for Task<T> {}

impl<T> Task<T> {
    /// The name of the task among the children of its supervisor, to stop it by.
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
            match Pin::new(&mut this.result).poll(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(_)) => return Poll::Ready(Err(TaskError::Aborted)),
                Poll::Ready(Ok((result, ended))) => {
                    this.ending = Some((result, Box::pin(ended.cancelled_owned())));
                }
            }
        }
        // Its supervisor has heard of the end first: its place is free for whoever has the result.
        let ending = this.ending.as_mut().expect("set above");
        match ending.1.as_mut().poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => Poll::Ready(this.ending.take().expect("set above").0),
        }
    }
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("name", &self.name).finish_non_exhaustive()
    }
}

impl DynamicSupervisor {
    /// Starts a task and gives its result to come. It is a temporary child: asked to stop with its
    /// supervisor, and never restarted. What it returns, an error too, is the caller's; a panic is
    /// both the caller's and an exit of the child. (As Elixir's `Task.Supervisor.async_nolink`.)
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
    /// Those of [`start_child`](Self::start_child).
    ///
    /// # Cancel safety
    ///
    /// Once polled, the task is started even if this future is dropped.
    pub async fn spawn_task<F, Fut>(
        &self,
        name: impl Into<String>,
        start: F,
    ) -> Result<Task<Fut::Output>, CommandError>
    where
        F: FnOnce(ChildContext) -> Fut,
        F: Send,     // any thread may start it: `Arc` in place of `Rc`
        F: 'static,  // outlives its caller: `move` what it uses
        Fut: Future, // `async move |ctx| ..`, or `move |ctx| async move { .. }`
        Fut: Send,   // may change threads: drop what is not `Send` before an `.await`
        Fut: 'static,
        Fut::Output: Send + 'static,
    {
        let (tell, result) = oneshot::channel();
        let child = OnceChild::new(name, move |ctx| {
            let (own, tell) = (ctx.clone(), Some(tell));
            let work = contain(|| Box::pin(start(ctx)));
            Telling { work, ctx: own, tell }
        });
        let name = self.start_child(child).await?;
        Ok(Task { name, result, ending: None })
    }
}

/// The work of a task, which tells how it ended.
struct Telling<Fut: Future> {
    /// It may have panicked before there was any.
    work: Result<Pin<Box<Fut>>, ChildPanic>,
    ctx: ChildContext,
    tell: Option<oneshot::Sender<Told<Fut::Output>>>,
}

impl<Fut: Future> Future for Telling<Fut> {
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
        if let Some(tell) = self.tell.take() {
            // The caller may not care; its waker may panic; what is not taken may panic when dropped.
            let told = (result, self.ctx.token());
            let _ = contain(|| drop(tell.send(told)));
        }
        match panic {
            None => Poll::Ready(()),
            // It is the child's exit as well. The panic hook has had it.
            Some(panic) => resume_unwind(Box::new(panic.message().to_owned())),
        }
    }
}
