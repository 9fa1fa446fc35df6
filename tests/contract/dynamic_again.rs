//! Dynamic supervisors that run more than once, and children that are started in them again.

use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, CommandError, DynamicSupervisor, OnceChild, PartitionedSupervisor,
    Strategy,
};
use sage_supervisor_tests::{Log, OnStop, Puppet, settle, supervisor};

const SECOND: Duration = Duration::from_secs(1);

async fn idle(ctx: ChildContext) {
    ctx.cancelled().await;
}

#[tokio::test(start_paused = true)]
async fn rule_28_what_starts_once_is_no_template() {
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    let name = pool.start_child(OnceChild::new("once", idle)).await.unwrap();
    let spec = running.handle().spec(&name).await.unwrap();
    let again = pool.start_child(spec).await;
    assert!(matches!(again, Err(CommandError::StartsOnce { .. })), "{again:?}");
    running.shutdown().await.unwrap();
}

/// The dropped partitions have not ended yet when the next run starts, with new entries.
#[tokio::test(start_paused = true)]
async fn rule_26_partitions_that_are_started_again_wait_for_the_earlier_ones() {
    let log = Log::default();
    let partitions = PartitionedSupervisor::new(2, DynamicSupervisor::new);
    for _ in 0..3 {
        let running = partitions.clone().start();
        running.started().await.unwrap();
        partitions.start_child(&1, Puppet::new("a", &log).spec()).await.unwrap();
        drop(running);
    }
    let running = partitions.clone().start();
    running.started().await.unwrap();
    assert_eq!(log.take(), "+a -a +a -a +a -a");
    running.shutdown().await.unwrap();
}

/// The new tree waits in the same way while the old one stops in order.
#[tokio::test(start_paused = true)]
async fn rule_26_a_tree_made_anew_waits_for_the_dynamic_supervisor_in_the_old_one() {
    let log = Log::default();
    let pool = DynamicSupervisor::new();
    let tree = || supervisor(Strategy::OneForOne).child("pool", pool.clone()).start();
    let old = tree();
    old.started().await.unwrap();
    let slow = Puppet::with("slow", &log, OnStop::After(SECOND * 3));
    pool.start_child(slow.spec()).await.unwrap();
    settle().await;
    let closing = tokio::spawn(old.shutdown());
    settle().await;
    let new = tree();
    new.started().await.unwrap();
    assert_eq!(log.take(), "+slow -slow");
    pool.start_child(ChildSpec::new("a", idle)).await.unwrap();
    closing.await.unwrap().unwrap();
    new.shutdown().await.unwrap();
}

/// A caller that has received the result of a task may start the next task at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_28_the_place_of_a_task_is_free_when_its_result_is_there() {
    let pool = DynamicSupervisor::new().max_children(1);
    let running = pool.clone().start();
    for number in 0..2_000 {
        let task = pool.spawn_task("task", move |_| async move { number }).await.unwrap();
        assert_eq!(task.await.unwrap(), number);
    }
    running.shutdown().await.unwrap();
}

/// Given names collide with many generated ones, and each collision is met only once.
#[tokio::test(start_paused = true)]
async fn rule_28_given_names_are_passed_by_once() {
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    for number in 0..200 {
        pool.start_named(format!("s-{}", 201 + number), ChildSpec::new("x", idle)).await.unwrap();
    }
    let mut names = vec![];
    for _ in 0..3 {
        names.push(pool.start_child(ChildSpec::new("s", idle)).await.unwrap());
    }
    assert_eq!(names, ["s-401", "s-402", "s-403"]);
    running.shutdown().await.unwrap();
}
