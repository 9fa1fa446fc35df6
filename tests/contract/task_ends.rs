//! Tasks that end with whoever waits for them (rule 40).

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use sage_supervisor::{
    ChildContext, DynamicSupervisor, EventKind, Exit, Shutdown, Task, TaskError,
};
use sage_supervisor_tests::{Log, Puppet, no_task_is_left, quiet_panics, settle, unclean};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

const SECOND: Duration = Duration::from_secs(1);

async fn up() -> (DynamicSupervisor, sage_supervisor::RunningSupervisor) {
    let tasks = DynamicSupervisor::new();
    let running = tasks.clone().start();
    running.started().await.unwrap();
    (tasks, running)
}

/// An instance of a puppet that never ends by itself, and ignores every request.
async fn spawn(tasks: &DynamicSupervisor, puppet: &Puppet) -> Task<()> {
    let puppet = puppet.clone();
    let work = async move |_: ChildContext| {
        let _alive = puppet.alive();
        pending::<()>().await;
    };
    tasks.spawn_task("task", work).await.unwrap()
}

async fn count(tasks: &DynamicSupervisor) -> usize {
    tasks.counts().await.unwrap().specs
}

#[tokio::test(start_paused = true)]
async fn rule_40_an_aborted_task_leaves_its_place_and_is_no_failure() {
    let (tasks, running) = up().await;
    let puppet = Puppet::new("a", &Log::default());
    let mut events = running.handle().subscribe();
    let task = spawn(&tasks, &puppet).await;
    settle().await;
    assert_eq!((puppet.live(), task.is_finished()), (1, false));
    let asked = Instant::now();
    task.abort();
    task.abort();
    let result = task.await;
    assert!(matches!(result, Err(TaskError::Aborted)), "{result:?}");
    assert_eq!((asked.elapsed(), puppet.live(), count(&tasks).await), (Duration::ZERO, 0, 0));
    let exit = loop {
        if let EventKind::Exited { exit, asked, .. } = events.recv().await.unwrap().unwrap().kind {
            break (exit, asked);
        }
    };
    assert!(matches!(exit, (Exit::Killed, true)), "{exit:?}");
    let handle = running.handle();
    running.shutdown().await.unwrap();
    assert_eq!(handle.report().unwrap().failures.count, 0);
    no_task_is_left().await;
}

/// The function of a task that is aborted before its first poll is not called.
#[tokio::test(start_paused = true)]
async fn rule_40_a_task_that_is_aborted_before_it_begins_does_not_begin() {
    let (tasks, running) = up().await;
    let (called, calls) = std::sync::mpsc::channel();
    let work = move |_: ChildContext| {
        called.send(()).unwrap();
        pending::<()>()
    };
    // The command has been sent when the future is dropped.
    let mut spawns = Box::pin(tasks.task("b").abort_on_drop().spawn(work));
    std::future::poll_fn(|cx| {
        assert!(spawns.as_mut().poll(cx).is_pending());
        std::task::Poll::Ready(())
    })
    .await;
    drop(spawns);
    settle().await;
    assert_eq!((calls.try_iter().count(), count(&tasks).await), (0, 0));
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_40_a_task_that_is_tied_to_its_owner_ends_with_it() {
    let (tasks, running) = up().await;
    let puppet = Puppet::new("a", &Log::default());
    let tied = spawn(&tasks, &puppet).await.abort_on_drop();
    settle().await;
    assert!(timeout(SECOND, tied).await.is_err());
    settle().await;
    assert_eq!((puppet.live(), count(&tasks).await), (0, 0));
    // A task without a tie runs on, and so does one that was untied.
    let tied = spawn(&tasks, &puppet).await.abort_on_drop();
    drop(spawn(&tasks, &puppet).await);
    tied.detach();
    settle().await;
    assert_eq!(puppet.live(), 2);
    assert!(unclean(running.shutdown().await).contains("task-2"));
}

/// A tie has no effect on a task that is over: its result is kept, and its exit is a good one.
#[tokio::test(start_paused = true)]
async fn rule_40_an_abort_may_come_too_late() {
    let (tasks, running) = up().await;
    let task = tasks.spawn_task("a", async |_| 7).await.unwrap().abort_on_drop();
    settle().await;
    assert!(task.is_finished());
    task.abort();
    assert_eq!(task.await.unwrap(), 7);
    running.shutdown().await.unwrap();
}

/// A waiter that goes away while its supervisor stops has not made that stop fail.
#[tokio::test(start_paused = true)]
async fn rule_40_an_abort_during_the_stop_is_no_failure() {
    let (tasks, running) = up().await;
    let puppet = Puppet::new("a", &Log::default());
    let tied = spawn(&tasks, &puppet).await.abort_on_drop();
    settle().await;
    let ends = tokio::spawn(running.shutdown());
    settle().await;
    assert_eq!(puppet.live(), 1, "it ignores the request");
    let dropped = Instant::now();
    drop(tied);
    ends.await.unwrap().unwrap();
    assert_eq!(dropped.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn rule_40_a_task_has_a_time_to_stop_of_its_own() {
    let (tasks, running) = up().await;
    let slow = async |ctx: ChildContext| {
        ctx.cancelled().await;
        tokio::time::sleep(20 * SECOND).await;
        "saved"
    };
    let saved = tasks.task("a").shutdown(30 * SECOND).spawn(slow).await.unwrap();
    let lost = tasks.task("b").shutdown(Shutdown::BrutalKill).spawn(slow).await.unwrap();
    settle().await;
    running.shutdown().await.unwrap();
    assert_eq!(saved.await.unwrap(), "saved");
    assert!(matches!(lost.await, Err(TaskError::Aborted)));
}

/// The destructor of the work panics at the abort, and that of a result that nobody wants at its end.
#[tokio::test(start_paused = true)]
async fn rule_40_destructors_of_a_task_may_panic() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("expected: a destructor");
        }
    }
    quiet_panics();
    let (tasks, running) = up().await;
    let task = tasks.spawn_task("a", async |_| {
        let _bomb = Bomb;
        pending::<()>().await;
    });
    let task = task.await.unwrap();
    settle().await;
    task.abort();
    assert!(matches!(task.await, Err(TaskError::Aborted)));
    let (end, ended) = oneshot::channel::<()>();
    let unwanted = tasks.spawn_task("b", async move |_| {
        let _ = ended.await;
        Bomb
    });
    drop(unwanted.await.unwrap());
    drop(end);
    let unread = tasks.spawn_task("c", async |_| Bomb).await.unwrap();
    settle().await;
    drop(unread);
    assert_eq!(count(&tasks).await, 0);
    running.shutdown().await.unwrap();
    no_task_is_left().await;
}

/// An owner on one thread aborts at about the moment at which the task ends on another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_40_an_abort_races_with_the_end() {
    let (tasks, running) = up().await;
    let value = Arc::new(());
    for round in 0..2_000 {
        let kept = Arc::clone(&value);
        let task = tasks.spawn_task("a", async move |_| {
            if round % 2 == 0 {
                tokio::task::yield_now().await;
            }
            kept
        });
        let task = task.await.unwrap();
        task.abort();
        match task.await {
            Ok(_) | Err(TaskError::Aborted) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(count(&tasks).await, 0);
    running.shutdown().await.unwrap();
    assert_eq!(Arc::strong_count(&value), 1);
}
