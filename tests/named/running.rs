//! A named tree at the root, and below others.

use std::time::Duration;

use sage_supervisor::{EventKind, Supervisor, supervisor};
use sage_supervisor_tests::trees::{renamed, storage};
use sage_supervisor_tests::{Log, Puppet, settle};
use tokio::time::timeout;

/// A tree, its log, and its two puppets.
fn one() -> (Supervisor, Log, [Puppet; 2]) {
    let log = Log::default();
    let [pool, cache] = ["pool", "cache"].map(|name| Puppet::new(name, &log));
    (storage(pool.clone(), cache.clone()), log, [pool, cache])
}

/// The paths of all starts, in order, up to the last of them.
async fn started(supervisor: Supervisor, last: &str) -> Vec<String> {
    let running = supervisor.start();
    let mut events = running.handle().tree_events();
    let mut paths = Vec::new();
    while paths.last().is_none_or(|path| path != last) {
        let event = timeout(Duration::from_secs(1_000), events.recv()).await;
        let event = event.unwrap_or_else(|_| panic!("only {paths:?}")).unwrap().unwrap();
        if let EventKind::Started { .. } = event.kind {
            paths.push(event.path.to_string());
        }
    }
    running.shutdown().await.unwrap();
    paths
}

#[tokio::test(start_paused = true)]
async fn at_the_root_it_is_called_as_its_function() {
    let (storage, ..) = one();
    let paths = started(storage, "storage/cache").await;
    assert_eq!(paths, ["storage/pool", "storage/cache"]);
}

#[tokio::test(start_paused = true)]
async fn a_raw_identifier_is_called_without_its_prefix() {
    supervisor! {
        fn r#loop() -> Supervisor {
            #[child]
            r#match = async |ctx| ctx.cancelled().await,
        }
    }
    assert_eq!(r#loop::TREE.name(), "loop");
    assert_eq!(started(r#loop(), "loop/match").await, ["loop/match"]);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_written_is_its_name_everywhere() {
    let log = Log::default();
    let root = renamed(Puppet::new("worker", &log));
    assert_eq!(started(root, "own/worker").await, ["own/worker"]);
    let named = renamed(Puppet::new("worker", &log)).name("other");
    assert_eq!(started(named, "other/worker").await, ["other/worker"]);
    let listed = supervisor! {
        #[child(tree)]
        entry = renamed(Puppet::new("worker", &log)),
    };
    assert_eq!(started(listed, "root/own/worker").await, ["root/own", "root/own/worker"]);
}

#[tokio::test(start_paused = true)]
async fn as_an_entry_it_is_called_as_that() {
    let (storage, ..) = one();
    let app = supervisor! {
        name = "app",

        #[child]
        db = storage,
    };
    let paths = started(app, "app/db/cache").await;
    assert_eq!(paths, ["app/db", "app/db/pool", "app/db/cache"]);
}

#[tokio::test(start_paused = true)]
async fn it_runs_as_it_is_declared() {
    let (storage, log, [pool, cache]) = one();
    let running = storage.start();
    settle().await;
    assert_eq!(log.take(), "+pool +cache");
    pool.fail("the connection is lost");
    settle().await;
    assert_eq!(log.take(), "-pool -cache +pool +cache");
    cache.finish();
    settle().await;
    assert_eq!(log.take(), "-cache");
    for _ in 0..2 {
        pool.fail("the connection is lost");
        settle().await;
    }
    let error = running.wait().await.unwrap_err();
    assert!(error.to_string().starts_with("supervisor `storage` reached"), "{error}");
}
