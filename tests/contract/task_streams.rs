//! Streams that are mapped by the tasks of a dynamic supervisor (rule 40).

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use sage_supervisor::{
    ChildContext, CommandError, DynamicSupervisor, OnceChild, RunningSupervisor, TaskError,
    TaskStream,
};
use sage_supervisor_tests::{no_task_is_left, quiet_panics, settle};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);

/// The numbers from 0 up to a limit, with a count of those that were taken.
struct Numbers {
    next: u64,
    end: u64,
    taken: Arc<AtomicUsize>,
}

impl Stream for Numbers {
    type Item = u64;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u64>> {
        if self.next == self.end {
            return Poll::Ready(None);
        }
        self.next += 1;
        self.taken.fetch_add(1, Ordering::SeqCst);
        Poll::Ready(Some(self.next - 1))
    }
}

fn numbers(end: u64) -> (Numbers, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    (Numbers { next: 0, end, taken: Arc::clone(&taken) }, taken)
}

/// A stream of what is sent.
struct Received<T>(mpsc::UnboundedReceiver<T>);

impl<T> Stream for Received<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.0.poll_recv(cx)
    }
}

async fn up(tasks: DynamicSupervisor) -> (DynamicSupervisor, RunningSupervisor) {
    let running = tasks.clone().start();
    running.started().await.unwrap();
    (tasks, running)
}

/// The results of a stream as texts.
async fn rest<S: Stream, T: ToString>(mut results: TaskStream<S, T>) -> Vec<String> {
    let mut texts = Vec::new();
    while let Some(result) = results.next().await {
        texts.push(result.map_or_else(|error| error.to_string(), |value| value.to_string()));
    }
    assert!(results.next().await.is_none(), "it stays at its end");
    texts
}

async fn count(tasks: &DynamicSupervisor) -> (usize, usize) {
    let counts = tasks.counts().await.unwrap();
    (counts.specs, counts.reserved)
}

/// An item of `n` takes `5 - n` seconds.
async fn backwards(_: ChildContext, number: u64) -> u64 {
    sleep(SECOND * (5 - u32::try_from(number).unwrap())).await;
    number
}

#[tokio::test(start_paused = true)]
async fn rule_40_the_results_of_a_stream_come_in_order_or_as_they_arrive() {
    for max_children in [usize::MAX, 5, 2, 1] {
        let (tasks, running) = up(DynamicSupervisor::new().max_children(max_children)).await;
        let results = tasks.map_stream(numbers(5).0, 5, backwards);
        assert_eq!(rest(results).await, ["0", "1", "2", "3", "4"], "{max_children}");
        let began = Instant::now();
        let results = tasks.map_stream(numbers(5).0, 5, backwards).ordered(false);
        let found = rest(results).await;
        if max_children >= 5 {
            assert_eq!(found, ["4", "3", "2", "1", "0"]);
            assert_eq!(began.elapsed(), 5 * SECOND);
        } else {
            assert_eq!(found.len(), 5);
        }
        assert_eq!(count(&tasks).await, (0, 0));
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn rule_40_no_item_is_taken_while_as_many_as_allowed_are_in_flight() {
    for (limit, max_children, most) in [(3, usize::MAX, 3), (3, 2, 2), (1, 5, 1), (500, 600, 500)] {
        for is_ordered in [true, false] {
            let (tasks, running) = up(DynamicSupervisor::new().max_children(max_children)).await;
            let (alive, peak) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
            let (source, taken) = numbers(1_000);
            let (alive_now, peak_now) = (Arc::clone(&alive), Arc::clone(&peak));
            let mut results = tasks
                .map_stream(source, limit, move |_, number| {
                    let (alive, peak) = (Arc::clone(&alive_now), Arc::clone(&peak_now));
                    async move {
                        let now = alive.fetch_add(1, Ordering::SeqCst) + 1;
                        peak.fetch_max(now, Ordering::SeqCst);
                        sleep(Duration::from_millis(1 + number % 7)).await;
                        alive.fetch_sub(1, Ordering::SeqCst);
                        number
                    }
                })
                .ordered(is_ordered);
            assert_eq!(taken.load(Ordering::SeqCst), 0, "nothing happens before a poll");
            let mut given = 0;
            while let Some(result) = results.next().await {
                given += 1;
                result.unwrap();
                assert!(taken.load(Ordering::SeqCst) - given < limit);
            }
            assert_eq!((given, peak.load(Ordering::SeqCst)), (1_000, most), "{limit}");
            running.shutdown().await.unwrap();
        }
    }
}

/// In order, the items behind a slow one stay in flight, so that the stream does not run ahead.
#[tokio::test(start_paused = true)]
async fn rule_40_a_slow_item_holds_up_the_items_behind_it() {
    let (tasks, running) = up(DynamicSupervisor::new()).await;
    let (source, taken) = numbers(100);
    let mut results = tasks.map_stream(source, 4, |_, number| async move {
        if number == 0 {
            sleep(SECOND).await;
        }
        number
    });
    assert_eq!(results.next().await.unwrap().unwrap(), 0);
    assert_eq!(taken.load(Ordering::SeqCst), 4);
    assert_eq!(rest(results).await.len(), 99);
    running.shutdown().await.unwrap();
}

/// The stream takes an item only when there is a place for its task, and its place comes when it is due.
#[tokio::test(start_paused = true)]
async fn rule_40_a_stream_waits_for_room_beside_others() {
    let (tasks, running) = up(DynamicSupervisor::new().max_children(1)).await;
    let other = OnceChild::new("other", async |ctx: ChildContext| ctx.cancelled().await);
    let other = tasks.start_child(other).await.unwrap();
    let (source, taken) = numbers(3);
    let mut results = tasks.map_stream(source, 2, |_, number| async move { number });
    assert!(tokio::time::timeout(SECOND, results.next()).await.is_err());
    assert_eq!(taken.load(Ordering::SeqCst), 0);
    tasks.stop_child(&other).await.unwrap();
    assert_eq!(rest(results).await, ["0", "1", "2"]);
    assert_eq!(count(&tasks).await, (0, 0));
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_40_nothing_is_left_of_a_stream_that_is_dropped() {
    for max_children in [usize::MAX, 4, 2] {
        let (tasks, running) = up(DynamicSupervisor::new().max_children(max_children)).await;
        let alive = Arc::new(());
        let (items, source) = mpsc::unbounded_channel();
        for _ in 0..3 {
            items.send(()).unwrap();
        }
        let held = Arc::clone(&alive);
        let mut results = tasks.map_stream(Received(source), 4, move |_, ()| {
            let held = Arc::clone(&held);
            async move {
                std::future::pending::<()>().await;
                drop(held);
            }
        });
        // Polled just once, the stream has given commands that are not answered yet.
        let is_over =
            std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut results).poll_next(cx).is_ready()));
        assert!(!is_over.await);
        for waits in [false, true] {
            if waits {
                assert!(tokio::time::timeout(SECOND, results.next()).await.is_err());
                assert!(count(&tasks).await.0 >= 2);
            }
            if waits || max_children == 2 {
                drop(results);
                break;
            }
        }
        settle().await;
        assert_eq!((count(&tasks).await, Arc::strong_count(&alive)), ((0, 0), 1), "{max_children}");
        running.shutdown().await.unwrap();
        no_task_is_left().await;
    }
}

/// A child of the supervisor maps a stream over it, and is stopped in the middle.
#[tokio::test(start_paused = true)]
async fn rule_40_a_stream_inside_a_child_ends_with_the_child() {
    let (tasks, running) = up(DynamicSupervisor::new()).await;
    let inside = tasks.clone();
    let child = OnceChild::new("child", async move |ctx: ChildContext| {
        let results = inside.map_stream(numbers(10).0, 3, async |_, _| {
            std::future::pending::<()>().await;
        });
        tokio::select! {
            _ = rest_of_units(results) => {}
            () = ctx.cancelled() => {}
        }
    });
    let name = tasks.start_child(child).await.unwrap();
    settle().await;
    assert_eq!(count(&tasks).await, (4, 0));
    tasks.stop_child(&name).await.unwrap();
    settle().await;
    assert_eq!(count(&tasks).await, (0, 0));
    running.shutdown().await.unwrap();
}

async fn rest_of_units<S: Stream>(mut results: TaskStream<S, ()>) -> usize {
    let mut count = 0;
    while results.next().await.is_some() {
        count += 1;
    }
    count
}

#[tokio::test(start_paused = true)]
async fn rule_40_an_item_that_panics_or_takes_too_long_is_an_error_of_its_own() {
    quiet_panics();
    for max_children in [usize::MAX, 1] {
        let (tasks, running) = up(DynamicSupervisor::new().max_children(max_children)).await;
        let results = tasks
            .map_stream(numbers(4).0, 2, |ctx: ChildContext, number| {
                assert!(number != 1, "expected: in the function");
                async move {
                    assert!(number != 2, "expected: in the future");
                    if number == 3 {
                        ctx.cancelled().await;
                    }
                    ctx.name().split('-').next().unwrap().to_owned()
                }
            })
            .timeout(SECOND)
            .name("item");
        let expected = [
            "item",
            "the task panicked: expected: in the function",
            "the task panicked: expected: in the future",
            "the task took longer than 1s",
        ];
        assert_eq!(rest(results).await, expected);
        assert_eq!(count(&tasks).await, (0, 0), "a result comes when its place is free");
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn rule_40_a_stream_ends_with_its_supervisor() {
    for max_children in [usize::MAX, 2] {
        let (tasks, running) = up(DynamicSupervisor::new().max_children(max_children)).await;
        let (source, taken) = numbers(100);
        let (tell, mut told) = mpsc::unbounded_channel();
        let results = tasks.map_stream(source, 3, move |ctx: ChildContext, number| {
            let tell = tell.clone();
            async move {
                if number == 0 {
                    return number;
                }
                tell.send(()).unwrap();
                ctx.cancelled().await;
                number
            }
        });
        let rest = tokio::spawn(rest(results));
        told.recv().await.unwrap();
        settle().await;
        running.shutdown().await.unwrap();
        let texts = rest.await.unwrap();
        assert!(taken.load(Ordering::SeqCst) < 6, "{texts:?}");
        // The items that were in flight have stopped as they were asked to, and those after them found no
        // supervisor.
        let refused = texts.iter().position(|text| text.contains("was not started")).unwrap();
        assert!(refused >= 3 && (0..refused).all(|at| texts[at] == at.to_string()), "{texts:?}");
        assert!(texts[refused..].iter().all(|text| text.contains("was not started")), "{texts:?}");
    }
    // Before the start, nothing is taken.
    for max_children in [usize::MAX, 1] {
        let (source, taken) = numbers(3);
        let idle = DynamicSupervisor::new().max_children(max_children);
        let mut results = idle.map_stream(source, 1, async |_, number| number);
        let refused = results.next().await.unwrap();
        assert!(matches!(refused, Err(TaskError::NotStarted(CommandError::NotRunning { .. }))));
        assert!(results.next().await.is_none());
        assert_eq!(taken.load(Ordering::SeqCst), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn rule_40_a_source_may_panic() {
    struct Panics(u64);
    impl Stream for Panics {
        type Item = u64;
        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u64>> {
            self.0 += 1;
            assert!(self.0 < 3, "expected: a source");
            Poll::Ready(Some(self.0))
        }
    }
    quiet_panics();
    let (tasks, running) = up(DynamicSupervisor::new().max_children(5)).await;
    let (give, given) = oneshot::channel();
    let reads = tasks.clone();
    let reader = tokio::spawn(async move {
        let results = reads.map_stream(Panics(0), 3, async |_, number| number);
        let results = Arc::new(tokio::sync::Mutex::new(results));
        let shared = Arc::clone(&results);
        let first = tokio::spawn(async move { shared.lock().await.next().await.is_some() }).await;
        assert!(first.unwrap_err().is_panic());
        give.send(results).ok().unwrap();
    });
    reader.await.unwrap();
    let Ok(results) = Arc::try_unwrap(given.await.unwrap()) else { panic!("nobody else has it") };
    assert_eq!(rest(results.into_inner()).await, ["1", "2"]);
    assert_eq!(count(&tasks).await, (0, 0));
    running.shutdown().await.unwrap();
}

/// A source without an end and a limit out of reach do not keep others from running.
#[tokio::test(start_paused = true)]
async fn rule_40_an_endless_source_lets_others_run() {
    let (tasks, running) = up(DynamicSupervisor::new()).await;
    let (source, taken) = numbers(u64::MAX);
    let mut results = tasks.map_stream(source, usize::MAX, async |_, number| number);
    for number in 0..100 {
        assert_eq!(results.next().await.unwrap().unwrap(), number);
    }
    assert!(taken.load(Ordering::SeqCst) < 100_000);
    drop(results);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_40_no_result_is_lost_between_threads() {
    for (max_children, is_ordered) in [(usize::MAX, true), (7, false), (7, true)] {
        let (tasks, running) = up(DynamicSupervisor::new().max_children(max_children)).await;
        let results = tasks.map_stream(numbers(2_000).0, 16, async |_, number| {
            if number % 3 == 0 {
                tokio::task::yield_now().await;
            }
            number
        });
        let mut found: Vec<u64> = rest(results.ordered(is_ordered))
            .await
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
        if !is_ordered {
            found.sort_unstable();
        }
        assert!(found.into_iter().eq(0..2_000), "{max_children} {is_ordered}");
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn rule_40_a_limit_of_zero_is_refused() {
    quiet_panics();
    let none = std::panic::catch_unwind(|| {
        DynamicSupervisor::new().map_stream(numbers(1).0, 0, async |_, number: u64| number)
    });
    assert!(none.is_err());
}

/// The maximum was set on another clone than the one that the stream comes from.
#[tokio::test(start_paused = true)]
async fn rule_40_a_stream_learns_of_the_maximum_from_the_run() {
    let tasks = DynamicSupervisor::new();
    let running = tasks.clone().max_children(1).start();
    let results = tasks.map_stream(numbers(5).0, 3, backwards);
    assert_eq!(rest(results).await, ["0", "1", "2", "3", "4"]);
    running.shutdown().await.unwrap();
}

/// Nothing but the end of the supervisor wakes the stream.
#[tokio::test(start_paused = true)]
async fn rule_40_a_stream_with_a_silent_source_ends_with_its_supervisor() {
    for (max_children, starts) in [(None, true), (Some(5), true), (Some(5), false)] {
        let tasks = DynamicSupervisor::new();
        let tasks = max_children.into_iter().fold(tasks, DynamicSupervisor::max_children);
        let (tasks, running) = up(tasks).await;
        let (items, source) = mpsc::unbounded_channel();
        let mut results = tasks.map_stream(Received(source), 3, async |_, number: u64| number);
        if starts {
            items.send(7).unwrap();
            assert_eq!(results.next().await.unwrap().unwrap(), 7);
        }
        let rest = tokio::spawn(async move { rest(results).await });
        settle().await;
        running.shutdown().await.unwrap();
        let rest = rest.await.unwrap();
        assert!(rest.len() == 1 && rest[0].contains("root"), "{rest:?}");
        drop(items);
    }
}

/// A reload sets a maximum while the stream is under way.
#[tokio::test(start_paused = true)]
async fn rule_40_a_maximum_that_is_set_meanwhile_costs_a_stream_no_item() {
    let tasks = DynamicSupervisor::new();
    let declare = |tasks: &DynamicSupervisor| {
        sage_supervisor_tests::supervisor(sage_supervisor::Strategy::OneForOne)
            .child("tasks", tasks.clone())
    };
    let running = declare(&tasks).start();
    running.started().await.unwrap();
    let mut results = tasks.map_stream(numbers(9).0, 6, async |_, number| {
        sleep(SECOND).await;
        number
    });
    assert_eq!(results.next().await.unwrap().unwrap(), 0);
    let reload = running.handle().reload(declare(&tasks.clone().max_children(2))).await.unwrap();
    assert!(reload.failed.is_empty() && reload.replaced.is_empty(), "{reload:?}");
    assert_eq!(rest(results).await, ["1", "2", "3", "4", "5", "6", "7", "8"]);
    running.shutdown().await.unwrap();
}

/// The destructor of an item that was refused panics, which takes no other result along.
#[tokio::test(start_paused = true)]
async fn rule_40_the_destructor_of_a_refused_item_may_panic() {
    struct Bomb(bool);
    impl Drop for Bomb {
        fn drop(&mut self) {
            assert!(!self.0, "expected: a destructor");
        }
    }
    quiet_panics();
    let (tasks, running) = up(DynamicSupervisor::new()).await;
    let (items, source) = mpsc::unbounded_channel();
    let mut results = tasks.map_stream(Received(source), 5, async |_, mut item: Bomb| {
        item.0 = false;
        7
    });
    items.send(Bomb(false)).ok().unwrap();
    assert_eq!(results.next().await.unwrap().unwrap(), 7);
    running.shutdown().await.unwrap();
    items.send(Bomb(true)).ok().unwrap();
    assert!(matches!(results.next().await, Some(Err(TaskError::NotStarted(_)))));
    assert!(results.next().await.is_none());
    assert!(items.is_closed(), "the source is dropped at its end");
}
