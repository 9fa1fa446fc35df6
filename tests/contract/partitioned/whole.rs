//! The questions about all partitions of a partitioned supervisor, and partitions that are down (rule 40).

use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::task::Poll;

use sage_supervisor::{
    ChildContext, ChildSpec, CommandError, Counts, DynamicSupervisor, PartitionedSupervisor,
    RestartPolicy, Strategy, SupervisorState,
};
use sage_supervisor_tests::{Log, OnStop, Puppet, limit, settle, supervisor};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::{SECOND, begin, idle, idler, keys, plain};

async fn names(pool: &PartitionedSupervisor) -> String {
    let children = pool.children().await.unwrap();
    children.into_iter().map(|child| child.name).collect::<Vec<_>>().join(" ")
}

fn numbers(counts: Counts) -> [usize; 6] {
    let Counts { specs, running, restarting, supervisors, workers, reserved, .. } = counts;
    [specs, running, restarting, supervisors, workers, reserved]
}

#[tokio::test(start_paused = true)]
async fn rule_40_the_children_of_all_partitions_are_counted_and_listed_in_order() {
    let pool = PartitionedSupervisor::new(3, || DynamicSupervisor::new().backoff(|_| SECOND));
    let running = begin(&pool).await;
    assert_eq!(
        (numbers(pool.counts().await.unwrap()), names(&pool).await),
        ([0; 6], String::new())
    );
    let keys = keys(&pool);
    let waits = Puppet::new("waits", &Log::default());
    for key in keys.iter().rev() {
        pool.start_child(key, idler("a")).await.unwrap();
    }
    pool.start_child(&keys[1], DynamicSupervisor::new()).await.unwrap();
    pool.start_child(&keys[2], waits.spec()).await.unwrap();
    waits.fail("now");
    settle().await;
    let permits = [pool.reserve(&keys[0]).await.unwrap(), pool.reserve(&keys[2]).await.unwrap()];
    assert_eq!(numbers(pool.counts().await.unwrap()), [5, 4, 1, 1, 4, 2]);
    assert_eq!(names(&pool).await, "a-0.1 a-1.1 supervisor-1.2 a-2.1 waits-2.2");
    drop(permits);
    assert_eq!(pool.counts().await.unwrap().reserved, 0);
    running.shutdown().await.unwrap();
}

/// All partitions are asked when the question is asked, and none of them after another one has answered.
#[tokio::test(start_paused = true)]
async fn rule_40_all_partitions_are_asked_at_once() {
    let pool = plain(200);
    let running = begin(&pool).await;
    for partition in pool.partitions() {
        partition.start_child(idler("a")).await.unwrap();
    }
    let (counts, children) = (pool.counts(), pool.children());
    tokio::pin!(counts, children);
    poll_fn(|cx| {
        assert!(counts.as_mut().poll(cx).is_pending() && children.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
    settle().await;
    pool.partitions()[199].start_child(idler("b")).await.unwrap();
    assert_eq!((counts.await.unwrap().specs, children.await.unwrap().len()), (200, 200));
    assert_eq!(pool.counts().await.unwrap().specs, 201);
    running.shutdown().await.unwrap();
}

/// A partition that was stopped has no children, and a partition that is stopping still has some.
#[tokio::test(start_paused = true)]
async fn rule_40_a_partition_that_is_down_adds_nothing() {
    let pool = plain(3);
    let is_not_started = |state| state == SupervisorState::NotStarted;
    assert!(matches!(
        pool.counts().await,
        Err(CommandError::NotRunning { state, .. }) if is_not_started(state)
    ));
    let running = begin(&pool).await;
    let handle = running.handle();
    let keys = keys(&pool);
    let slow = Puppet::with("slow", &Log::default(), OnStop::After(SECOND));
    for key in &keys {
        pool.start_child(key, slow.spec()).await.unwrap();
    }
    let stop = tokio::spawn({
        let handle = handle.clone();
        async move { handle.stop_child("1").await }
    });
    settle().await;
    assert_eq!(numbers(pool.counts().await.unwrap()), [3, 3, 0, 0, 3, 0], "it has not ended yet");
    stop.await.unwrap().unwrap();
    assert_eq!(numbers(pool.counts().await.unwrap()), [2, 2, 0, 0, 2, 0]);
    assert_eq!(names(&pool).await, "slow-0.1 slow-2.1");
    let down = pool.child("slow-1.1").await;
    assert!(
        matches!(down, Err(CommandError::NotRunning { state: SupervisorState::Down, .. })),
        "{down:?}"
    );

    handle.stop_child("0").await.unwrap();
    handle.stop_child("2").await.unwrap();
    let error = pool.counts().await.unwrap_err();
    assert!(matches!(error, CommandError::NotRunning { state: SupervisorState::Down, .. }));
    assert_eq!(error.path(), "root/0", "the error is that of the first partition");
    assert_eq!(pool.children().await.unwrap_err().path(), "root/0");
    handle.restart_child("2").await.unwrap();
    assert_eq!(
        (numbers(pool.counts().await.unwrap()), names(&pool).await),
        ([0; 6], String::new())
    );
    running.shutdown().await.unwrap();
    let ended = pool.counts().await;
    assert!(
        matches!(ended, Err(CommandError::NotRunning { state: SupervisorState::Ended, .. })),
        "{ended:?}"
    );
}

/// While the supervisor above waits before it builds the partitions anew, the answer says so.
#[tokio::test(start_paused = true)]
async fn rule_40_partitions_that_wait_for_their_restart_say_so() {
    let pool = plain(2);
    let sibling = Puppet::new("sibling", &Log::default());
    let tree = supervisor(Strategy::OneForAll).backoff(|_| SECOND);
    let running = tree.child("pool", pool.clone()).child("sibling", sibling.spec()).start();
    running.started().await.unwrap();
    let name = pool.start_child("key", idler("a")).await.unwrap();
    sibling.fail("now");
    settle().await;
    let waits = pool.counts().await;
    assert!(matches!(waits, Err(CommandError::Restarting { .. })), "{waits:?}");
    let waits = pool.child(&name).await;
    assert!(matches!(waits, Err(CommandError::Restarting { .. })), "{waits:?}");
    sibling.started(2).await;
    settle().await;
    assert_eq!(pool.counts().await.unwrap().specs, 0);
    running.shutdown().await.unwrap();
}

/// A partition that has failed still has a child that stops. No second child gets its name meanwhile, and
/// the new run of the partition has the names of its own again.
#[tokio::test(start_paused = true)]
async fn rule_40_a_name_is_not_given_twice_while_its_partition_is_rebuilt() {
    let log = Log::default();
    let pool = PartitionedSupervisor::new(2, || DynamicSupervisor::new().restart_limit(limit(0)));
    let running = begin(&pool).await;
    let keys = keys(&pool);
    let slow = Puppet::with("slow", &log, OnStop::After(SECOND));
    let fails = Puppet::new("fails", &log);
    let other = Puppet::new("other", &log);
    pool.start_named(&keys[0], slow.spec()).await.unwrap();
    let other_name = pool.start_child(&keys[1], other.spec()).await.unwrap();
    let generated = pool.start_child(&keys[0], fails.spec()).await.unwrap();
    fails.fail("now");
    settle().await;
    assert_eq!((slow.live(), fails.live(), other.live()), (1, 0, 1));
    assert_eq!(names(&pool).await, format!("{} {generated} {other_name}", keys[0]));
    for _ in 0..2 {
        let again = pool.start_named(&keys[0], slow.spec()).await;
        assert!(
            matches!(again, Err(CommandError::NotRunning { state: SupervisorState::Ending, .. })),
            "{again:?}"
        );
    }
    tokio::time::sleep(2 * SECOND).await;
    assert_eq!(names(&pool).await, other_name, "it was rebuilt without children");
    pool.start_named(&keys[0], slow.spec()).await.unwrap();
    assert_eq!(slow.peak(), 1);
    assert_eq!(pool.start_child(&keys[0], idler("fails")).await.unwrap(), "fails-0.2");
    assert_eq!(other.starts(), 1, "the other partition was left alone");
    running.shutdown().await.unwrap();
}

/// A child that stops itself, or its partition, does not wait for its own end.
#[tokio::test(start_paused = true)]
async fn rule_40_a_child_may_stop_itself_and_its_partition() {
    let pool = plain(2);
    let running = begin(&pool).await;
    let keys = keys(&pool);
    for stops_partition in [false, true] {
        let (tell, told) = oneshot::channel();
        let tell = Arc::new(std::sync::Mutex::new(Some(tell)));
        let of_child = pool.clone();
        let spec = ChildSpec::new("a", move |ctx: ChildContext| {
            let (pool, tell) = (of_child.clone(), tell.lock().unwrap().take().unwrap());
            async move {
                assert_eq!(pool.counts().await.unwrap().specs, 2, "a child may ask");
                if stops_partition {
                    let partition = ctx.path().rsplit_once('/').unwrap().0.to_owned();
                    ctx.supervisor().stop_child(&format!("/{partition}")).await.unwrap();
                } else {
                    pool.stop_child(ctx.name()).await.unwrap();
                }
                tell.send(()).unwrap();
                ctx.cancelled().await;
            }
        });
        let sibling = pool.start_child(&keys[1], idler("b")).await.unwrap();
        let asked = Instant::now();
        pool.start_child(&keys[0], spec.restart(RestartPolicy::Temporary)).await.unwrap();
        told.await.unwrap();
        settle().await;
        assert!(asked.elapsed() < SECOND, "nobody was killed");
        assert_eq!(names(&pool).await, sibling);
        pool.stop_child(&sibling).await.unwrap();
    }
    running.handle().restart_child("0").await.unwrap();
    pool.start_child(&keys[0], ChildSpec::new("a", idle)).await.unwrap();
    running.shutdown().await.unwrap();
}
