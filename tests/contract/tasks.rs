//! Tasks with a result, and partitioned dynamic supervisors.

use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, DynamicSupervisor, PartitionedSupervisor, Shutdown, Strategy, Task,
    TaskError,
};
use sage_supervisor_tests::{
    Log, OnStop, Puppet, Recorder, quiet_panics, settle, supervisor, unclean,
};

#[tokio::test(start_paused = true)]
async fn a_task_gives_its_typed_result_also_if_that_is_an_error() {
    let tasks = DynamicSupervisor::new();
    let running = tasks.clone().start();
    settle().await;
    let sum = tasks.spawn_task("sum", |_| async { 1 + 2 }).await.unwrap();
    assert_eq!(sum.await.unwrap(), 3);
    let failed = tasks.spawn_task("failed", |_| async { "x".parse::<u8>() }).await.unwrap();
    assert!(failed.await.unwrap().is_err());
    settle().await;
    assert_eq!(tasks.counts().await.unwrap().specs, 0);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_a_task_is_the_callers_and_an_exit_wherever_it_happens() {
    quiet_panics();
    let events = Recorder::default();
    let _recording = tracing::subscriber::set_default(events.clone());
    let tasks = DynamicSupervisor::new();
    let running = tasks.clone().start();
    settle().await;
    let in_start: Task<()> = tasks
        .spawn_task("start", |_| -> std::future::Ready<()> { panic!("expected: in its start") })
        .await
        .unwrap();
    let error = in_start.await.unwrap_err();
    assert_eq!(error.to_string(), "the task panicked: expected: in its start");
    let in_work: Task<()> =
        tasks.spawn_task("work", |_| async { panic!("expected: at work") }).await.unwrap();
    assert!(matches!(in_work.await, Err(TaskError::Panicked(_))));
    settle().await;
    let told = events.take();
    for exit in ["exit=panic: expected: in its start", "exit=panic: expected: at work"] {
        assert!(told.iter().any(|event| event.contains(exit)), "{told:#?}");
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_task_that_is_stopped_or_aborted_is_told_of() {
    let tasks = DynamicSupervisor::new();
    let running = tasks.clone().start();
    settle().await;
    let polite = tasks
        .spawn_task("polite", |ctx: ChildContext| async move {
            ctx.cancelled().await;
            "stopped"
        })
        .await
        .unwrap();
    let rude = tasks.spawn_task("rude", |_| std::future::pending::<()>()).await.unwrap();
    assert_eq!((polite.name(), rude.name()), ("polite-1", "rude-2"));
    tasks.stop_child(polite.name()).await.unwrap();
    assert_eq!(polite.await.unwrap(), "stopped");
    assert_eq!(unclean(running.shutdown().await), "root/rude-2: killed, its shutdown timed out");
    assert!(matches!(rude.await, Err(TaskError::Aborted)));
}

#[tokio::test(start_paused = true)]
async fn a_task_whose_result_nobody_wants_runs_on() {
    let tasks = DynamicSupervisor::new();
    let running = tasks.clone().start();
    settle().await;
    let (tell, told) = tokio::sync::oneshot::channel();
    let unwanted = tasks
        .spawn_task("unwanted", |_| async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            tell.send(()).unwrap();
        })
        .await
        .unwrap();
    drop(unwanted);
    told.await.unwrap();
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_key_always_falls_to_the_same_partition() {
    let log = Log::default();
    let pool = PartitionedSupervisor::new(4, DynamicSupervisor::new);
    let tree = supervisor(Strategy::OneForOne).child("pool", pool.clone());
    let running = tree.start();
    settle().await;
    let a = Puppet::new("a", &log);
    for key in 0..100 {
        pool.start_child(&(key % 10), a.spec()).await.unwrap();
    }
    let mut counts = vec![];
    for partition in pool.partitions() {
        counts.push(partition.counts().await.unwrap().specs);
    }
    assert_eq!(counts.iter().sum::<usize>(), 100);
    assert!(counts.iter().all(|count| count % 10 == 0), "{counts:?}");
    let handle = running.handle();
    assert_eq!(handle.children_below("pool").await.unwrap().len(), 4);
    running.shutdown().await.unwrap();
    assert_eq!(a.live(), 0);
}

/// The end of one partition does not affect the others.
#[tokio::test(start_paused = true)]
async fn a_partition_is_restarted_alone() {
    let log = Log::default();
    let pool = PartitionedSupervisor::new(2, DynamicSupervisor::new);
    let running = pool.clone().start();
    settle().await;
    let keys: Vec<u32> = (0..100).collect();
    let first = pool.partitions()[0].clone();
    let is_first = |key: &&u32| std::ptr::eq(pool.partition(*key), &raw const pool.partitions()[0]);
    let (in_first, in_second) =
        (keys.iter().find(is_first).unwrap(), keys.iter().find(|key| !is_first(key)).unwrap());
    let [a, b] = ["a", "b"].map(|name| Puppet::with(name, &log, OnStop::Ignore));
    let kill = Shutdown::BrutalKill;
    pool.start_child(in_first, a.spec().shutdown(kill)).await.unwrap();
    pool.start_child(in_second, b.spec().shutdown(kill)).await.unwrap();
    for _ in 0..6 {
        a.fail("again");
    }
    settle().await;
    assert_eq!((a.live(), b.live()), (0, 1));
    first.start_child(ChildSpec::new("x", async |_| {})).await.unwrap();
    running.shutdown().await.unwrap();
}

#[test]
fn no_partitions_are_refused() {
    quiet_panics();
    let none = std::panic::catch_unwind(|| PartitionedSupervisor::new(0, DynamicSupervisor::new));
    assert!(none.is_err());
}
