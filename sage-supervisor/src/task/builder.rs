//! The start of a task, with its settings.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::Task;
use super::link::{Link, Worker};
use super::work::Work;
use crate::child::{ChildContext, OnceChild};
use crate::contain::Contained;
use crate::dynamic::{DynamicSupervisor, Permit, StartError};
use crate::policy::Shutdown;
use crate::scope::Place;

/// The settings of a task that is about to be started, from [`DynamicSupervisor::task`] or
/// [`Permit::task`].
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
///
/// let upload = tasks
///     .task("upload")
///     .shutdown(Duration::from_secs(30))
///     .abort_on_drop()
///     .spawn(async |ctx| ctx.cancelled().await)
///     .await
///     .map_err(|refused| refused.into_error())?;
/// assert_eq!(tasks.counts().await?.running, 1);
///
/// drop(upload);
/// # tokio::task::yield_now().await;
/// # tokio::time::sleep(Duration::from_millis(1)).await;
/// assert_eq!(tasks.counts().await?.running, 0);
/// running.shutdown().await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a task does nothing until it is spawned"]
pub struct TaskBuilder {
    supervisor: DynamicSupervisor,
    place: Option<Place>,
    name: String,
    shutdown: Option<Shutdown>,
    is_significant: bool,
    aborts_on_drop: bool,
}

impl DynamicSupervisor {
    /// Returns the settings of a task that is to be started. Without any setting, the task is that of
    /// [`spawn_task`](Self::spawn_task).
    pub fn task(&self, name: impl Into<String>) -> TaskBuilder {
        TaskBuilder::new(self.clone(), None, name.into())
    }
}

impl Permit {
    /// Returns the settings of a task that is to be started in the reserved place.
    pub fn task(self, name: impl Into<String>) -> TaskBuilder {
        let (supervisor, place) = self.into_parts();
        TaskBuilder::new(supervisor, Some(place), name.into())
    }
}

impl TaskBuilder {
    fn new(supervisor: DynamicSupervisor, place: Option<Place>, name: String) -> Self {
        Self {
            supervisor,
            place,
            name,
            shutdown: None,
            is_significant: false,
            aborts_on_drop: false,
        }
    }

    /// Sets how the task is stopped, by hand or with its supervisor: a [`Shutdown`], or the
    /// [`Duration`](std::time::Duration) it may take to stop. The default is 5 s.
    pub fn shutdown(mut self, shutdown: impl Into<Shutdown>) -> Self {
        self.shutdown = Some(shutdown.into());
        self
    }

    /// Marks the task as significant, as [`ChildSpec::significant`](crate::ChildSpec::significant) does:
    /// its end can end its supervisor.
    pub fn significant(mut self) -> Self {
        self.is_significant = true;
        self
    }

    /// Ties the task to its owner, as [`Task::abort_on_drop`] does. The task is also aborted if the
    /// future of [`spawn`](Self::spawn) is dropped.
    pub fn abort_on_drop(mut self) -> Self {
        self.aborts_on_drop = true;
        self
    }

    /// Starts the task, and returns the future of its result, like
    /// [`spawn_task`](DynamicSupervisor::spawn_task). A function that is refused is given back.
    ///
    /// # Errors
    ///
    /// The errors of [`DynamicSupervisor::start_child`], with the function.
    ///
    /// # Cancel safety
    ///
    /// Once the future has been polled, the task is started even if the future is dropped, unless the
    /// task is [aborted](Self::abort_on_drop) by that.
    pub async fn spawn<F, Fut>(self, start: F) -> Result<Task<Fut::Output>, StartError<F>>
    where
        F: FnOnce(ChildContext) -> Fut,
        F: Send,     // any thread may start the child: use `Arc` in place of `Rc`
        F: 'static,  // the function outlives its caller: `move` the values it uses
        Fut: Future, // write `async move |ctx| ..`, or `move |ctx| async move { .. }`
        Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
        Fut: 'static,
        Fut::Output: Send + 'static,
    {
        let link = Link::new();
        let worker = Worker::new(&link);
        // The caller keeps a share of the function, to have it back if the start is refused.
        let start = Arc::new(Mutex::new(Some(Contained::new(start))));
        let mut child = OnceChild::new(self.name, {
            let start = Arc::clone(&start);
            move |ctx| {
                let start = take(&start);
                Work::begin(worker, || start.expect("a task is started only once")(ctx))
            }
        })
        .owned_by(Arc::clone(&link) as Arc<_>);
        if let Some(shutdown) = self.shutdown {
            child = child.shutdown(shutdown);
        }
        if self.is_significant {
            child = child.significant();
        }
        // From here on the task has an owner, who may be dropped before the answer has come.
        let mut task =
            Task { name: String::new(), link, aborts_on_drop: self.aborts_on_drop, is_done: false };
        match self.supervisor.start_as(None, child.into(), self.place).await {
            Ok(name) => {
                task.name = name;
                Ok(task)
            }
            Err(error) => Err(StartError::new(error, take(&start))),
        }
    }
}

fn take<F>(start: &Mutex<Option<Contained<F>>>) -> Option<F> {
    let start = start.lock().unwrap_or_else(PoisonError::into_inner).take();
    start.map(Contained::into_inner)
}

impl fmt::Debug for TaskBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskBuilder")
            .field("name", &self.name)
            .field("shutdown", &self.shutdown)
            .finish_non_exhaustive()
    }
}
