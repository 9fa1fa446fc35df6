//! Dynamic supervisors, whose children are started on demand (rules 22, 25 and 28).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, ChildState, CommandError, DynamicSupervisor, IntoChild, OnceChild,
    RestartConfig, RestartPolicy, SageError, Shutdown, Strategy, Supervisor,
};
use sage_supervisor_tests::{
    Gated, Log, OnStop, Puppet, limit, no_task_is_left, quiet_panics, settle, supervisor, unclean,
};

const SECOND: Duration = Duration::from_secs(1);

async fn idle(ctx: ChildContext) {
    ctx.cancelled().await;
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_dynamic_supervisor_starts_children_and_names_them() {
    let log = Log::default();
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    settle().await;
    let a = Puppet::new("a", &log);
    assert_eq!(pool.start_child(a.spec()).await.unwrap(), "a-1");
    assert_eq!(pool.start_child(a.spec()).await.unwrap(), "a-2");
    pool.start_named("special", a.spec()).await.unwrap();
    let again = pool.start_named("special", a.spec()).await;
    assert!(matches!(again, Err(CommandError::AlreadyRunning { .. })));
    let names: Vec<_> =
        pool.children().await.unwrap().into_iter().map(|child| child.path).collect();
    assert_eq!(names, ["root/a-1", "root/a-2", "root/special"]);
    running.shutdown().await.unwrap();
    assert_eq!(a.live(), 0);
}

#[tokio::test(start_paused = true)]
async fn rule_28_each_is_restarted_by_its_own_policy_alone() {
    let log = Log::default();
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    settle().await;
    let [p, t, o] = ["p", "t", "o"].map(|name| Puppet::new(name, &log));
    pool.start_named("p", p.spec()).await.unwrap();
    pool.start_named("t", t.spec().restart(RestartPolicy::Transient)).await.unwrap();
    pool.start_named("o", o.spec().restart(RestartPolicy::Temporary)).await.unwrap();
    log.take();
    p.finish();
    t.fail("now");
    o.fail("for good");
    settle().await;
    assert_eq!([p.starts(), t.starts(), o.starts()], [2, 2, 1]);
    t.finish();
    settle().await;
    // The children that have ended for good have left nothing behind.
    for name in ["t", "o"] {
        assert!(matches!(pool.child(name).await, Err(CommandError::NotFound { .. })));
    }
    assert_eq!(pool.counts().await.unwrap().specs, 1);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_25_it_stays_up_without_children() {
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    settle().await;
    let name = pool.start_child(OnceChild::new("job", async |_| {})).await.unwrap();
    settle().await;
    assert!(matches!(pool.stop_child(&name).await, Err(CommandError::NotFound { .. })));
    assert!(!running.handle().has_ended());
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_what_is_stopped_leaves_nothing_behind() {
    let log = Log::default();
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    settle().await;
    let slow = Puppet::with("slow", &log, OnStop::After(SECOND * 3));
    let name = pool.start_child(slow.spec()).await.unwrap();
    pool.stop_child(&name).await.unwrap();
    assert_eq!((slow.starts(), slow.live()), (1, 0));
    assert_eq!(pool.counts().await.unwrap().specs, 0);
    running.shutdown().await.unwrap();
}

/// A child that waits for its restart counts as well.
#[tokio::test(start_paused = true)]
async fn rule_28_max_children_counts_those_being_restarted() {
    let log = Log::default();
    let pool = DynamicSupervisor::new().max_children(2);
    let running = pool.clone().start();
    settle().await;
    let (a, b) = (Gated::new("a", &log), Puppet::new("b", &log));
    a.open();
    pool.start_named("a", a.spec()).await.unwrap();
    pool.start_child(b.spec()).await.unwrap();
    let third = pool.start_child(b.spec()).await;
    assert!(matches!(third, Err(CommandError::MaxChildren { .. })));
    let again = pool.start_named("a", a.spec()).await;
    assert!(matches!(again, Err(CommandError::AlreadyRunning { .. })), "{again:?}");
    a.shut();
    a.puppet.fail("and cannot start");
    settle().await;
    assert_eq!(pool.child("a").await.unwrap().state, ChildState::Starting);
    assert!(matches!(pool.start_child(b.spec()).await, Err(CommandError::MaxChildren { .. })));
    pool.stop_child("a").await.unwrap();
    pool.start_child(b.spec()).await.unwrap();
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_start_may_consume_what_it_owns() {
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    settle().await;
    let (ask, mut asked) = tokio::sync::mpsc::channel::<u8>(1);
    let (answer, answered) = tokio::sync::oneshot::channel();
    let name = pool
        .start_child(OnceChild::new("once", |_: ChildContext| async move {
            let question = asked.recv().await.unwrap();
            answer.send(question + 1).unwrap();
        }))
        .await
        .unwrap();
    let again = running.handle().restart_child(&name).await;
    assert!(matches!(again, Err(CommandError::StartsOnce { .. })));
    ask.send(41).await.unwrap();
    assert_eq!(answered.await.unwrap(), 42);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_template_is_shared_and_not_copied() {
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    settle().await;
    let started = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&started);
    let template = Arc::new(ChildSpec::new("worker", move |ctx| {
        count.fetch_add(1, Ordering::SeqCst);
        idle(ctx)
    }));
    for _ in 0..100 {
        pool.start_child(Arc::clone(&template)).await.unwrap();
    }
    settle().await;
    assert_eq!(started.load(Ordering::SeqCst), 100);
    assert_eq!(Arc::strong_count(&template), 101);
    for child in pool.children().await.unwrap() {
        pool.stop_child(&child.name).await.unwrap();
    }
    assert_eq!(Arc::strong_count(&template), 1, "nothing is left of them");

    let nested = supervisor(Strategy::OneForOne).keep_alive(true);
    let nested = IntoChild::into_child(nested, "nested".to_owned());
    let refused = pool.start_child(Arc::new(nested)).await.unwrap_err();
    assert!(refused.to_string().ends_with("a supervisor cannot be a shared template"));
    running.shutdown().await.unwrap();
}

/// All children are asked at once, and each has the timeout of its own setting.
#[tokio::test(start_paused = true)]
async fn rule_22_all_stop_at_once_each_within_its_own_time() {
    let log = Log::default();
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    settle().await;
    let start = async |name: &str, on_stop, shutdown: Shutdown| {
        let child = Puppet::with(name, &log, on_stop).spec().shutdown(shutdown);
        pool.start_named(name, child).await.unwrap();
    };
    start("ignores-3s", OnStop::Ignore, (SECOND * 3).into()).await;
    start("ignores-1s", OnStop::Ignore, SECOND.into()).await;
    start("slow-2s", OnStop::After(SECOND * 2), (SECOND * 5).into()).await;
    start("slow-4s", OnStop::After(SECOND * 4), Shutdown::Infinity).await;
    start("killed", OnStop::Ignore, Shutdown::BrutalKill).await;
    start("ignores-3s-too", OnStop::Ignore, (SECOND * 3).into()).await;
    start("obeys", OnStop::Obey, SECOND.into()).await;
    settle().await;
    log.take();
    let before = tokio::time::Instant::now();
    let late = ["ignores-1s", "ignores-3s", "ignores-3s-too"];
    let late = late.map(|name| format!("root/{name}: killed, its shutdown timed out"));
    assert_eq!(unclean(running.shutdown().await), late.join("; "));
    assert_eq!(before.elapsed().as_secs(), 4);
    let log = log.take();
    let order: Vec<_> = log.split(' ').collect();
    assert_eq!(
        order[2..],
        ["-ignores-1s", "-slow-2s", "-ignores-3s", "-ignores-3s-too", "-slow-4s"]
    );
}

#[tokio::test(start_paused = true)]
async fn rule_17_the_limit_is_that_of_all_together() {
    let log = Log::default();
    let pool = DynamicSupervisor::new().restart_limit(limit(2));
    let app = supervisor(Strategy::OneForOne).child("pool", pool.clone()).start();
    settle().await;
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    pool.start_child(a.spec()).await.unwrap();
    pool.start_child(b.spec()).await.unwrap();
    a.fail("one");
    b.fail("two");
    settle().await;
    a.fail("three");
    settle().await;
    // The parent has restarted the dynamic supervisor, without its children.
    assert_eq!((a.live(), b.live()), (0, 0));
    assert_eq!(pool.counts().await.unwrap().specs, 0);
    pool.start_child(a.spec()).await.unwrap();
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_while_what_is_above_its_parent_restarts_it_says_so_too() {
    let log = Log::default();
    let pool = DynamicSupervisor::new();
    let slow = Puppet::with("slow", &log, OnStop::After(SECOND * 3));
    let trigger = Puppet::new("trigger", &log);
    let inner = Supervisor::new(Strategy::OneForOne, limit(3)).child("pool", pool.clone());
    let app = Supervisor::new(Strategy::OneForAll, limit(3))
        .children([slow.spec()])
        .child("inner", inner)
        .children([trigger.spec()])
        .start();
    settle().await;
    trigger.fail("now");
    settle().await;
    let meanwhile = pool.counts().await;
    assert!(matches!(meanwhile, Err(CommandError::Restarting { .. })), "{meanwhile:?}");
    trigger.started(2).await;
    settle().await;
    assert_eq!(pool.counts().await.unwrap().specs, 0);
    app.shutdown().await.unwrap();
    let late = pool.counts().await;
    assert!(matches!(late, Err(CommandError::NotRunning { .. })), "{late:?}");
}

#[tokio::test(start_paused = true)]
async fn rule_28_before_its_start_after_its_end_and_in_between_it_says_so() {
    let log = Log::default();
    let pool = DynamicSupervisor::new();
    let early = pool.start_child(ChildSpec::new("x", idle)).await;
    assert!(matches!(early, Err(CommandError::NotRunning { .. })));

    let slow = Puppet::with("slow", &log, OnStop::After(SECOND * 3));
    let trigger = Puppet::new("trigger", &log);
    // `deep` is started again by a supervisor above its own parent.
    let deep = DynamicSupervisor::new();
    let inner = supervisor(Strategy::OneForOne).child("deep", deep.clone());
    let app = Supervisor::new(Strategy::OneForAll, limit(3))
        .children([slow.spec()])
        .child("pool", pool.clone())
        .child("outer", supervisor(Strategy::OneForOne).child("inner", inner))
        .children([trigger.spec()])
        .start();
    settle().await;
    for pool in [&pool, &deep] {
        pool.start_child(ChildSpec::new("x", idle)).await.unwrap();
    }
    trigger.fail("now");
    settle().await;
    for pool in [&pool, &deep] {
        let meanwhile = pool.start_child(ChildSpec::new("x", idle)).await;
        assert!(matches!(meanwhile, Err(CommandError::Restarting { .. })), "{meanwhile:?}");
    }
    trigger.started(2).await;
    settle().await;
    for pool in [&pool, &deep] {
        pool.start_child(ChildSpec::new("x", idle)).await.unwrap();
    }
    app.shutdown().await.unwrap();
    for pool in [&pool, &deep] {
        let late = pool.start_child(ChildSpec::new("x", idle)).await;
        assert!(matches!(late, Err(CommandError::NotRunning { .. })));
    }
}

/// The supervisor of the dynamic one was built anew, so the answer depends on the new run alone.
#[tokio::test(start_paused = true)]
async fn rule_28_one_that_was_stopped_before_its_turn_in_a_new_run_is_not_running() {
    let log = Log::default();
    let pool = DynamicSupervisor::new();
    let gated = Gated::new("gated", &log);
    gated.open();
    let inner = Supervisor::new(Strategy::OneForOne, limit(3))
        .children([gated.spec()])
        .child("pool", pool.clone());
    let app = Supervisor::new(Strategy::OneForOne, limit(3)).child("inner", inner).start();
    app.started().await.unwrap();
    let handle = app.handle();
    assert_eq!(pool.counts().await.unwrap().specs, 0);
    gated.shut();
    // The restart waits for `gated`, which is before `pool`.
    let restart = tokio::spawn({
        let handle = handle.clone();
        async move { handle.restart_child("inner").await }
    });
    settle().await;
    let meanwhile = pool.counts().await;
    assert!(matches!(meanwhile, Err(CommandError::Restarting { .. })), "{meanwhile:?}");
    handle.stop_child("inner/pool").await.unwrap();
    let stopped = pool.counts().await;
    assert!(matches!(stopped, Err(CommandError::NotRunning { .. })), "{stopped:?}");
    gated.open();
    restart.await.unwrap().unwrap();
    let stopped = pool.counts().await.unwrap_err();
    assert!(matches!(stopped, CommandError::NotRunning { .. }), "{stopped:?}");
    assert_eq!(stopped.path(), "root/inner/pool");
    handle.restart_child("inner/pool").await.unwrap();
    assert_eq!(pool.counts().await.unwrap().specs, 0);
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_it_can_be_listed_in_one_place_only() {
    let pool = DynamicSupervisor::new();
    let inner = supervisor(Strategy::OneForOne).child("other", pool.clone());
    let tree = supervisor(Strategy::OneForOne).child("pool", pool).child("inner", inner);
    let error = tree.start().wait().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid supervision tree: supervisor `root/inner/other`: the dynamic supervisor is \
         listed in two places of the tree"
    );
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_failed_start_leaves_nothing_behind() {
    quiet_panics();
    let log = Log::default();
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    settle().await;
    let a = Gated::new("a", &log);
    a.puppet.panic("expected: no license");
    let failed = pool.start_child(a.spec()).await.unwrap_err();
    assert!(format!("{failed:#}").ends_with("panic: expected: no license"), "{failed:#}");
    let declines = ChildSpec::new("d", async |ctx: ChildContext| ctx.decline().await);
    pool.start_child(declines.ready_within(SECOND)).await.unwrap();
    settle().await;
    assert_eq!(pool.counts().await.unwrap().specs, 0);
    running.shutdown().await.unwrap();
}

/// After a hundred thousand jobs have come and gone, the supervisor is as small as before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_28_finished_children_leave_no_trace() {
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    while pool.counts().await.is_err() {
        tokio::task::yield_now().await;
    }
    let done = Arc::new(AtomicUsize::new(0));
    for _ in 0..100_000 {
        let done = Arc::clone(&done);
        let job = OnceChild::new("job", |_| async move {
            done.fetch_add(1, Ordering::Relaxed);
        });
        pool.start_child(job).await.unwrap();
    }
    while pool.counts().await.unwrap().specs > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(done.load(Ordering::Relaxed), 100_000);
    assert_eq!(Arc::strong_count(&done), 1);
    running.shutdown().await.unwrap();
    no_task_is_left().await;
}

#[tokio::test(start_paused = true)]
async fn rule_26_dropped_it_ends_all() {
    let log = Log::default();
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    settle().await;
    let a = Puppet::with("a", &log, OnStop::Ignore);
    for _ in 0..100 {
        pool.start_child(a.spec()).await.unwrap();
    }
    settle().await;
    assert_eq!(a.live(), 100);
    drop(running);
    no_task_is_left().await;
    assert_eq!(a.live(), 0);
}

#[tokio::test(start_paused = true)]
async fn rule_18_a_reached_restart_limit_names_the_generated_child() {
    let config = RestartConfig { max_restarts: 0, ..RestartConfig::default() };
    let pool = DynamicSupervisor::new().name("jobs").restart_limit(config);
    let running = pool.clone().start();
    settle().await;
    let log = Log::default();
    let a = Puppet::new("a", &log);
    pool.start_child(a.spec()).await.unwrap();
    a.fail("now");
    let error = running.wait().await.unwrap_err();
    let SageError::Supervisor(reached) = error else { panic!("{error}") };
    assert_eq!((reached.path.as_str(), reached.child.as_str()), ("jobs", "a-1"));
}

#[tokio::test(start_paused = true)]
async fn rule_28_it_is_reached_from_its_start_on_and_by_the_run_that_is_there() {
    let pool = DynamicSupervisor::new();
    let first = pool.clone().start();
    pool.start_named("x", ChildSpec::new("x", idle)).await.unwrap();
    // A second run waits for the first one, which is about to end. Until the first run has ended,
    // calls reach it.
    let slow = Puppet::with("slow", &Log::default(), OnStop::After(SECOND * 3));
    pool.start_named("slow", slow.spec()).await.unwrap();
    let ending = tokio::spawn(first.shutdown());
    settle().await;
    let second = pool.clone().start();
    settle().await;
    assert_eq!(pool.counts().await.unwrap().specs, 2);
    ending.await.unwrap().unwrap();
    settle().await;
    assert_eq!(pool.counts().await.unwrap().specs, 0);
    pool.start_child(ChildSpec::new("x", idle)).await.unwrap();
    second.shutdown().await.unwrap();
}

/// A second run would wait for the end of the first one, however far away that is.
#[tokio::test(start_paused = true)]
async fn rule_28_one_that_runs_cannot_be_started_once_more() {
    let pool = DynamicSupervisor::new().name("pool");
    let running = pool.clone().start();
    let again = pool.clone().start();
    let refused = again.started().await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "invalid supervision tree: supervisor `pool`: the dynamic supervisor is already running, and \
         has to end before it is started again"
    );
    assert!(again.wait().await.is_err());
    // The first run is not affected, and can be followed by another one.
    pool.start_child(ChildSpec::new("x", idle)).await.unwrap();
    running.shutdown().await.unwrap();
    let running = pool.clone().start();
    running.started().await.unwrap();
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_one_that_runs_cannot_be_added_elsewhere_nor_to_itself() {
    use sage_supervisor::IntoChild;
    let pool = DynamicSupervisor::new();
    let app = supervisor(Strategy::OneForOne).child("pool", pool.clone()).start();
    settle().await;
    let again = pool.clone().into_child("again".to_owned());
    let refused = app.handle().start_child(again).await.unwrap_err();
    assert!(
        refused.to_string().ends_with("the dynamic supervisor is listed in two places of the tree"),
        "{refused}"
    );
    let itself = pool.clone().into_child("itself".to_owned());
    assert!(matches!(pool.start_child(itself).await, Err(CommandError::Invalid(_))));
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_given_name_is_in_nobodys_way() {
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    pool.start_named("x-2", ChildSpec::new("x", idle)).await.unwrap();
    assert_eq!(pool.start_child(ChildSpec::new("x", idle)).await.unwrap(), "x-3");
    assert_eq!(pool.start_child(ChildSpec::new("x", idle)).await.unwrap(), "x-4");
    running.shutdown().await.unwrap();
}

/// The child is stopped through the handle before the supervisor has had its first turn.
#[tokio::test(start_paused = true)]
async fn rule_28_a_start_and_a_stop_before_the_first_turn() {
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    let handle = running.handle();
    let (started, stopped) =
        tokio::join!(pool.start_named("a", ChildSpec::new("a", idle)), handle.stop_child("a"));
    assert!(stopped.is_ok(), "{started:?} {stopped:?}");
    assert_eq!(pool.counts().await.unwrap().specs, 0);
    running.shutdown().await.unwrap();
}

/// The first listing is down, so the second listing is accepted. Only one of them can run at a
/// time.
#[tokio::test(start_paused = true)]
async fn rule_28_of_two_listings_the_second_to_start_is_refused() {
    let pool = DynamicSupervisor::new();
    let app = Supervisor::new(Strategy::OneForOne, limit(3)).child("pool", pool.clone()).start();
    let handle = app.handle();
    settle().await;
    handle.stop_child("pool").await.unwrap();
    handle.start_child(pool.clone().into_child("again".into())).await.unwrap();
    let refused = handle.restart_child("pool").await.unwrap_err();
    assert!(refused.to_string().contains("root/pool"), "{refused}");
    assert_eq!(handle.child("pool").await.unwrap().state, ChildState::Stopped);

    pool.start_child(ChildSpec::new("x", idle)).await.unwrap();
    assert_eq!(handle.counts_below("again").await.unwrap().running, 1);
    handle.stop_child("again").await.unwrap();
    handle.restart_child("pool").await.unwrap();
    pool.start_child(ChildSpec::new("x", idle)).await.unwrap();
    assert_eq!(handle.counts_below("pool").await.unwrap().running, 1);
    app.shutdown().await.unwrap();
}
