//! Children that are given back when their start is refused, and supervisors as children on demand
//! (rule 40).

use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, CommandError, DynamicSupervisor, InvalidTreeKind, OnceChild,
    PartitionedSupervisor, RestartConfig, Shutdown, Strategy, Supervisor,
};
use sage_supervisor_tests::trees::storage;
use sage_supervisor_tests::{Log, Puppet, settle, supervisor};
use tokio::sync::oneshot;

const SECOND: Duration = Duration::from_secs(1);

async fn idle(ctx: ChildContext) {
    ctx.cancelled().await;
}

/// Every reason for a refusal, from the front and from the engine. It is one and the same child all along.
#[tokio::test(start_paused = true)]
async fn rule_40_a_refused_child_is_given_back_whoever_refuses() {
    let pool = DynamicSupervisor::new().max_children(1);
    let (tell, told) = oneshot::channel();
    let child = OnceChild::new("a", async move |ctx: ChildContext| {
        tell.send(7).unwrap();
        ctx.cancelled().await;
    });
    let child = child.shutdown(SECOND);

    let refused = pool.start_once(child).await.unwrap_err();
    assert!(matches!(refused.error(), CommandError::NotRunning { .. }), "{refused}");
    let child = refused.into_inner().unwrap();

    let app = supervisor(Strategy::OneForOne).child("pool", pool.clone()).start();
    app.started().await.unwrap();
    let permit = pool.reserve().await.unwrap();
    let (error, child) = pool.start_once(child).await.unwrap_err().into_parts();
    assert!(matches!(error, CommandError::MaxChildren { .. }), "{error}");

    let refused = pool.start_named_once("a/b", child.unwrap()).await.unwrap_err();
    let CommandError::Invalid(invalid) = refused.error() else { panic!("{refused}") };
    assert_eq!(invalid.kind, InvalidTreeKind::InvalidName("a/b".to_owned()));
    let child = refused.into_inner().unwrap();

    permit.start_named("taken", ChildSpec::new("b", idle)).await.unwrap();
    let refused = pool.start_named_once("taken", child).await.unwrap_err();
    assert!(matches!(refused.error(), CommandError::AlreadyRunning { .. }), "{refused}");
    let child = refused.into_inner().unwrap();
    pool.stop_child("taken").await.unwrap();

    app.handle().stop_child("pool").await.unwrap();
    let refused = pool.start_once(child).await.unwrap_err();
    assert!(matches!(refused.error(), CommandError::NotRunning { .. }), "{refused}");
    let child = refused.into_inner().unwrap();
    app.handle().restart_child("pool").await.unwrap();

    let name = pool.reserve().await.unwrap().start_once(child).await.unwrap();
    assert_eq!(told.await.unwrap(), 7);
    assert_eq!(pool.child(&name).await.unwrap().shutdown, Shutdown::Timeout(SECOND));
    app.shutdown().await.unwrap();
}

/// A child that waits for its turn when its supervisor ends has not begun either.
#[tokio::test(start_paused = true)]
async fn rule_40_a_child_that_was_only_queued_is_given_back() {
    let pool = DynamicSupervisor::new();
    let first = pool.clone().start();
    let slow = OnceChild::new("slow", async |ctx: ChildContext| {
        ctx.cancelled().await;
        tokio::time::sleep(2 * SECOND).await;
    });
    pool.start_child(slow).await.unwrap();
    drop(first);
    let second = pool.clone().start();
    let queued = tokio::spawn({
        let pool = pool.clone();
        async move { pool.start_once(OnceChild::new("queued", idle)).await }
    });
    settle().await;
    second.kill().await.unwrap();
    if let Err(refused) = queued.await.unwrap() {
        assert!(refused.into_inner().is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn rule_40_a_child_that_has_begun_is_gone() {
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    let late = OnceChild::new("late", async |_| std::future::pending::<()>().await);
    let late = late.ready_within(SECOND).shutdown(Shutdown::BrutalKill);
    let refused = pool.start_once(late).await.unwrap_err();
    assert!(matches!(refused.error(), CommandError::FailedStart { .. }), "{refused}");
    assert!(refused.into_inner().is_none());
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_40_a_refused_task_gives_its_function_back() {
    let pool = DynamicSupervisor::new().max_children(0);
    let running = pool.clone().start();
    let value = String::from("kept");
    let task = async move |_: ChildContext| value;
    let refused = pool.task("a").spawn(task).await.unwrap_err();
    let task = refused.into_inner().unwrap();
    running.shutdown().await.unwrap();
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    let task = pool.task("a").spawn(task).await.unwrap();
    assert_eq!(task.await.unwrap(), "kept");
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_40_a_supervisor_is_a_child_on_demand_under_its_own_name() {
    let tenants = DynamicSupervisor::new();
    let running = tenants.clone().start();
    let plain = || Supervisor::new(Strategy::OneForOne, RestartConfig::default()).child("a", idle);
    assert_eq!(tenants.start_child(plain()).await.unwrap(), "supervisor-1");
    assert_eq!(tenants.start_child(plain().name("acme")).await.unwrap(), "acme-2");
    tenants.start_named("emca", plain()).await.unwrap();
    let log = Log::default();
    let storage = storage(Puppet::new("pool", &log), Puppet::new("cache", &log));
    assert_eq!(tenants.start_child(storage).await.unwrap(), "storage-4");
    let pool = DynamicSupervisor::new().name("pool");
    assert_eq!(tenants.start_child(pool.clone()).await.unwrap(), "pool-5");
    pool.start_child(ChildSpec::new("b", idle)).await.unwrap();
    let spread = PartitionedSupervisor::new(2, DynamicSupervisor::new);
    assert_eq!(tenants.start_child(spread).await.unwrap(), "supervisor-6");
    let counts = tenants.counts().await.unwrap();
    assert_eq!((counts.supervisors, counts.workers), (6, 0));
    let handle = running.handle();
    for path in
        ["supervisor-1/a", "acme-2/a", "emca/a", "storage-4/pool", "pool-5/b-1", "supervisor-6/1"]
    {
        assert!(handle.child(path).await.is_ok(), "{path}");
    }
    running.shutdown().await.unwrap();
}
