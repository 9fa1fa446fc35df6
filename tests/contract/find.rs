//! The nodes of a snapshot (rule 33).

use std::time::Duration;

use sage_supervisor::{
    ChildSpec, ChildState, RestartPolicy, Strategy, SupervisorHandle, TreeSnapshot,
};
use sage_supervisor_tests::{Gated, Log, Puppet, settle, supervisor};

use crate::commands::idle;

fn found(tree: &TreeSnapshot, path: &str) -> Option<String> {
    tree.find(path).map(|node| node.path.clone())
}

#[tokio::test(start_paused = true)]
async fn rule_33_a_node_is_found_by_the_paths_of_commands() {
    let deep = supervisor(Strategy::OneForOne).child("a", idle);
    let shop = supervisor(Strategy::OneForOne).child("deep", deep).child("b", idle);
    let running = supervisor(Strategy::OneForOne)
        .name("shop")
        .child("deep", supervisor(Strategy::OneForOne).child("shop", idle))
        .child("shop", shop)
        .child("c", idle)
        .start();
    running.started().await.unwrap();
    let tree = running.handle().tree().await.unwrap();
    let paths: Vec<_> = tree.iter().map(|node| node.path.as_str()).collect();
    let all = [
        "shop",
        "shop/deep",
        "shop/deep/shop",
        "shop/shop",
        "shop/shop/deep",
        "shop/shop/deep/a",
        "shop/shop/b",
        "shop/c",
    ];
    assert_eq!(paths, all);
    for path in all {
        assert_eq!(found(&tree, &format!("/{path}")).as_deref(), Some(path));
    }
    // The child of the root's name comes before the root.
    let table = [
        ("shop", Some("shop/shop")),
        ("shop/deep/a", Some("shop/shop/deep/a")),
        ("deep/shop", Some("shop/deep/shop")),
        ("c", Some("shop/c")),
        ("/shop/shop/b", Some("shop/shop/b")),
        ("", None),
        ("/", None),
        ("c/", None),
        ("c/x", None),
        ("shop//b", None),
        ("/none", None),
    ];
    for (path, expected) in table {
        assert_eq!(found(&tree, path).as_deref(), expected, "{path}");
    }
    running.shutdown().await.unwrap();
}

async fn is_up(handle: &SupervisorHandle) -> bool {
    handle.tree().await.unwrap().is_up()
}

#[tokio::test(start_paused = true)]
async fn rule_33_a_tree_is_up_when_nothing_is_missing() {
    let log = Log::default();
    let (gate, a) = (Gated::new("gate", &log), Puppet::new("a", &log));
    let once = Puppet::new("once", &log);
    let running = supervisor(Strategy::OneForOne)
        .backoff(|_| Duration::from_secs(60))
        .children([gate.spec(), a.spec(), once.spec().restart(RestartPolicy::Temporary)])
        .children([ChildSpec::new("b", idle)])
        .start();
    settle().await;
    let handle = running.handle();
    assert!(!is_up(&handle).await, "it starts");
    gate.open();
    settle().await;
    assert!(is_up(&handle).await);
    let status = handle.child("a").await.unwrap();
    assert!(status.is_up() && status.state.is_up() && !ChildState::Stopping.is_up());
    handle.stop_child("b").await.unwrap();
    once.finish();
    settle().await;
    assert!(is_up(&handle).await, "these are meant to be down");
    a.fail("now");
    settle().await;
    assert!(!is_up(&handle).await, "a child waits for its restart");
    a.started(2).await;
    assert!(is_up(&handle).await);
    handle.kill_child("gate").await.unwrap();
    assert!(is_up(&handle).await);
    running.shutdown().await.unwrap();
}
