//! The names of the children of a partitioned supervisor, which are unique over all partitions (rule 40).

use std::collections::BTreeSet;
use std::sync::Arc;

use sage_supervisor::{
    CommandError, DynamicSupervisor, InvalidTreeKind, OnceChild, PartitionedSupervisor,
};
use sage_supervisor_tests::{Log, Puppet};
use tokio::sync::Barrier;

use super::{begin, idle, idler, keys, plain, selected};

/// The partitions, the specs and what is written in front of the numbers are alike.
#[tokio::test(start_paused = true)]
async fn rule_40_generated_names_are_unique_over_all_partitions() {
    let pool = PartitionedSupervisor::new(12, || DynamicSupervisor::new().name("same"));
    let running = begin(&pool).await;
    let mut names = BTreeSet::new();
    for (index, key) in keys(&pool).iter().enumerate() {
        for stem in ["a", "a-1", "a-1.1", "a-0.1", "-", "a-11"] {
            let name = pool.start_child(key, idler(stem)).await.unwrap();
            assert!(name.starts_with(&format!("{stem}-{index}.")), "{name}");
            assert_eq!(pool.child(&name).await.unwrap().path, format!("root/{index}/{name}"));
            assert!(names.insert(name.clone()), "{name}");
        }
    }
    assert_eq!((names.len(), pool.counts().await.unwrap().specs), (72, 72));
    let seventh = pool.partitions()[11].start_child(idler("a")).await.unwrap();
    assert_eq!(seventh, "a-11.7", "the number counts in the partition");
    running.shutdown().await.unwrap();
}

/// A single partition has names of the same form, and every name belongs to it.
#[tokio::test(start_paused = true)]
async fn rule_40_a_single_partition_has_all_names() {
    let pool = plain(1);
    let running = begin(&pool).await;
    assert_eq!(pool.start_child("key", idler("a")).await.unwrap(), "a-0.1");
    for name in ["ada", "a-1.1", "a-0.2", "a-5"] {
        pool.partitions()[0].start_named(name, idler("a")).await.unwrap();
        pool.stop_child(name).await.unwrap();
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_40_a_given_name_is_a_key() {
    let pool = plain(4);
    let running = begin(&pool).await;
    // The last three look like generated names, but there are no such partitions.
    for name in ["ada", "user-7", "a.b", "2.7", "a-02.7", "a-2.07", "a-2.x", "a-4.1", "a-99.1"] {
        pool.start_named(name, idler("x")).await.unwrap();
        let path = pool.child(name).await.unwrap().path;
        assert_eq!(path, format!("root/{}/{name}", selected(&pool, name)));
        assert!(std::ptr::eq(pool.partition_of(name), pool.partition(name)));
    }
    running.shutdown().await.unwrap();
}

/// A given name that looks generated is in nobody's way.
#[tokio::test(start_paused = true)]
async fn rule_40_a_given_name_that_looks_generated_belongs_where_it_would_be_generated() {
    let pool = plain(3);
    let running = begin(&pool).await;
    for index in 0..3 {
        let taken = [2, 3, 5].map(|number| format!("a-{index}.{number}"));
        for name in &taken {
            pool.start_named(name, idler("x")).await.unwrap();
            assert_eq!(pool.child(name).await.unwrap().path, format!("root/{index}/{name}"));
        }
        for _ in 0..4 {
            let name = pool.partitions()[index].start_child(idler("a")).await.unwrap();
            assert!(!taken.contains(&name), "{name}");
        }
    }
    assert_eq!(pool.counts().await.unwrap().specs, 21);
    let name = pool.start_child("key", idler("a")).await.unwrap();
    let exists = pool.start_named(&name, idler("a")).await;
    assert!(matches!(exists, Err(CommandError::AlreadyRunning { .. })), "{exists:?}");
    running.shutdown().await.unwrap();
}

/// A partition does not take the name of another one, whoever gives it.
#[tokio::test(start_paused = true)]
async fn rule_40_a_partition_refuses_a_name_of_another_one() {
    let log = Log::default();
    let pool = PartitionedSupervisor::new(3, || DynamicSupervisor::new().max_children(1));
    let running = begin(&pool).await;
    let name = "ada";
    let home = selected(&pool, name);
    for (index, partition) in pool.partitions().iter().enumerate() {
        if index == home {
            continue;
        }
        let refused = partition.start_named(name, Puppet::new("a", &log).spec()).await.unwrap_err();
        assert!(
            matches!(refused, CommandError::OtherPartition { partition, .. } if partition == home)
        );
        assert_eq!(refused.path(), format!("root/{index}/{name}"));
        assert_eq!(
            refused.to_string(),
            format!(
                "child `root/{index}/ada` cannot be started here, because its name belongs to \
                 partition {home}: start it with `PartitionedSupervisor::start_named`"
            )
        );
        // The child is given back, and so is a place.
        let permit = partition.reserve().await.unwrap();
        let refused = permit.start_named(name, Puppet::new("a", &log).spec()).await;
        assert!(matches!(refused, Err(CommandError::OtherPartition { .. })), "{refused:?}");
        let refused = partition.start_named_once(name, OnceChild::new("a", idle)).await;
        assert!(refused.unwrap_err().into_inner().is_some());
        assert_eq!(partition.counts().await.unwrap().reserved, 0);
        partition.start_child(idler("a")).await.unwrap();
    }
    assert_eq!(log.take(), "", "nothing was started");
    let permit = pool.partition_of(name).reserve().await.unwrap();
    permit.start_named(name, idler("a")).await.unwrap();
    // A name that is none is invalid in every partition.
    let invalid = pool.start_named("a/b", idler("a")).await;
    let Err(CommandError::Invalid(invalid)) = invalid else { panic!("{invalid:?}") };
    assert_eq!(invalid.kind, InvalidTreeKind::InvalidName("a/b".to_owned()));
    running.shutdown().await.unwrap();
}

/// Starts on several threads, through the whole and through its parts: at most one child of a name is
/// alive at any moment, and one start succeeds.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rule_40_of_racing_starts_under_one_name_one_succeeds() {
    let pool = plain(4);
    let running = begin(&pool).await;
    for round in 0..50 {
        let name = if round % 2 == 0 { format!("k{round}") } else { format!("a-{}.9", round % 4) };
        let puppet = Puppet::new("a", &Log::default());
        let barrier = Arc::new(Barrier::new(12));
        let starts = (0..12).map(|number| {
            let (pool, name, spec) = (pool.clone(), name.clone(), puppet.spec());
            let barrier = Arc::clone(&barrier);
            tokio::spawn(async move {
                barrier.wait().await;
                match pool.partitions().get(number) {
                    Some(partition) => partition.start_named(name, spec).await,
                    None => pool.start_named(name, spec).await,
                }
            })
        });
        let mut succeeded = 0;
        for start in starts.collect::<Vec<_>>() {
            match start.await.unwrap() {
                Ok(()) => succeeded += 1,
                Err(CommandError::AlreadyRunning { .. } | CommandError::OtherPartition { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
        puppet.started(1).await;
        assert_eq!((succeeded, puppet.peak()), (1, 1), "{name}");
        pool.stop_child(&name).await.unwrap();
        assert_eq!(puppet.live(), 0);
    }
    running.shutdown().await.unwrap();
}
