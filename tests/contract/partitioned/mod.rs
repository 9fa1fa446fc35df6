//! Partitioned supervisors: what they do with all their partitions, and with the one of a key (rule 40).
//! Their names are in [`names`].

mod names;
mod whole;

use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, ChildState, CommandError, DynamicSupervisor, Exit, OnceChild,
    PartitionedSupervisor, RestartPolicy, RunningSupervisor, TaskError, supervisor,
};
use sage_supervisor_tests::{Log, Puppet, quiet_panics, settle};

const SECOND: Duration = Duration::from_secs(1);

async fn idle(ctx: ChildContext) {
    ctx.cancelled().await;
}

fn idler(name: &str) -> ChildSpec {
    ChildSpec::new(name, idle)
}

fn plain(partitions: usize) -> PartitionedSupervisor {
    PartitionedSupervisor::new(partitions, DynamicSupervisor::new)
}

async fn begin(pool: &PartitionedSupervisor) -> RunningSupervisor {
    let running = pool.clone().start();
    running.started().await.unwrap();
    running
}

/// The number of the partition that a key selects.
fn selected(pool: &PartitionedSupervisor, key: &str) -> usize {
    let partition = pool.partition(key);
    pool.partitions().iter().position(|other| std::ptr::eq(other, partition)).unwrap()
}

/// A key, which is a name as well, for each partition in turn.
fn keys(pool: &PartitionedSupervisor) -> Vec<String> {
    let key = |index| (0..).map(|n| format!("k{n}")).find(|key| selected(pool, key) == index);
    (0..pool.partitions().len()).map(|index| key(index).unwrap()).collect()
}

/// The function that makes the partitions is called once for each, with its number.
#[tokio::test(start_paused = true)]
async fn rule_40_partitions_are_made_by_their_numbers() {
    let mut made = vec![];
    let pool = PartitionedSupervisor::indexed(3, |index| {
        made.push(index);
        DynamicSupervisor::new().max_children(index)
    });
    assert_eq!(made, [0, 1, 2]);
    let running = begin(&pool).await;
    for (index, key) in keys(&pool).iter().enumerate() {
        for _ in 0..index {
            pool.start_child(key, idler("a")).await.unwrap();
        }
        let full = pool.start_child(key, idler("a")).await;
        let Err(CommandError::MaxChildren { max_children, .. }) = full else { panic!("{full:?}") };
        assert_eq!(max_children, index);
    }
    running.shutdown().await.unwrap();
}

/// A panic of the function that makes the partitions is that of its caller, and nothing is left of those
/// that it has made.
#[test]
fn rule_40_the_function_that_makes_partitions_may_panic() {
    quiet_panics();
    let message = |make: fn(usize) -> DynamicSupervisor, partitions| {
        let made = std::panic::catch_unwind(|| PartitionedSupervisor::indexed(partitions, make));
        *made.unwrap_err().downcast::<&str>().unwrap()
    };
    let none = message(|_| DynamicSupervisor::new(), 0);
    assert_eq!(none, "a partitioned supervisor needs at least one partition");
    let half = |index| match index {
        2 => panic!("expected: at the third one"),
        _ => DynamicSupervisor::new(),
    };
    assert_eq!(message(half, 4), "expected: at the third one");
}

#[tokio::test(start_paused = true)]
async fn rule_40_partitions_in_a_block_are_those_of_the_value() {
    let app = supervisor! {
        #[child]
        sessions = PartitionedSupervisor::indexed(2, |index| {
            DynamicSupervisor::new().max_children(index + 1)
        }),
    };
    let running = app.start();
    running.started().await.unwrap();
    let handle = running.handle();
    handle.start_child_below("sessions/0", idler("a")).await.unwrap();
    let full = handle.start_child_below("sessions/0", idler("a")).await;
    assert!(matches!(full, Err(CommandError::MaxChildren { max_children: 1, .. })), "{full:?}");
    handle.start_child_below("sessions/1", idler("a")).await.unwrap();
    assert!(handle.child("sessions/0/a-0.1").await.is_ok());
    assert!(handle.child("sessions/1/a-1.1").await.is_ok());
    running.shutdown().await.unwrap();
}

/// Whatever a dynamic supervisor does with one child, found by its name alone.
#[tokio::test(start_paused = true)]
async fn rule_40_a_child_of_any_partition_is_found_by_its_name_alone() {
    let log = Log::default();
    let pool = plain(3);
    let running = begin(&pool).await;
    for key in &keys(&pool) {
        let puppet = Puppet::new("a", &log);
        let generated = pool.start_child(key, puppet.spec()).await.unwrap();
        let given = format!("{key}-given");
        pool.start_named(&given, puppet.spec()).await.unwrap();
        for name in [generated, given] {
            let status = pool.child(&name).await.unwrap();
            assert_eq!((status.name.as_str(), status.is_up()), (name.as_str(), true));
            let partition = pool.partition_of(&name);
            assert_eq!(partition.child(&name).await.unwrap().path, status.path);

            let ended = pool.ended(&name);
            let failed = pool.fail_child(&name, "now");
            let (exit, failed) = tokio::join!(ended, failed);
            failed.unwrap();
            assert!(matches!(exit, Ok(Exit::Error(_))), "{exit:?}");
            let again = pool.wait_until(&name, |child| child.restarts == 1 && child.is_up());
            again.await.unwrap();

            pool.replace_child(&name, idler("b").restart(RestartPolicy::Temporary)).await.unwrap();
            let status = pool.wait_for(&name, ChildState::Running).await.unwrap();
            assert_eq!(status.restart, RestartPolicy::Temporary);
            if name.ends_with("given") {
                pool.stop_child(&name).await.unwrap();
            } else {
                pool.kill_child(&name).await.unwrap();
            }
            let gone = pool.child(&name).await;
            assert!(matches!(gone, Err(CommandError::NotFound { .. })), "{gone:?}");
        }
    }
    for nobody in ["", "/", "a/b", "nobody", "nobody-1.1", "nobody-9.1", "0", "../0", "a-1.1/"] {
        let gone = pool.stop_child(nobody).await;
        assert!(matches!(gone, Err(CommandError::NotFound { .. })), "{nobody}: {gone:?}");
    }
    assert_eq!(pool.counts().await.unwrap().specs, 0);
    running.shutdown().await.unwrap();
}

/// A start, a task and a reserved place are in the partition of their key, whose room is its own.
#[tokio::test(start_paused = true)]
async fn rule_40_starts_tasks_and_places_are_in_the_partition_of_their_key() {
    let pool = PartitionedSupervisor::new(2, || DynamicSupervisor::new().max_children(2));
    let running = begin(&pool).await;
    let [here, there] = <[String; 2]>::try_from(keys(&pool)).unwrap();

    let task = pool.spawn_task(&here, "sum", async |_| 1 + 2).await.unwrap();
    assert_eq!(task.name(), "sum-0.1");
    assert_eq!(task.await.unwrap(), 3);
    let tied = pool.task(&here, "tied").abort_on_drop();
    let tied = tied.spawn(async |ctx: ChildContext| ctx.cancelled().await).await.unwrap();
    assert!(pool.child(tied.name()).await.unwrap().is_up());
    tied.abort();
    assert!(matches!(tied.await, Err(TaskError::Aborted)));

    let permit = pool.reserve(&here).await.unwrap();
    let second = pool.try_reserve(&here).await.unwrap();
    assert!(matches!(pool.try_reserve(&here).await, Err(CommandError::MaxChildren { .. })));
    let refused = pool.start_once(&here, OnceChild::new("once", idle)).await.unwrap_err();
    assert!(matches!(refused.error(), CommandError::MaxChildren { .. }), "{refused}");
    let once = refused.into_inner().unwrap();
    assert_eq!(pool.start_once(&there, once).await.unwrap(), "once-1.1");
    let started = permit.start_child(idler("a")).await.unwrap();
    assert!(pool.partitions()[0].child(&started).await.is_ok());

    // A caller that waits for room in one partition gets none of another one.
    let waits = pool.reserve(&here);
    tokio::pin!(waits);
    assert!(tokio::time::timeout(SECOND, &mut waits).await.is_err());
    pool.stop_child("once-1.1").await.unwrap();
    assert!(tokio::time::timeout(SECOND, &mut waits).await.is_err());
    drop(second);
    drop(waits.await.unwrap());

    let once = OnceChild::new("once", idle);
    pool.start_named_once("ada", once).await.unwrap();
    let refused = pool.start_named_once("ada", OnceChild::new("once", idle)).await.unwrap_err();
    assert!(matches!(refused.error(), CommandError::AlreadyRunning { .. }), "{refused}");
    assert!(refused.into_inner().is_some());
    running.shutdown().await.unwrap();
}

/// The partitions of one value are another child in a tree with another number of them, also if each is
/// the same as before, because their children have names that belong elsewhere.
#[tokio::test(start_paused = true)]
async fn rule_40_a_reload_with_another_number_of_partitions_replaces_them() {
    let pool = plain(2);
    let again = |count| PartitionedSupervisor::indexed(count, |i| pool.partitions()[i].clone());
    let running = begin(&pool).await;
    for key in &keys(&pool) {
        pool.start_named(key, idler("a")).await.unwrap();
    }
    let changes = running.reload(tree(&again(2))).await.unwrap();
    assert_eq!(changes.kept, ["root/0", "root/1"]);
    assert_eq!(pool.counts().await.unwrap().specs, 2);
    let one = again(1);
    let changes = running.reload(tree(&one)).await.unwrap();
    assert_eq!(
        (changes.replaced, changes.removed),
        (vec!["root/0".to_owned()], vec!["root/1".to_owned()])
    );
    settle().await;
    assert_eq!(one.counts().await.unwrap().specs, 0);
    for key in &keys(&pool) {
        one.start_named(key, idler("a")).await.unwrap();
    }
    running.shutdown().await.unwrap();
}

/// The tree that a partitioned supervisor starts as.
fn tree(pool: &PartitionedSupervisor) -> sage_supervisor::Supervisor {
    let children = pool.partitions().iter().cloned().enumerate();
    children.fold(
        sage_supervisor_tests::supervisor(sage_supervisor::Strategy::OneForOne),
        |tree, (index, partition)| tree.child(index.to_string(), partition),
    )
}
