//! A snapshot of the whole tree (rule 33).

use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, ChildState, CommandError, DynamicSupervisor, EventKind, Exit,
    KillReason, NodeKind, RestartPolicy, RunningSupervisor, Strategy, Supervisor, SupervisorHandle,
    TreeNode, TreeSnapshot,
};
use sage_supervisor_tests::{Blocker, Gated, Log, OnStop, Puppet, limit, settle, supervisor};
use tokio::time::{Instant, sleep, timeout};

/// The snapshot of a tree, taken under a time limit.
async fn tree(handle: &SupervisorHandle) -> TreeSnapshot {
    timeout(Duration::from_secs(1_000), handle.tree()).await.expect("it never hangs").unwrap()
}

/// The node at a path below `node`.
fn at<'a>(node: &'a TreeNode, path: &str) -> &'a TreeNode {
    path.split('/').fold(node, |node, name| {
        node.children.iter().find(|child| child.name == name).expect("it is in the tree")
    })
}

/// A shop in which some parts have failed, almost 13 minutes after its start.
async fn shop() -> (RunningSupervisor, SupervisorHandle, Instant) {
    let log = Log::default();
    let [writer, http] = ["writer", "http"].map(|name| Puppet::new(name, &log));
    let [vacuum, audit] = ["vacuum", "audit"].map(|name| Puppet::new(name, &log));
    let storage = Supervisor::new(Strategy::OneForAll, limit(3))
        .children([writer.spec(), vacuum.spec().restart(RestartPolicy::Temporary)])
        .keep_alive(true);
    let extras = Supervisor::new(Strategy::OneForOne, limit(0)).unlimited_restarts();
    let running = supervisor(Strategy::RestForOne)
        .name("shop")
        .child("storage", storage)
        .children([http.spec(), audit.spec().restart(RestartPolicy::Temporary)])
        .child("extras", extras.children([Puppet::new("mail", &log).spec()]))
        .start();
    let began = Instant::now();
    settle().await;
    let handle = running.handle();
    sleep(Duration::from_secs(600) - began.elapsed()).await;
    audit.fail("the queue is closed");
    sleep(Duration::from_secs(120)).await;
    writer.fail("disk full");
    sleep(Duration::from_secs(48)).await;
    handle.stop_child("http").await.unwrap();
    handle.stop_child("extras").await.unwrap();
    sleep(Duration::from_secs(1)).await;
    vacuum.finish();
    sleep(Duration::from_secs(1)).await;
    (running, handle, began)
}

const STATUS: &str = "\
● shop          running   12min 50s  rest_for_one, 0 of 5 restarts in 1min
├─ ● storage    running   12min 50s  one_for_all, 1 of 3 restarts in 1min
│  ├─ ● writer  running   50s        restarted once, last exit 50s ago after 12min: error: disk full
│  └─ ○ vacuum  finished             restarted once, last exit 1s ago after 49s: normal
├─ ○ http       stopped              last exit 2s ago after 12min 48s: shutdown
├─ × audit      finished             last exit 2min 50s ago after 10min: error: the queue is closed
└─ ○ extras     stopped              one_for_one, no restart limit, last exit 2s ago after 12min 48s: shutdown";

#[tokio::test(start_paused = true)]
async fn rule_33_a_snapshot_reads_like_a_status() {
    let (running, handle, _) = shop().await;
    assert_eq!(tree(&handle).await.to_string(), STATUS);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_33_a_snapshot_says_all_there_is_to_say() {
    let (running, handle, began) = shop().await;
    let TreeSnapshot { schema, root, .. } = tree(&handle).await;
    assert_eq!(schema, 1);
    let names: Vec<_> = root.children.iter().map(|child| &*child.name).collect();
    assert_eq!(names, ["storage", "http", "audit", "extras"], "in start order");
    assert_eq!(
        (&*root.path, root.kind, root.state),
        ("shop", NodeKind::Supervisor, ChildState::Running)
    );
    assert_eq!((root.restart, root.strategy), (None, Some(Strategy::RestForOne)));
    assert_eq!((root.instance, root.restarts, root.started_at), (1, 0, Some(began)));
    assert_eq!((root.uptime, root.ready_after), (Some(began.elapsed()), Some(Duration::ZERO)));

    let storage = at(&root, "storage");
    assert_eq!((storage.kind, storage.strategy), (NodeKind::Supervisor, Some(Strategy::OneForAll)));
    assert_eq!(storage.restart, Some(RestartPolicy::Transient));
    let left = storage.limit.unwrap();
    assert_eq!((left.max_restarts, left.used, left.left), (3, 1, 2));
    assert_eq!((left.within.as_secs(), storage.ready_after), (60, Some(Duration::ZERO)));

    let writer = at(&root, "storage/writer");
    assert_eq!((&*writer.path, writer.kind), ("shop/storage/writer", NodeKind::Worker));
    assert_eq!((writer.strategy, writer.limit, writer.ready_after), (None, None, None));
    assert_eq!((writer.instance, writer.restarts), (2, 1));
    assert_eq!((writer.started_at.unwrap() - began).as_secs(), 720);
    assert_eq!(writer.uptime.unwrap().as_secs(), 50);
    let exit = writer.last_exit().unwrap();
    assert_eq!(exit.exit.cause().unwrap().to_string(), "disk full", "the error itself");
    assert_eq!((exit.lifetime.as_secs(), exit.ago.as_secs()), (720, 50));
    assert_eq!((exit.ended_at - began).as_secs(), 720);

    let extras = at(&root, "extras");
    assert_eq!((extras.state, extras.uptime), (ChildState::Stopped, None));
    assert!(extras.children.is_empty(), "what is down is its entry only");
    assert_eq!((extras.strategy, extras.limit), (Some(Strategy::OneForOne), None));

    // A restart counts for a minute, and this minute ends now.
    sleep(Duration::from_secs(11)).await;
    let later = tree(&handle).await;
    assert_eq!(at(&later.root, "storage").limit.unwrap().left, 3);
    running.shutdown().await.unwrap();
    assert!(matches!(handle.tree().await, Err(CommandError::NotRunning { .. })));
    let invalid = supervisor(Strategy::OneForOne).name("").start();
    assert!(matches!(invalid.handle().tree().await, Err(CommandError::NotRunning { .. })));
}

#[tokio::test(start_paused = true)]
async fn rule_33_the_last_four_exits_are_kept() {
    let child = ChildSpec::new("a", |ctx: ChildContext| async move {
        sleep(Duration::from_secs(ctx.restarts())).await;
        if ctx.restarts() < 7 {
            return Err(format!("number {}", ctx.restarts()));
        }
        ctx.cancelled().await;
        Ok(())
    });
    let running = supervisor(Strategy::OneForOne).unlimited_restarts().children([child]).start();
    sleep(Duration::from_secs(100)).await;
    let snapshot = tree(&running.handle()).await;
    let exits = &at(&snapshot.root, "a").last_exits;
    let told: Vec<_> =
        exits.iter().map(|past| (past.exit.to_string(), past.lifetime.as_secs())).collect();
    let expected = [6, 5, 4, 3].map(|number| (format!("error: number {number}"), number));
    assert_eq!(told, expected, "the latest first");
    assert_eq!((at(&snapshot.root, "a").instance, at(&snapshot.root, "a").restarts), (8, 7));
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_33_a_snapshot_in_the_middle_of_a_start_and_of_a_restart() {
    let log = Log::default();
    let gated = Gated::new("gated", &log);
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(3)));
    let fast = Puppet::new("fast", &log);
    let group = Supervisor::new(Strategy::OneForAll, limit(3)).children([slow.spec(), fast.spec()]);
    let running =
        supervisor(Strategy::OneForOne).children([gated.spec()]).child("group", group).start();
    let handle = running.handle();
    settle().await;
    let starting = tree(&handle).await.root;
    assert_eq!((starting.state, starting.ready_after), (ChildState::Starting, None));
    assert_eq!(at(&starting, "gated").state, ChildState::Starting);
    let group = at(&starting, "group");
    assert_eq!((group.state, group.instance, group.started_at), (ChildState::Restarting, 0, None));
    assert!(group.children.is_empty() && group.last_exits.is_empty());

    sleep(Duration::from_secs(2)).await;
    gated.open();
    settle().await;
    let started = tree(&handle).await.root;
    let ready_after = at(&started, "gated").ready_after.unwrap();
    assert_eq!((ready_after.as_secs(), started.ready_after.unwrap().as_secs()), (2, 2));
    assert_eq!(at(&started, "group").ready_after, Some(Duration::ZERO), "its own start");

    fast.fail("now");
    settle().await;
    let restarting = tree(&handle).await.root;
    assert_eq!(at(&restarting, "group").state, ChildState::Running);
    assert_eq!(at(&restarting, "group/slow").state, ChildState::Stopping);
    let fast = at(&restarting, "group/fast");
    assert_eq!((fast.state, fast.uptime, fast.restarts), (ChildState::Restarting, None, 0));
    assert!(matches!(fast.last_exit().unwrap().exit, Exit::Error(_)));

    let mut stopping = tokio::spawn(running.shutdown());
    settle().await;
    assert_eq!(tree(&handle).await.root.state, ChildState::Stopping);
    timeout(Duration::from_secs(10), &mut stopping).await.unwrap().unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn rule_33_what_is_unresponsive_is_marked() {
    let (blocker, open) = Blocker::new(&Log::default());
    let inner = supervisor(Strategy::OneForOne).children([blocker.spec()]);
    let running = supervisor(Strategy::OneForOne)
        .kill_grace(Duration::from_millis(10))
        .child("inner", inner)
        .start();
    blocker.blocks().await;
    running.started().await.unwrap();
    let handle = running.handle();
    let mut events = handle.tree_events();
    let stopped = handle.stop_child("inner/blocker").await;
    assert!(matches!(stopped, Err(CommandError::Unresponsive { .. })), "{stopped:?}");
    let killed = events.recv().await.unwrap().unwrap().kind;
    assert!(
        matches!(killed, EventKind::Killed { reason: KillReason::BrutalKill, .. }),
        "{killed:?}"
    );
    let told = events.recv().await.unwrap().unwrap().kind;
    assert!(
        matches!(told, EventKind::Unresponsive { grace, .. } if grace.as_millis() == 10),
        "{told:?}"
    );
    let snapshot = tree(&handle).await;
    let blocker = at(&snapshot.root, "inner/blocker");
    assert_eq!(blocker.state, ChildState::Unresponsive);
    assert!(blocker.uptime.is_some() && blocker.last_exits.is_empty(), "it has not ended");
    assert!(snapshot.to_string().contains("   └─ × blocker  unresponsive  "), "{snapshot}");
    drop(open);
    // The task may or may not end in time now.
    let _ = running.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn rule_33_children_on_demand_are_in_the_tree_by_their_names() {
    let pool = DynamicSupervisor::new();
    let running = supervisor(Strategy::OneForOne).child("pool", pool.clone()).start();
    settle().await;
    let connection = || {
        let idle = async |ctx: ChildContext| ctx.cancelled().await;
        ChildSpec::new("connection", idle).restart(RestartPolicy::Temporary)
    };
    let first = pool.start_child(connection()).await.unwrap();
    pool.start_named("second", connection()).await.unwrap();
    let snapshot = tree(&running.handle()).await;
    let node = at(&snapshot.root, "pool");
    assert_eq!(
        (node.kind, node.strategy),
        (NodeKind::DynamicSupervisor, Some(Strategy::OneForOne))
    );
    let names: Vec<_> = node.children.iter().map(|child| &*child.name).collect();
    assert_eq!(names, [&*first, "second"]);
    pool.stop_child("second").await.unwrap();
    assert_eq!(at(&tree(&running.handle()).await.root, "pool").children.len(), 1);
    running.shutdown().await.unwrap();
}

/// Snapshots are taken again and again, also from inside the tree, while all nested supervisors are
/// rebuilt.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_33_a_snapshot_never_hangs_while_supervisors_end() {
    let failing = || {
        ChildSpec::new("failing", |ctx: ChildContext| async move {
            let snapshot = ctx.supervisor().tree().await;
            assert!(snapshot.is_ok_and(|snapshot| snapshot.root.name == "root"));
            Err("again")
        })
    };
    let mut nested = Supervisor::new(Strategy::OneForOne, limit(1)).children([failing()]);
    for _ in 0..3 {
        nested = Supervisor::new(Strategy::OneForOne, limit(100)).child("inner", nested);
    }
    let outer = nested;
    let running =
        supervisor(Strategy::OneForOne).unlimited_restarts().child("outer", outer).start();
    let handle = running.handle();
    for _ in 0..1_000 {
        let snapshot = timeout(Duration::from_secs(300), handle.tree()).await.expect("no hang");
        assert_eq!(snapshot.unwrap().root.children.len(), 1);
        tokio::task::yield_now().await;
    }
    drop(running);
    let _ = timeout(Duration::from_secs(300), handle.tree()).await.expect("no hang");
}

#[tokio::test(start_paused = true)]
async fn rule_33_a_tree_is_drawn_in_the_language_of_graphviz() {
    let (running, handle, _) = shop().await;
    assert_eq!(
        tree(&handle).await.to_dot(),
        r#"digraph tree {
    node [shape=box];
    n0 [label="shop\nrest_for_one\nrunning"];
    n1 [label="storage\none_for_all\nrunning"];
    n0 -> n1;
    n2 [label="writer\nrunning"];
    n1 -> n2;
    n3 [label="vacuum\nfinished"];
    n1 -> n3;
    n4 [label="http\nstopped"];
    n0 -> n4;
    n5 [label="audit\nfinished"];
    n0 -> n5;
    n6 [label="extras\none_for_one\nstopped"];
    n0 -> n6;
}
"#
    );
    drop(running);
}

#[tokio::test(start_paused = true)]
async fn rule_33_a_tree_is_drawn_in_the_language_of_mermaid() {
    let quoted = Puppet::new("a \"b\"; #c", &Log::default());
    let inner = supervisor(Strategy::OneForAll).children([quoted.spec()]);
    let running = supervisor(Strategy::OneForOne).child("worker-pool", inner).start();
    settle().await;
    let snapshot = tree(&running.handle()).await;
    assert_eq!(
        snapshot.to_mermaid(),
        r#"flowchart TD
    n0["root<br/>one_for_one<br/>running"]
    n1["worker-pool<br/>one_for_all<br/>running"]
    n0 --> n1
    n2["a #34;b#34;#59; #35;c<br/>running"]
    n1 --> n2
"#
    );
    assert!(snapshot.to_dot().contains(r#"n2 [label="a \"b\"; #c\nrunning"];"#));
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_33_a_snapshot_is_serialised_with_the_number_of_its_form() {
    let (running, handle, _) = shop().await;
    let text = serde_json::to_string(&tree(&handle).await).unwrap();
    let read: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(read["schema"], 1);
    let mut root = read["root"].clone();
    let children = root["children"].take();
    let expected = serde_json::json!({
        "name": "shop", "path": "shop", "kind": "supervisor", "state": "running",
        "pid": null, "restart": null, "strategy": "rest_for_one",
        "limit": { "max_restarts": 5, "within_ms": 60_000, "used": 0, "left": 5, "uncounted": 0 },
        "instance": 1, "restarts": 0, "own_limit": null, "restart_in_ms": null, "every": null, "uptime_ms": 770_000, "ready_after_ms": 0,
        "last_exits": [], "children": null,
    });
    assert_eq!(root, expected);
    let expected = serde_json::json!({
        "name": "writer", "path": "shop/storage/writer", "kind": "worker", "state": "running",
        "pid": null, "restart": "permanent", "strategy": null, "limit": null,
        "instance": 2, "restarts": 1, "own_limit": null, "restart_in_ms": null, "every": null, "uptime_ms": 50_000, "ready_after_ms": null,
        "last_exits": [{
            "kind": "error", "reason": "error: disk full", "lifetime_ms": 720_000, "ago_ms": 50_000,
        }],
        "children": [],
    });
    assert_eq!(children[0]["children"][0], expected);
    drop(running);
}
