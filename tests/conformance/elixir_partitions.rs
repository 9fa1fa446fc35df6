//! The cases of Elixir's suite of `PartitionSupervisor`, under their own names.
//!
//! Further tests are about two promises that only Elixir's documentation makes: a key always belongs
//! to the same partition, and the end of a partition does not affect the others. Our partitions are
//! dynamic supervisors, and our supervisor is reached by its value and not by a name.
//!
//! Of 22 cases 11 are here.
//!
//! | case | test, or why there is none |
//! |---|---|
//! | `child_spec` (2) | none: ids of the BEAM's registered names |
//! | on success with atom name | here: `start_link_on_success` |
//! | on success with via name | none: there are no registered names |
//! | with_arguments | here: the function that makes the partitions; `indexed` tells it the number |
//! | raises without name, raises without child_spec (2) | none: it does not compile |
//! | raises on bad partitions | here |
//! | raises on bad with_arguments | none: it does not compile |
//! | raises with bad auto_shutdown | here: the partitions have none unless they are given one |
//! | is synchronous | here |
//! | with via tuple (2) | none: there are no registered names |
//! | `partitions/1` (2), raises noproc for unknown partition supervisor | here, as one: one that does not run |
//! | resizes the number of children | here: there is no resizing; its steps by hand |
//! | raises on lookup after resizing to zero, raises if trying to increase .. (2) | none: there is no resizing |
//! | returns all partitions | here |
//! | with workers | none: partitions are dynamic supervisors |
//! | with supervisors | here |

use std::collections::BTreeSet;
use std::sync::Arc;

use sage_supervisor::{
    ChildSpec, ChildState, CommandError, DynamicSupervisor, InvalidTreeKind, PartitionedSupervisor,
    RestartPolicy, RunningSupervisor, SageError, Strategy, SupervisorHandle,
};
use sage_supervisor_tests::{
    Log, OnStop, Puppet, limit, no_task_is_left, quiet_panics, settle, supervisor,
};
use tokio::time::{Instant, timeout};

use crate::{POLICIES, SECOND, counts, idle, names, state, up};

/// Starts a partitioned supervisor alone.
async fn up_partitioned(
    supervisor: &PartitionedSupervisor,
) -> (RunningSupervisor, SupervisorHandle) {
    let running = supervisor.clone().start();
    settle().await;
    let handle = running.handle();
    (running, handle)
}

/// A key for each partition, in the order of the partitions.
fn keys(pool: &PartitionedSupervisor) -> Vec<u32> {
    let falls_to = |key: &u32, index: usize| {
        std::ptr::eq(pool.partition(key), &raw const pool.partitions()[index])
    };
    let key = |index| (0..10_000).find(|key| falls_to(key, index)).unwrap();
    (0..pool.partitions().len()).map(key).collect()
}

/// Each of a hundred children is in the one partition of its key, and no partition is empty.
#[tokio::test(start_paused = true)]
async fn start_link_on_success() {
    let pool = PartitionedSupervisor::new(4, DynamicSupervisor::new);
    let (running, handle) = up_partitioned(&pool).await;
    assert_eq!(pool.partitions().len(), 4);
    for key in 0..100 {
        let spec = ChildSpec::new(format!("child-{key}"), idle);
        let name = pool.start_child(&key, spec).await.unwrap();
        assert!(pool.partition(&key).child(&name).await.is_ok());
    }
    let mut found = BTreeSet::new();
    for (index, partition) in pool.partitions().iter().enumerate() {
        let children = partition.children().await.unwrap();
        assert!(!children.is_empty(), "{index}");
        for child in children {
            assert_eq!(child.path, format!("root/{index}/{}", child.name));
            let number = child.name.split('-').nth(1).unwrap().to_owned();
            assert!(found.insert(number), "{}", child.path);
        }
    }
    assert_eq!(found.len(), 100);
    assert_eq!(counts(&handle).await, [4, 4, 0, 4, 0]);
    running.shutdown().await.unwrap();
}

/// The same key always belongs to the same partition: when it is asked again, when a clone is
/// asked, in whatever form the key is borrowed, and after a restart. Many keys spread: of ten
/// thousand keys, none of eight partitions has less than half or more than twice its share.
#[tokio::test(start_paused = true)]
async fn a_key_always_falls_to_the_same_partition() {
    let pool = PartitionedSupervisor::new(8, DynamicSupervisor::new);
    let place = |pool: &PartitionedSupervisor, partition: &DynamicSupervisor| {
        pool.partitions().iter().position(|other| std::ptr::eq(other, partition)).unwrap()
    };
    let before: Vec<_> =
        (0..10_000).map(|key| place(&pool, pool.partition(&format!("user-{key}")))).collect();
    for index in 0..8 {
        let share = before.iter().filter(|&&place| place == index).count();
        assert!((625..=2_500).contains(&share), "{index}: {share}");
    }
    let (running, handle) = up_partitioned(&pool).await;
    handle.restart_child("3").await.unwrap();
    let clone = pool.clone();
    for (key, &index) in before.iter().enumerate() {
        assert_eq!(place(&clone, clone.partition(format!("user-{key}").as_str())), index);
    }
    running.shutdown().await.unwrap();

    // With a single partition, every key belongs to it.
    let one = PartitionedSupervisor::new(1, DynamicSupervisor::new);
    assert!((0..100).all(|key| place(&one, one.partition(&key)) == 0));
}

/// The function that makes the partitions is called once for each, in order, so the partitions may
/// differ.
#[tokio::test(start_paused = true)]
async fn start_link_with_arguments() {
    let mut made = 0..;
    let pool = PartitionedSupervisor::new(3, || {
        DynamicSupervisor::new().max_children(made.next().unwrap())
    });
    let (running, _) = up_partitioned(&pool).await;
    for (room, key) in keys(&pool).into_iter().enumerate() {
        for _ in 0..room {
            pool.start_child(&key, ChildSpec::new("child", idle)).await.unwrap();
        }
        let refused = pool.start_child(&key, ChildSpec::new("child", idle)).await;
        assert!(matches!(refused, Err(CommandError::MaxChildren { .. })), "{room}: {refused:?}");
    }
    assert_eq!(made.next(), Some(3));
    running.shutdown().await.unwrap();
}

#[test]
fn start_link_raises_on_bad_partitions() {
    quiet_panics();
    let none = || PartitionedSupervisor::new(0, DynamicSupervisor::new);
    let panic = std::panic::catch_unwind(none).unwrap_err();
    let message = panic.downcast_ref::<&str>().unwrap();
    assert_eq!(*message, "a partitioned supervisor needs at least one partition");
}

/// No child of a partition is significant as long as its partition has no auto-shutdown, and no partition
/// ends its siblings.
#[tokio::test(start_paused = true)]
async fn start_link_raises_with_bad_auto_shutdown() {
    let pool = PartitionedSupervisor::new(2, DynamicSupervisor::new);
    let (running, handle) = up_partitioned(&pool).await;
    for policy in POLICIES {
        let spec = ChildSpec::new("a", idle).restart(policy).significant();
        let refused = pool.start_child("key", spec).await;
        let Err(CommandError::Invalid(invalid)) = refused else { panic!("{refused:?}") };
        let rule = match policy {
            RestartPolicy::Permanent => InvalidTreeKind::SignificantPermanent("a".to_owned()),
            _ => InvalidTreeKind::SignificantWithoutAutoShutdown("a".to_owned()),
        };
        assert_eq!(invalid.kind, rule);
    }
    for name in ["0", "1"] {
        assert!(!handle.child(name).await.unwrap().is_significant);
    }
    running.shutdown().await.unwrap();
}

/// When the stop is over, no child of any partition is alive. The partitions stop one after
/// another, the last one first, and the children of each stop at once.
#[tokio::test(start_paused = true)]
async fn stop_is_synchronous() {
    let pool = PartitionedSupervisor::new(3, DynamicSupervisor::new);
    let (running, _) = up_partitioned(&pool).await;
    let slow = Puppet::with("slow", &Log::default(), OnStop::After(SECOND));
    for key in keys(&pool) {
        for _ in 0..5 {
            pool.start_child(&key, slow.spec()).await.unwrap();
        }
    }
    settle().await;
    assert_eq!(slow.live(), 15);
    let asked = Instant::now();
    running.shutdown().await.unwrap();
    assert_eq!((slow.live(), asked.elapsed().as_millis() / 10), (0, 300));
    no_task_is_left().await;
}

/// Calls before the start and after the end get an error that says so.
#[tokio::test(start_paused = true)]
async fn raises_noproc_for_unknown_partition_supervisor() {
    let pool = PartitionedSupervisor::new(2, DynamicSupervisor::new);
    let nobody = async |pool: &PartitionedSupervisor| {
        let refused = pool.start_child("key", ChildSpec::new("a", idle)).await;
        assert!(matches!(refused, Err(CommandError::NotRunning { .. })), "{refused:?}");
        for partition in pool.partitions() {
            let counts = partition.counts().await;
            assert!(matches!(counts, Err(CommandError::NotRunning { .. })), "{counts:?}");
        }
    };
    nobody(&pool).await;
    let (running, _) = up_partitioned(&pool).await;
    pool.start_child("key", ChildSpec::new("a", idle)).await.unwrap();
    running.shutdown().await.unwrap();
    nobody(&pool).await;
}

/// A partition that is stopped by hand still owns its keys, so calls with these keys are refused;
/// the other partitions serve theirs. The partition can be started again. (Elixir routes those keys
/// to the others.)
#[tokio::test(start_paused = true)]
async fn resizes_the_number_of_children() {
    let pool = PartitionedSupervisor::new(3, DynamicSupervisor::new);
    let (running, handle) = up_partitioned(&pool).await;
    handle.stop_child("1").await.unwrap();
    assert_eq!(counts(&handle).await, [3, 2, 0, 3, 0]);
    for round in 0..2 {
        for (index, key) in keys(&pool).iter().enumerate() {
            let started = pool.start_child(key, ChildSpec::new("a", idle)).await;
            if (round, index) == (0, 1) {
                assert!(matches!(started, Err(CommandError::NotRunning { .. })), "{started:?}");
            } else {
                started.unwrap();
            }
        }
        handle.restart_child("1").await.unwrap();
    }
    assert_eq!(counts(&handle).await, [3, 3, 0, 3, 0]);
    running.shutdown().await.unwrap();
}

/// The partitions are ordinary children, in their order and in whatever tree they are listed. Their
/// names are their numbers, whatever names they were given.
#[tokio::test(start_paused = true)]
async fn which_children_returns_all_partitions() {
    let pool = PartitionedSupervisor::new(12, || DynamicSupervisor::new().name("same"));
    let tree = supervisor(Strategy::OneForOne).child("pool", pool.clone()).child("other", idle);
    let (running, handle) = up(tree).await;
    assert_eq!(names(&handle).await, "pool other");
    let children = handle.children_below("pool").await.unwrap();
    assert_eq!(children.len(), 12);
    for (index, child) in children.into_iter().enumerate() {
        assert_eq!((child.name, child.state), (index.to_string(), ChildState::Running));
        assert_eq!(child.path, format!("root/pool/{index}"));
    }
    running.shutdown().await.unwrap();
}

/// The partitions are counted as supervisors, and each of them counts its own children.
#[tokio::test(start_paused = true)]
async fn count_children_with_supervisors() {
    let pool = PartitionedSupervisor::new(4, DynamicSupervisor::new);
    let (running, handle) = up_partitioned(&pool).await;
    for (many, key) in keys(&pool).iter().enumerate() {
        for _ in 0..many {
            pool.start_child(key, ChildSpec::new("a", idle)).await.unwrap();
        }
    }
    assert_eq!(counts(&handle).await, [4, 4, 0, 4, 0]);
    for (many, partition) in pool.partitions().iter().enumerate() {
        let counts = partition.counts().await.unwrap();
        assert_eq!((counts.specs, counts.running, counts.workers), (many, many, many));
    }
    running.shutdown().await.unwrap();
}

/// A partition that reaches its limit is restarted alone and without its children; the children of
/// the others are not touched. When the limit on partitions is reached too, the whole supervisor
/// ends.
#[tokio::test(start_paused = true)]
async fn each_partition_is_restarted_alone() {
    let log = Log::default();
    let make = || DynamicSupervisor::new().restart_limit(limit(1));
    let pool = PartitionedSupervisor::new(3, make).restart_limit(limit(2));
    let (running, handle) = up_partitioned(&pool).await;
    let puppets = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
    let [a, b, c] = &puppets;
    let keys = keys(&pool);
    let mut specs = vec![];
    for (key, puppet) in keys.iter().zip(&puppets) {
        let spec = Arc::new(puppet.spec());
        pool.start_child(key, Arc::clone(&spec)).await.unwrap();
        specs.push(spec);
    }
    for round in 1..=3 {
        b.fail("now");
        b.started(2 * round).await;
        assert_eq!(state(&handle, "1").await, ChildState::Running);
        b.fail("one too many");
        settle().await;
        assert_eq!([a.starts(), c.starts()], [1, 1]);
        if round == 3 {
            break;
        }
        assert_eq!(puppets.each_ref().map(Puppet::live), [1, 0, 1]);
        assert_eq!(handle.child("1").await.unwrap().restarts, u64::try_from(round).unwrap());
        assert_eq!(pool.partitions()[1].counts().await.unwrap().specs, 0);
        pool.start_child(&keys[1], Arc::clone(&specs[1])).await.unwrap();
    }
    let error = timeout(SECOND * 1_000, running.wait()).await.unwrap().unwrap_err();
    let SageError::Supervisor(reached) = error else { panic!("{error}") };
    assert_eq!((reached.path.as_str(), reached.child.as_str()), ("root", "1"));
    assert_eq!(puppets.each_ref().map(Puppet::live), [0; 3]);
    no_task_is_left().await;
}
