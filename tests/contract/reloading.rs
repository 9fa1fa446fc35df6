//! Declarations that are reloaded by their difference (rule 39).

use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::{Strategy as Generator, any};
use proptest::test_runner::{Config, TestRunner};
use sage_supervisor::{
    ChildContext, ChildSpec, ChildState, CommandError, DynamicSupervisor, RestartPolicy,
    RunningSupervisor, Strategy, Supervisor, SupervisorHandle,
};
use sage_supervisor_tests::{Gated, Log, OnStop, Puppet, limit, settle, supervisor};
use tokio::sync::mpsc;

use crate::commands::{idle, state};

/// A child that counts as the same as long as its version is the same.
fn versioned(name: &str, version: u32, log: &Log) -> ChildSpec {
    Puppet::new(&format!("{name}{version}"), log).spec().version(version)
}

/// A supervisor with children such as `a1`: a name and a version.
fn plan(strategy: Strategy, children: &str, log: &Log) -> Supervisor {
    let child = |text: &str| {
        let (name, version) = text.split_at(1);
        (name.to_owned(), versioned(name, version.parse().unwrap(), log))
    };
    let children = children.split_whitespace().map(child);
    children.fold(supervisor(strategy), |plan, (name, spec)| plan.child(name, spec))
}

async fn names(handle: &SupervisorHandle) -> String {
    let children = handle.children().await.unwrap();
    children.into_iter().map(|child| child.name).collect::<Vec<_>>().join(" ")
}

async fn begin(plan: Supervisor, log: &Log) -> (RunningSupervisor, SupervisorHandle) {
    let running = plan.start();
    running.started().await.unwrap();
    settle().await;
    log.take();
    let handle = running.handle();
    (running, handle)
}

#[tokio::test(start_paused = true)]
async fn rule_39_a_reload_changes_only_what_differs() {
    let log = Log::default();
    let (running, handle) = begin(plan(Strategy::OneForAll, "a1 b1 c1 d1", &log), &log).await;
    let changes = running.reload(plan(Strategy::OneForAll, "d1 e1 b2 c1", &log)).await.unwrap();
    assert_eq!(log.take(), "-b1 -a1 +e1 +b2", "what stops does so in reverse order");
    assert_eq!(changes.kept, ["root/d", "root/c"]);
    assert_eq!(changes.replaced, ["root/b"]);
    assert_eq!(changes.added, ["root/e"]);
    assert_eq!(changes.removed, ["root/a"]);
    assert!(changes.failed.is_empty() && !changes.is_unchanged());
    assert_eq!(names(&handle).await, "d e b c");
    let gone = handle.child("a").await.unwrap_err();
    assert!(matches!(gone, CommandError::NotFound { .. }), "{gone}");
    let changes = running.reload(plan(Strategy::OneForAll, "d1 e1 b2 c1", &log)).await.unwrap();
    assert!(changes.is_unchanged() && changes.kept.len() == 4);
    assert_eq!(log.take(), "");
    running.shutdown().await.unwrap();
    assert_eq!(log.take(), "-c1 -b2 -e1 -d1", "the order is the new one");
}

/// A start function that captures something cannot be compared.
#[tokio::test(start_paused = true)]
async fn rule_39_a_child_is_the_same_if_it_captures_nothing_or_has_the_same_version() {
    let log = Log::default();
    let tree = || {
        supervisor(Strategy::OneForOne)
            .child("bare", idle)
            .children([Puppet::new("held", &log).spec(), versioned("known", 1, &log)])
    };
    let (running, _) = begin(tree(), &log).await;
    let changes = running.reload(tree()).await.unwrap();
    assert_eq!(changes.kept, ["root/bare", "root/known1"]);
    assert_eq!(changes.replaced, ["root/held"]);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_39_a_nested_supervisor_is_reloaded_and_not_restarted() {
    let log = Log::default();
    let tree = |deep: &str, strategy| {
        let inner = supervisor(strategy).child("deep", plan(strategy, deep, &log));
        supervisor(Strategy::OneForOne).child("inner", inner).child("other", idle)
    };
    let (running, handle) = begin(tree("a1 b1", Strategy::OneForOne), &log).await;
    let changes = running.reload(tree("a1 b2 c1", Strategy::OneForAll)).await.unwrap();
    assert_eq!(log.take(), "-b1 +b2 +c1");
    assert_eq!(changes.kept, ["root/inner", "root/other", "root/inner/deep", "root/inner/deep/a"]);
    assert_eq!(changes.replaced, ["root/inner/deep/b"]);
    assert_eq!(changes.added, ["root/inner/deep/c"]);
    assert_eq!(handle.child("inner/deep").await.unwrap().restarts, 0);
    // The new strategy is in force, and a restart builds the subtree from the new declaration.
    handle.restart_child("inner").await.unwrap();
    settle().await;
    assert_eq!(log.take(), "-c1 -b2 -a1 +a1 +b2 +c1");
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_39_settings_of_a_supervisor_are_taken_over_in_place() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let tree = |strategy, restarts| {
        Supervisor::new(strategy, limit(restarts))
            .children([a.spec().version(1), versioned("b", 1, &log)])
    };
    let (running, _) = begin(tree(Strategy::OneForOne, 0), &log).await;
    let changes = running.reload(tree(Strategy::OneForAll, 1)).await.unwrap();
    assert!(changes.is_unchanged());
    a.fail("once");
    settle().await;
    assert_eq!(log.take(), "-a -b1 +a +b1");
    a.fail("twice");
    running.wait().await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn rule_39_an_invalid_declaration_changes_nothing() {
    let log = Log::default();
    let (running, handle) = begin(plan(Strategy::OneForOne, "a1", &log), &log).await;
    let nested = supervisor(Strategy::OneForOne).child("x", idle).child("x", idle);
    let invalid = plan(Strategy::OneForOne, "a2", &log).child("nested", nested);
    let error = running.reload(invalid).await.unwrap_err();
    assert!(matches!(&error, CommandError::Invalid(it) if it.path == "root/nested"), "{error}");
    assert_eq!((names(&handle).await.as_str(), log.take().as_str()), ("a", ""));
    running.shutdown().await.unwrap();
    let ended = handle.reload(supervisor(Strategy::OneForOne)).await.unwrap_err();
    assert!(matches!(ended, CommandError::NotRunning { .. }), "{ended}");

    let pool = DynamicSupervisor::new().start();
    pool.started().await.unwrap();
    let error = pool.reload(supervisor(Strategy::OneForOne)).await.unwrap_err();
    assert!(matches!(error, CommandError::Invalid(_)), "{error}");
    pool.shutdown().await.unwrap();
}

/// A failure is told, and the rest is carried out.
#[tokio::test(start_paused = true)]
async fn rule_39_a_start_that_fails_in_a_reload_leaves_its_child_down() {
    let log = Log::default();
    let (running, handle) = begin(plan(Strategy::OneForOne, "a1 b1", &log), &log).await;
    let gated = Gated::new("a", &log);
    gated.puppet.fail("no license");
    let next = supervisor(Strategy::OneForOne)
        .children([gated.spec()])
        .child("b", versioned("b", 2, &log));
    let changes = running.reload(next).await.unwrap();
    let failed: Vec<_> = changes.failed.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(failed, ["root/a"]);
    assert!(matches!(changes.failed[0].error, CommandError::FailedStart { .. }));
    settle().await;
    assert_eq!(log.take(), "-b1 -a1 +a -a +b2");
    assert_eq!(state(&handle, "a").await, ChildState::Stopped);
    running.shutdown().await.unwrap();
}

/// A child that is left out is gone once it has ended, also if its supervisor restarts a group
/// meanwhile.
#[tokio::test(start_paused = true)]
async fn rule_39_a_child_that_is_left_out_does_not_come_back_with_its_group() {
    let log = Log::default();
    let b = Puppet::new("b", &log);
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(2)));
    let tree = || Supervisor::new(Strategy::OneForAll, limit(3)).children([b.spec().version(1)]);
    let (running, handle) = begin(tree().children([slow.spec()]), &log).await;
    let reload = tokio::spawn({
        let (handle, next) = (handle.clone(), tree());
        async move { handle.reload(next).await }
    });
    settle().await;
    let refused = handle.restart_child("slow").await.unwrap_err();
    assert!(matches!(refused, CommandError::Stopped { .. }), "{refused}");
    b.fail("now");
    let changes = reload.await.unwrap().unwrap();
    assert_eq!(changes.removed, ["root/slow"]);
    settle().await;
    assert_eq!(log.take(), "-b -slow +b");
    assert_eq!(names(&handle).await, "b");
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_39_a_reload_waits_until_all_children_have_been_started() {
    let log = Log::default();
    let a = Gated::new("a", &log);
    let tree = |version| {
        supervisor(Strategy::OneForOne)
            .children([a.spec().version(1)])
            .child("b", versioned("b", version, &log))
    };
    let running = tree(1).start();
    let handle = running.handle();
    settle().await;
    let reload = tokio::spawn({
        let (handle, next) = (handle.clone(), tree(2));
        async move { handle.reload(next).await }
    });
    settle().await;
    assert!(!reload.is_finished());
    a.open();
    let changes = reload.await.unwrap().unwrap();
    assert_eq!(changes.replaced, ["root/b"]);
    assert_eq!(log.take(), "+a +b1 -b1 +b2");

    a.shut();
    let closing = tokio::spawn({
        let handle = handle.clone();
        async move { handle.restart_child("a").await }
    });
    settle().await;
    running.shutdown().await.unwrap();
    closing.await.unwrap().unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn rule_39_a_reload_that_waits_is_refused_when_the_supervisor_ends() {
    let log = Log::default();
    let a = Gated::new("a", &log);
    let running = supervisor(Strategy::OneForOne).children([a.spec()]).start();
    let handle = running.handle();
    settle().await;
    let reload = tokio::spawn(async move { handle.reload(supervisor(Strategy::OneForOne)).await });
    settle().await;
    running.shutdown().await.unwrap();
    let refused = reload.await.unwrap().unwrap_err();
    assert!(matches!(refused, CommandError::NotRunning { .. }), "{refused}");
}

/// The steps of an earlier reload are not carried out after a later one.
#[tokio::test(start_paused = true)]
async fn rule_39_a_later_reload_overtakes_an_earlier_one() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(2)));
    let first = plan(Strategy::OneForOne, "a1", &log).children([slow.spec().version(1)]);
    let (running, handle) = begin(first, &log).await;
    let second = plan(Strategy::OneForOne, "a2 b1", &log);
    let third = plan(Strategy::OneForOne, "a3 b1 c1", &log);
    let (earlier, later) = tokio::join!(handle.reload(second), handle.reload(third));
    let failed = earlier.unwrap().failed;
    assert!(failed.iter().all(|it| matches!(it.error, CommandError::Stopped { .. })), "{failed:?}");
    let later = later.unwrap();
    assert!(later.failed.is_empty(), "{later:?}");
    settle().await;
    assert_eq!(names(&handle).await, "a b c");
    for name in ["a", "b", "c"] {
        assert_eq!(state(&handle, name).await, ChildState::Running, "{name}");
    }
    assert_eq!(log.take().matches("+a").count(), 1, "the version in between never runs");
    running.shutdown().await.unwrap();
}

/// The first reload waits for `slow` before it comes to `d`, which the second one has started meanwhile.
#[tokio::test(start_paused = true)]
async fn rule_39_a_reload_that_was_overtaken_starts_nothing_any_more() {
    let log = Log::default();
    let slow = Gated::new("slow", &log);
    let tree = |version| {
        let children = [slow.spec().version(1)];
        supervisor(Strategy::OneForOne)
            .child("a", idle)
            .children(children)
            .child("d", versioned("d", version, &log))
    };
    let (_running, handle) = begin(supervisor(Strategy::OneForOne).child("a", idle), &log).await;
    let earlier = tokio::spawn({
        let (handle, next) = (handle.clone(), tree(1));
        async move { handle.reload(next).await }
    });
    settle().await;
    let changes = handle.reload(tree(2)).await.unwrap();
    assert_eq!((changes.replaced.len(), changes.failed.len()), (1, 0));
    handle.stop_child("d").await.unwrap();
    slow.open();
    let failed = earlier.await.unwrap().unwrap().failed;
    assert_eq!(failed.iter().map(|it| it.path.as_str()).collect::<Vec<_>>(), ["root/d"]);
    assert_eq!(state(&handle, "d").await, ChildState::Stopped);
    assert_eq!(log.take(), "+slow +d2 -d2");
}

/// What was not started is told, also if nobody is left to answer.
#[tokio::test(start_paused = true)]
async fn rule_39_a_reload_whose_supervisor_ends_midway_is_no_success() {
    let log = Log::default();
    let slow = |name: &str, version: u32| {
        Puppet::with(name, &log, OnStop::After(Duration::from_secs(3))).spec().version(version)
    };
    let nested = |version| supervisor(Strategy::OneForOne).children([slow("c", version)]);
    let tree = |version| {
        supervisor(Strategy::OneForOne)
            .children([slow("a", version), slow("b", version)])
            .child("nested", nested(version))
    };
    let (running, handle) = begin(tree(1), &log).await;
    let next = tree(2);
    let reload = tokio::spawn(async move { handle.reload(next).await });
    settle().await;
    running.kill().await.unwrap();
    let changes = reload.await.unwrap().unwrap();
    let failed: Vec<_> = changes.failed.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(failed, ["root/a", "root/b", "root/nested/c"], "{changes:?}");
    let not_running = |error: &CommandError| matches!(error, CommandError::NotRunning { .. });
    assert!(changes.failed.iter().all(|it| not_running(&it.error)), "{changes:?}");
}

/// The last child ends by itself in the moment in which the reload replaces it.
#[tokio::test(start_paused = true)]
async fn rule_39_a_reload_does_not_end_the_supervisor_that_it_is_for() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let tree = |spec: ChildSpec| {
        supervisor(Strategy::OneForOne).children([spec.restart(RestartPolicy::Transient)])
    };
    let (running, handle) = begin(tree(a.spec().version(1)), &log).await;
    let next = tree(Puppet::new("a", &log).spec().version(2));
    let reload = handle.reload(next);
    a.finish();
    let changes = reload.await.unwrap();
    assert!(changes.failed.is_empty() && changes.replaced == ["root/a"], "{changes:?}");
    assert_eq!(state(&handle, "a").await, ChildState::Running);
    running.shutdown().await.unwrap();
}

/// The first reload has not come to `w`, a worker that becomes a supervisor, when the second one changes that.
#[tokio::test(start_paused = true)]
async fn rule_39_a_supervisor_that_an_overtaken_reload_has_announced_is_started() {
    let log = Log::default();
    let slow = Puppet::with("z", &log, OnStop::After(Duration::from_secs(3)));
    let first = supervisor(Strategy::OneForOne).child("w", idle).children([slow.spec()]);
    let (running, handle) = begin(first, &log).await;
    let tree = |children: &[&str]| {
        let nested = children
            .iter()
            .fold(supervisor(Strategy::OneForOne), |nested, name| nested.child(*name, idle));
        supervisor(Strategy::OneForOne).child("w", nested)
    };
    let earlier = tokio::spawn({
        let (handle, next) = (handle.clone(), tree(&["x"]));
        async move { handle.reload(next).await }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let changes = handle.reload(tree(&["x", "y"])).await.unwrap();
    assert!(changes.failed.is_empty() && changes.replaced == ["root/w"], "{changes:?}");
    let _ = earlier.await.unwrap().unwrap();
    assert_eq!(state(&handle, "w/x").await, ChildState::Running);
    assert_eq!(state(&handle, "w/y").await, ChildState::Running);
    running.shutdown().await.unwrap();
}

/// The group never comes up with the old declaration. Its start is changed while it is down.
#[tokio::test(start_paused = true)]
async fn rule_39_a_reload_mends_a_group_that_cannot_start() {
    let second = Duration::from_secs(1);
    for strategy in [Strategy::OneForAll, Strategy::RestForOne] {
        for backoff in [Some(second), None] {
            let log = Log::default();
            let db = |version: u32| {
                let spec = ChildSpec::new("db", move |ctx: ChildContext| async move {
                    if version == 1 && ctx.restarts() > 0 {
                        // Slow enough that no limit ends it.
                        tokio::time::sleep(Duration::from_secs(20)).await;
                        return Err("the address is wrong");
                    }
                    ctx.ready().await;
                    if version == 1 {
                        tokio::time::sleep(Duration::from_millis(10)).await;
                        return Err("lost");
                    }
                    ctx.cancelled().await;
                    Ok(())
                });
                spec.ready_within(second * 60).version(version)
            };
            let [first, web] = ["first", "web"].map(|name| Puppet::new(name, &log));
            let tree = |version, added: bool| {
                let tree = supervisor(strategy);
                let tree = match backoff {
                    Some(delay) => tree.backoff(sage_supervisor::Backoff::exponential(delay)),
                    None => tree,
                };
                let [first, db, web] =
                    [first.spec().version(1), db(version), web.spec().version(1)];
                match (added, version) {
                    (false, _) => tree.children([first, db, web]),
                    (true, 1) => tree.children([first, db]).child("new", idle).children([web]),
                    // The order is another one, too.
                    (true, _) => tree.children([web]).child("new", idle).children([db, first]),
                }
            };
            let running = tree(1, false).start();
            tokio::time::sleep(second * 30).await;
            let handle = running.handle();
            // Of several that wait, the last stands, and everybody gets its answer.
            let before = tokio::spawn({
                let (handle, next) = (handle.clone(), tree(1, true));
                async move { handle.reload(next).await }
            });
            settle().await;
            let reload = tokio::time::timeout(second * 600, handle.reload(tree(2, true)));
            let changes = reload.await.expect("it is carried out").unwrap();
            assert!(changes.failed.is_empty() && changes.replaced == ["root/db"], "{changes:?}");
            settle().await;
            assert_eq!(names(&handle).await, "web new db first");
            for name in ["first", "db", "new", "web"] {
                assert_eq!(state(&handle, name).await, ChildState::Running, "{strategy:?} {name}");
            }
            assert!(before.await.unwrap().is_ok());
            running.shutdown().await.unwrap();
        }
    }
}

/// A child of the tree does not wait for its own end.
#[tokio::test(start_paused = true)]
async fn rule_39_a_child_reloads_its_own_supervisor() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let guide = move |ctx: ChildContext| {
        let tell = tell.clone();
        async move {
            let next = supervisor(Strategy::OneForOne).child("other", idle);
            tell.send(ctx.supervisor().reload(next).await).unwrap();
            ctx.cancelled().await;
        }
    };
    let guide = ChildSpec::new("guide", guide).ready_within(Duration::from_secs(3));
    let began = tokio::time::Instant::now();
    let running = supervisor(Strategy::OneForOne).children([guide]).start();
    let changes = told.recv().await.unwrap().unwrap();
    assert_eq!((changes.added.len(), changes.removed.len()), (1, 1));
    assert!(began.elapsed() < Duration::from_secs(1), "it is answered at once");
    // The child never becomes ready, so the supervisor does not come to the reload.
    running.wait().await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn rule_39_a_dynamic_supervisor_goes_on_with_its_children() {
    let log = Log::default();
    let pool = DynamicSupervisor::new();
    let tree =
        |pool: &DynamicSupervisor| supervisor(Strategy::OneForOne).child("pool", pool.clone());
    let (running, handle) = begin(tree(&pool), &log).await;
    pool.start_child(Puppet::new("a", &log).spec()).await.unwrap();
    handle.start_child(ChildSpec::new("added", idle)).await.unwrap();
    let changes = running.reload(tree(&pool.clone().max_children(1))).await.unwrap();
    assert_eq!(changes.kept, ["root/pool"]);
    let full = pool.start_child(ChildSpec::new("b", idle)).await.unwrap_err();
    assert!(matches!(full, CommandError::MaxChildren { .. }), "{full}");
    assert_eq!(log.take(), "+a");
    let changes = running.reload(tree(&DynamicSupervisor::new())).await.unwrap();
    assert_eq!(changes.replaced, ["root/pool"], "the handles of another one reach another run");
    settle().await;
    assert_eq!(log.take(), "-a");
    assert_eq!(names(&handle).await, "pool added", "what was added at run time stays");
    running.shutdown().await.unwrap();
}

/// A reload does not end a supervisor between its stops and its starts.
#[tokio::test(start_paused = true)]
async fn rule_39_all_children_may_be_replaced_by_others() {
    let log = Log::default();
    let (running, handle) = begin(plan(Strategy::OneForOne, "a1 b1", &log), &log).await;
    let _ = running.reload(plan(Strategy::OneForOne, "c1", &log)).await.unwrap();
    assert_eq!(log.take(), "-b1 -a1 +c1");
    let _ = running.reload(supervisor(Strategy::OneForOne)).await.unwrap();
    assert_eq!(names(&handle).await, "");
    let _ = running.reload(plan(Strategy::OneForOne, "d1", &log)).await.unwrap();
    assert_eq!(names(&handle).await, "d");
    running.shutdown().await.unwrap();
}

/// A child that is down in one way or another when it is compared.
#[tokio::test(start_paused = true)]
async fn rule_39_a_changed_child_is_started_and_an_equal_one_left_as_it_is() {
    let log = Log::default();
    let tree = |done: u32, held: u32| {
        plan(Strategy::OneForOne, "z1", &log)
            .child("done", versioned("d", done, &log).restart(RestartPolicy::Temporary))
            .child("held", versioned("h", held, &log))
    };
    let (running, handle) = begin(tree(1, 1), &log).await;
    handle.stop_child("done").await.unwrap();
    handle.stop_child("held").await.unwrap();
    log.take();
    let _ = running.reload(tree(1, 2)).await.unwrap();
    settle().await;
    assert_eq!(log.take(), "+h2");
    assert_eq!(state(&handle, "done").await, ChildState::Stopped);
    running.shutdown().await.unwrap();
}

/// A declaration: children with a version, in an order. The instances are written down by name, version
/// and number.
type Declared = Vec<(usize, u32)>;

fn declared() -> impl Generator<Value = Declared> {
    vec((0..5_usize, 0..3_u32), 0..5).prop_map(|mut children| {
        let mut seen = Vec::new();
        children.retain(|(name, _)| {
            !seen.contains(name) && {
                seen.push(*name);
                true
            }
        });
        children
    })
}

type Living = Arc<Mutex<Vec<(String, u32, u64)>>>;

fn tree_of(children: &Declared, nested: Option<&Declared>, living: &Living) -> Supervisor {
    let spec = |&(name, version): &(usize, u32)| {
        let living = Arc::clone(living);
        let start = move |ctx: ChildContext| {
            let living = Arc::clone(&living);
            async move {
                static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
                let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                living.lock().unwrap().push((ctx.path(), version, number));
                ctx.cancelled().await;
                living.lock().unwrap().retain(|it| it.2 != number);
            }
        };
        ChildSpec::new(format!("c{name}"), start).version(version)
    };
    let plan = supervisor(Strategy::OneForOne).keep_alive(true).children(children.iter().map(spec));
    match nested {
        Some(nested) => plan.child("nested", tree_of(nested, None, living)),
        None => plan,
    }
}

/// After a reload, the tree looks like a fresh start of the new declaration, and what is the same is the
/// same instance.
#[test]
fn rule_39_after_any_reload_the_tree_is_that_of_a_fresh_start() {
    let sequence = vec((declared(), declared(), any::<bool>()), 2..5);
    let mut runner =
        TestRunner::new(Config { cases: 200, failure_persistence: None, ..Config::default() });
    let result = runner.run(&sequence, |sequence| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let living = Living::default();
            let mut running: Option<RunningSupervisor> = None;
            let mut before: Vec<(String, u32, u64)> = Vec::new();
            for (children, below, is_nested) in &sequence {
                let nested = is_nested.then_some(below);
                let next = || tree_of(children, nested, &living);
                match &running {
                    None => running = Some(next().start()),
                    Some(running) => {
                        let changes = running.reload(next()).await.unwrap();
                        assert!(changes.failed.is_empty(), "{changes:?}");
                    }
                }
                settle().await;
                let mut expected: Vec<_> = children
                    .iter()
                    .map(|(name, version)| (format!("root/c{name}"), *version))
                    .collect();
                if let Some(below) = nested {
                    let path = |name: &usize| format!("root/nested/c{name}");
                    expected.extend(below.iter().map(|(name, version)| (path(name), *version)));
                }
                expected.sort();
                let mut present = living.lock().unwrap().clone();
                present.sort();
                let found: Vec<_> =
                    present.iter().map(|(path, version, _)| (path.clone(), *version)).collect();
                assert_eq!(found, expected);
                for (path, version, number) in &present {
                    let earlier = before.iter().find(|it| (&it.0, &it.1) == (path, version));
                    assert!(earlier.is_none_or(|it| it.2 == *number), "{path} runs on");
                }
                let handle = running.as_ref().unwrap().handle();
                let names = names(&handle).await;
                let order = children.iter().map(|(name, _)| format!("c{name}"));
                let order = order.chain(nested.map(|_| "nested".to_owned()));
                assert_eq!(names, order.collect::<Vec<_>>().join(" "));
                before = present;
            }
            running.unwrap().shutdown().await.unwrap();
        });
        Ok(())
    });
    result.unwrap();
}
