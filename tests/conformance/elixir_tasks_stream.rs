//! The cases of Elixir's suite of `Task.Supervisor` about `async_stream` and `async_stream_nolink`, which
//! are one here: the end of a task affects no other. The table is in [`elixir_tasks`](super::elixir_tasks).

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use sage_supervisor::{ChildContext, DynamicSupervisor, TaskError, TaskStream};
use sage_supervisor_tests::{no_task_is_left, quiet_panics, settle};
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::{SECOND, counts, up_dynamic};

/// A stream of the given items.
struct Items<I>(I);

impl<I: Iterator + Unpin> Stream for Items<I> {
    type Item = I::Item;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<I::Item>> {
        Poll::Ready(self.0.next())
    }
}

fn items<I: IntoIterator<IntoIter: Unpin>>(items: I) -> Items<I::IntoIter> {
    Items(items.into_iter())
}

/// Sleeps for so many milliseconds, or for ever.
async fn sleeps(_: ChildContext, millis: Option<u64>) -> u64 {
    match millis {
        Some(millis) => sleep(Duration::from_millis(millis)).await,
        None => std::future::pending().await,
    }
    millis.unwrap_or_default()
}

async fn all<S: Stream, T>(mut results: TaskStream<S, T>) -> Vec<Result<T, TaskError>> {
    let mut all = Vec::new();
    while let Some(result) = results.next().await {
        all.push(result);
    }
    all
}

fn unwrap<T>(results: Vec<Result<T, TaskError>>) -> Vec<T> {
    results.into_iter().map(Result::unwrap).collect()
}

#[tokio::test(start_paused = true)]
async fn streams_an_enumerable_with_fun() {
    let tasks = DynamicSupervisor::new();
    let (running, _) = up_dynamic(&tasks).await;
    let results = tasks.map_stream(items((1..=4).map(Some)), 4, sleeps);
    assert_eq!(unwrap(all(results).await), [1, 2, 3, 4]);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn streams_an_enumerable_without_leaking_tasks() {
    let tasks = DynamicSupervisor::new();
    let (running, handle) = up_dynamic(&tasks).await;
    let results = tasks.map_stream(items((1..=4).map(Some)), 4, sleeps);
    assert_eq!(all(results).await.len(), 4);
    assert_eq!(counts(&handle).await, [0; 5]);
    running.shutdown().await.unwrap();
    no_task_is_left().await;
}

#[tokio::test(start_paused = true)]
async fn streams_an_enumerable_with_slowest_first() {
    let tasks = DynamicSupervisor::new();
    let (running, _) = up_dynamic(&tasks).await;
    let results = tasks.map_stream(items((1..=4).rev().map(Some)), 4, sleeps);
    assert_eq!(unwrap(all(results).await), [4, 3, 2, 1]);
    running.shutdown().await.unwrap();
}

/// The exits are the results, in order. (A task that exits with a value panics with it here.)
#[tokio::test(start_paused = true)]
async fn streams_an_enumerable_with_exits() {
    quiet_panics();
    let tasks = DynamicSupervisor::new();
    let (running, _) = up_dynamic(&tasks).await;
    let results = tasks.map_stream(items(1..=4), 4, async |_, number| {
        tokio::task::yield_now().await;
        panic!("expected: {number}");
    });
    let texts: Vec<_> =
        all::<_, ()>(results).await.into_iter().map(|it| it.unwrap_err().to_string()).collect();
    assert_eq!(texts, [1, 2, 3, 4].map(|number| format!("the task panicked: expected: {number}")));
    running.shutdown().await.unwrap();
}

/// A reader that takes a single result leaves no task behind. (This is the case without leaking messages as
/// well.)
#[tokio::test(start_paused = true)]
async fn shuts_down_unused_tasks() {
    let tasks = DynamicSupervisor::new();
    let (running, handle) = up_dynamic(&tasks).await;
    // The task that ends is the last one, so that the others have been started.
    let items = items([None, None, None, Some(0)]);
    let mut results = tasks.map_stream(items, 4, sleeps).ordered(false);
    assert_eq!(results.next().await.unwrap().unwrap(), 0);
    assert_eq!(counts(&handle).await, [3, 3, 0, 0, 3]);
    drop(results);
    settle().await;
    assert_eq!(counts(&handle).await, [0; 5]);
    running.shutdown().await.unwrap();
    no_task_is_left().await;
}

/// Elixir raises an error. Here the stream waits for room, and takes no item meanwhile.
#[tokio::test(start_paused = true)]
async fn raises_an_error_if_max_children_is_reached_with_clean_stream_shutdown() {
    let tasks = DynamicSupervisor::new().max_children(1);
    let (running, handle) = up_dynamic(&tasks).await;
    let mut results = tasks.map_stream(items([None, None, None]), 2, sleeps);
    assert!(tokio::time::timeout(SECOND, results.next()).await.is_err());
    assert_eq!(counts(&handle).await, [1, 1, 0, 0, 1]);
    drop(results);
    settle().await;
    assert_eq!(counts(&handle).await, [0; 5]);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn consuming_from_another_process() {
    let tasks = DynamicSupervisor::new();
    let (running, _) = up_dynamic(&tasks).await;
    let (tell, mut told) = mpsc::unbounded_channel();
    let results = tasks.map_stream(items([1, 2, 3]), 1, move |_, number| {
        tell.send(number).unwrap();
        std::future::ready(())
    });
    tokio::spawn(all(results));
    for number in [1, 2, 3] {
        assert_eq!(told.recv().await, Some(number));
    }
    running.shutdown().await.unwrap();
}

/// The result says which item it is about by its place. (Elixir can add the item itself.)
#[tokio::test(start_paused = true)]
async fn with_timeout_and_zip_input_on_exit_set_to_true() {
    let tasks = DynamicSupervisor::new();
    let (running, _) = up_dynamic(&tasks).await;
    let time = Duration::from_millis(50);
    let results = tasks.map_stream(items([Some(1), Some(100)]), 4, sleeps).timeout(time);
    let results = all(results).await;
    assert!(matches!(results[..], [Ok(1), Err(TaskError::TimedOut(late))] if late == time));
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn with_outer_halt_on_failure_and_zip_input_on_exit() {
    quiet_panics();
    let tasks = DynamicSupervisor::new();
    let (running, handle) = up_dynamic(&tasks).await;
    let mut results =
        tasks.map_stream(items(1..=8), 4, async |_, number| panic!("expected: {number}"));
    for _ in 0..4 {
        let result: Result<(), _> = results.next().await.unwrap();
        assert!(matches!(result, Err(TaskError::Panicked(_))));
    }
    drop(results);
    settle().await;
    assert_eq!(counts(&handle).await, [0; 5]);
    running.shutdown().await.unwrap();
}
