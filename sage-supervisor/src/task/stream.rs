//! The mapping of a stream over the tasks of a dynamic supervisor.

use std::collections::BTreeMap;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;

use super::builder::TaskBuilder;
use super::error::TaskError;
use super::in_flight::{BoxFuture, InFlight};
use crate::child::ChildContext;
use crate::command::CommandError;
use crate::contain::contain;
use crate::dynamic::{DynamicSupervisor, Permit};
use crate::policy::Shutdown;

/// The number of items that one poll takes from the source, so that other tasks can run.
const ITEMS_PER_POLL: usize = 128;

/// The results of a stream whose items are mapped by tasks, from
/// [`map_stream`](DynamicSupervisor::map_stream): itself a [`Stream`], of `Result<T, TaskError>`.
///
/// An item is *in flight* from the moment at which it is taken from the source until its result is taken
/// from this stream. No item is taken while as many are in flight as the limit allows, or while the
/// supervisor has no [room](DynamicSupervisor::reserve) for the task. While the stream waits for its source
/// it may hold the place of the next task.
///
/// When this stream is dropped, all of its tasks are [aborted](super::Task::abort), as
/// [`abort_on_drop`](super::Task::abort_on_drop) does. Each place is free as soon as the supervisor has
/// learned of the end of its task.
///
/// A result arrives when the place of its task is free. A panic of a task is the result of its item alone.
/// If the supervisor starts no task any more, because it is ending, has ended or is being restarted, the
/// next result is [`TaskError::NotStarted`], as it is for an item whose task was already on its way. No
/// further item is taken from the source then, and the stream ends after the results of the items in
/// flight. A panic of the source is a panic of the poll; the source is dropped, and the stream ends after the
/// results of the items in flight.
#[must_use = "a stream does nothing unless it is polled"]
pub struct TaskStream<S: Stream, T> {
    supervisor: DynamicSupervisor,
    /// `None` once no further item is to be taken.
    source: Option<Pin<Box<S>>>,
    map: Map<S::Item, T>,
    settings: Settings,
    limit: usize,
    room: Room,
    /// The end of the run that has reserved a place while the source is waited for.
    over: Option<BoxFuture<()>>,
    in_flight: InFlight<Result<T, TaskError>>,
    /// The number of items that were taken, or failed to be.
    taken: u64,
    results: Results<T>,
}

/// The results that have arrived and were not given yet.
struct Results<T> {
    is_ordered: bool,
    /// The results by the numbers of their items, or by their own if they are not ordered.
    waiting: BTreeMap<u64, Result<T, TaskError>>,
    /// The number of results that have arrived.
    arrived: u64,
    /// The number of results that were given.
    given: u64,
}

/// The function that runs the task of an item, within a time if there is one.
type Map<I, T> =
    Box<dyn Fn(TaskBuilder, I, Option<Duration>) -> BoxFuture<Result<T, TaskError>> + Send + Sync>;

struct Settings {
    name: String,
    timeout: Option<Duration>,
    shutdown: Option<Shutdown>,
}

/// The room for the task of the next item.
enum Room {
    /// Nothing has been reserved.
    Needed,
    Awaited(BoxFuture<Result<Permit, CommandError>>),
    Reserved(Permit),
}

impl DynamicSupervisor {
    /// Maps the items of a stream, each by a task of its own, with at most `limit` items in flight. The
    /// stream that is returned gives the results, in the order of the items unless
    /// [`ordered(false)`](TaskStream::ordered) is set. (Elixir has the same in
    /// `Task.Supervisor.async_stream_nolink`.)
    ///
    /// `map` is called inside the tasks, so that a panic of it is a result of one item. The tasks are
    /// temporary children, as those of [`spawn_task`](Self::spawn_task) are. See [`TaskStream`] for what
    /// happens when the stream is dropped, and when the supervisor or the source ends.
    ///
    /// # Examples
    ///
    /// Ten pages, of which no more than three are fetched at once:
    ///
    /// ```
    /// use sage_supervisor::DynamicSupervisor;
    /// # mod tokio_stream {
    /// #     pub fn iter<I: Iterator + Unpin>(items: I) -> Iter<I> { Iter(items) }
    /// #     pub struct Iter<I>(I);
    /// #     impl<I: Iterator + Unpin> futures_core::Stream for Iter<I> {
    /// #         type Item = I::Item;
    /// #         fn poll_next(mut self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>)
    /// #             -> std::task::Poll<Option<I::Item>> { std::task::Poll::Ready(self.0.next()) }
    /// #     }
    /// # }
    /// # async fn fetch(page: u32) -> usize { page as usize * 100 }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let tasks = DynamicSupervisor::new();
    /// let running = tasks.clone().start();
    ///
    /// let pages = tokio_stream::iter(1..=10);
    /// let mut sizes = tasks.map_stream(pages, 3, |_, page| fetch(page));
    /// let mut total = 0;
    /// while let Some(size) = sizes.next().await {
    ///     total += size?;
    /// }
    /// assert_eq!(total, 5_500);
    /// running.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `limit` is 0.
    #[track_caller]
    pub fn map_stream<S, F, Fut>(
        &self,
        source: S,
        limit: usize,
        map: F,
    ) -> TaskStream<S, Fut::Output>
    where
        S: Stream,
        S::Item: Send + 'static,
        F: Fn(ChildContext, S::Item) -> Fut, // the function is called for every item: clone the values it gives away
        F: Send + Sync, // any thread may start a task: use `Arc` in place of `Rc`
        F: 'static,     // the function outlives its caller: `move` the values it uses
        Fut: Future,    // write `async |ctx, item| ..`, or `|ctx, item| async move { .. }`
        Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
        Fut: 'static,
        Fut::Output: Send + 'static,
    {
        assert!(limit > 0, "a stream whose limit is 0 would never take an item");
        let map = Arc::new(map);
        let map: Map<S::Item, Fut::Output> = Box::new(move |builder, item, timeout| {
            let map = Arc::clone(&map);
            Box::pin(run(builder, move |ctx| map(ctx, item), timeout))
        });
        TaskStream {
            room: Room::Needed,
            over: None,
            supervisor: self.clone(),
            source: Some(Box::pin(source)),
            map,
            settings: Settings { name: "task".to_owned(), timeout: None, shutdown: None },
            limit,
            in_flight: InFlight::new(),
            taken: 0,
            results: Results { is_ordered: true, waiting: BTreeMap::new(), arrived: 0, given: 0 },
        }
    }
}

/// Runs the task of one item.
async fn run<F, Fut>(
    builder: TaskBuilder,
    start: F,
    timeout: Option<Duration>,
) -> Result<Fut::Output, TaskError>
where
    F: FnOnce(ChildContext) -> Fut + Send + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: Send + 'static,
{
    let mut task = match builder.abort_on_drop().spawn(start).await {
        Ok(task) => task,
        Err(refused) => {
            let (error, start) = refused.into_parts();
            // The destructor of the item is the user's, and must not take the results of others along.
            let _ = contain(|| drop(start));
            return Err(TaskError::NotStarted(error));
        }
    };
    let Some(timeout) = timeout else { return task.await };
    if let Ok(result) = tokio::time::timeout(timeout, &mut task).await {
        return result;
    }
    task.abort();
    match task.await {
        Err(TaskError::Aborted) => Err(TaskError::TimedOut(timeout)),
        // The task has ended at the last moment.
        result => result,
    }
}

impl<S: Stream, T> TaskStream<S, T> {
    /// Sets whether the results come in the order of the items, which is the default, or as soon as they
    /// are there. In order, the result of a slow item holds up those behind it, which stay in flight.
    ///
    /// # Panics
    ///
    /// Panics if an item has been taken from the source already.
    #[track_caller]
    pub fn ordered(mut self, is_ordered: bool) -> Self {
        assert!(self.taken == 0, "the order of a stream is set before it is polled");
        self.results.is_ordered = is_ordered;
        self
    }

    /// Sets how long the task of an item may take. A task that takes longer is aborted, and the result of
    /// its item is [`TaskError::TimedOut`]. By default there is no limit.
    pub fn timeout(mut self, time: Duration) -> Self {
        self.settings.timeout = Some(time);
        self
    }

    /// Sets the name of the tasks, to which their numbers are added. The default is `task`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.settings.name = name.into();
        self
    }

    /// Sets how the tasks are stopped with their supervisor, as [`TaskBuilder::shutdown`] does.
    pub fn shutdown(mut self, shutdown: impl Into<Shutdown>) -> Self {
        self.settings.shutdown = Some(shutdown.into());
        self
    }

    /// The next result, or `None` once all results have been given. This is the `next` of the usual
    /// extension traits of streams.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe: no result is lost.
    pub async fn next(&mut self) -> Option<Result<T, TaskError>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    fn in_flight(&self) -> usize {
        self.in_flight.len() + self.results.waiting.len()
    }

    /// Returns whether one more item may be in flight.
    fn may_take(&self) -> bool {
        self.source.is_some() && self.in_flight() < self.limit
    }

    /// Polls the tasks, and keeps the results of those that have ended.
    fn poll_tasks(&mut self, cx: &Context<'_>) {
        let Self { in_flight, results, source, room, .. } = self;
        in_flight.poll(cx, |number, result| {
            if matches!(result, Err(TaskError::NotStarted(_))) {
                *source = None;
                room.give_back();
            }
            results.add(number, result);
        });
    }

    /// Takes one item from the source, and prepares its task. Returns `false` if no further item is to be
    /// taken.
    fn poll_take(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        let number = self.taken;
        if let Err(error) = ready!(self.room.poll(&self.supervisor, cx)) {
            self.taken += 1;
            self.source = None;
            self.results.add(number, Err(TaskError::NotStarted(error)));
            return Poll::Ready(false);
        }
        // A source that panics is not put back, so it is not polled again.
        let Some(mut source) = self.source.take() else { return Poll::Ready(false) };
        let polled = source.as_mut().poll_next(cx);
        let item = match polled {
            Poll::Pending => {
                self.source = Some(source);
                if self.poll_over(cx).is_ready() {
                    // The next poll asks for a place in the next run, and learns if there is none.
                    self.room.give_back();
                    cx.waker().wake_by_ref();
                }
                return Poll::Pending;
            }
            Poll::Ready(None) => {
                self.room.give_back();
                return Poll::Ready(false);
            }
            Poll::Ready(Some(item)) => item,
        };
        self.source = Some(source);
        self.taken += 1;
        let name = self.settings.name.as_str();
        let mut builder = match self.room.take() {
            Some(permit) => permit.task(name),
            None => self.supervisor.task(name),
        };
        if let Some(shutdown) = self.settings.shutdown {
            builder = builder.shutdown(shutdown);
        }
        self.in_flight.add(number, (self.map)(builder, item, self.settings.timeout));
        Poll::Ready(true)
    }

    /// Waits for the end of the run that has reserved the place of the next task. Nobody else would wake the
    /// stream while its source is silent.
    fn poll_over(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let over = self.over.get_or_insert_with(|| {
            let supervisor = self.supervisor.clone();
            Box::pin(async move { supervisor.run_is_over().await })
        });
        ready!(over.as_mut().poll(cx));
        self.over = None;
        Poll::Ready(())
    }

    /// Takes as many items as may be in flight.
    fn poll_source(&mut self, cx: &mut Context<'_>) {
        for _ in 0..ITEMS_PER_POLL {
            if !self.may_take() || self.poll_take(cx) != Poll::Ready(true) {
                return;
            }
            // The task is started before the next item is taken.
            self.poll_tasks(cx);
        }
        cx.waker().wake_by_ref();
    }
}

impl<T> Results<T> {
    fn add(&mut self, number: u64, result: Result<T, TaskError>) {
        self.waiting.insert(if self.is_ordered { number } else { self.arrived }, result);
        self.arrived += 1;
    }

    /// Takes out the next result, if it is there.
    fn take(&mut self) -> Option<Result<T, TaskError>> {
        let first = self.waiting.first_entry()?;
        if self.is_ordered && *first.key() != self.given {
            return None;
        }
        self.given += 1;
        Some(first.remove())
    }
}

// No field is pinned in place.
impl<S: Stream, T> Unpin for TaskStream<S, T> {}

impl<S: Stream, T> Stream for TaskStream<S, T> {
    type Item = Result<T, TaskError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        this.poll_tasks(cx);
        this.poll_source(cx);
        match this.results.take() {
            Some(result) => Poll::Ready(Some(result)),
            None if this.source.is_none() && this.in_flight.len() == 0 => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}

impl Room {
    /// Waits until there is room for one more task.
    fn poll(
        &mut self,
        supervisor: &DynamicSupervisor,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), CommandError>> {
        if matches!(self, Self::Needed) {
            let supervisor = supervisor.clone();
            *self = Self::Awaited(Box::pin(async move { supervisor.reserve().await }));
        }
        if let Self::Awaited(permit) = self {
            match ready!(permit.as_mut().poll(cx)) {
                Ok(permit) => *self = Self::Reserved(permit),
                Err(error) => {
                    *self = Self::Needed;
                    return Poll::Ready(Err(error));
                }
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Takes the permit of the next task out.
    fn take(&mut self) -> Option<Permit> {
        match std::mem::replace(self, Self::Needed) {
            Self::Reserved(permit) => Some(permit),
            Self::Needed | Self::Awaited(_) => None,
        }
    }

    /// Gives the place back, or the place in the queue.
    fn give_back(&mut self) {
        drop(self.take());
    }
}

impl<S: Stream, T> fmt::Debug for TaskStream<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskStream")
            .field("supervisor", &self.supervisor)
            .field("limit", &self.limit)
            .field("in_flight", &self.in_flight())
            .finish_non_exhaustive()
    }
}
