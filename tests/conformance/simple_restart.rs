//! The cases of `restart` that are about OTP's `simple_one_for_one`, with a dynamic supervisor.

use std::sync::Arc;

use sage_supervisor::{
    ChildContext, ChildSpec, CommandError, DynamicSupervisor, OnceChild, RestartPolicy,
    RunningSupervisor, SageError, Shutdown,
};
use sage_supervisor_tests::{
    Gated, Log, OnStop, Puppet, Recorder, limit, no_task_is_left, quiet_panics, settle, unclean,
};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use crate::api::with_extra;
use crate::{SECOND, counts, names, up_dynamic};

/// Waits for the end of a supervisor that reaches its limit, and returns the child that reached it.
async fn gives_up(running: RunningSupervisor) -> String {
    let error = timeout(SECOND * 1_000, running.wait()).await.unwrap().unwrap_err();
    let SageError::Supervisor(reached) = error else { panic!("{error}") };
    no_task_is_left().await;
    reached.child
}

/// Children of one template: a child that fails is replaced under its name, and the others are not
/// touched. The third restart under a limit of two ends all of them.
#[tokio::test(start_paused = true)]
async fn simple_one_for_one() {
    quiet_panics();
    let log = Log::default();
    let puppets = ["child-1", "child-2", "child-3"].map(|name| Puppet::new(name, &log));
    let by_name = puppets.clone();
    let template = Arc::new(ChildSpec::new("child", move |ctx: ChildContext| {
        let puppet = by_name.iter().find(|puppet| puppet.name() == ctx.name()).unwrap().clone();
        puppet.act_with(ctx)
    }));
    let pool = DynamicSupervisor::new().restart_limit(limit(2));
    let (running, handle) = up_dynamic(&pool).await;
    for puppet in &puppets {
        assert_eq!(pool.start_child(Arc::clone(&template)).await.unwrap(), puppet.name());
    }
    settle().await;
    assert_eq!(log.take(), "+child-1 +child-2 +child-3");
    let [a, b, c] = &puppets;
    a.panic("expected: now");
    settle().await;
    assert_eq!(log.take(), "-child-1 +child-1");
    assert_eq!(names(&handle).await, "child-1 child-2 child-3");
    b.finish();
    settle().await;
    assert_eq!(log.take(), "-child-2 +child-2");
    b.fail("one too many");
    assert_eq!(gives_up(running).await, "child-2");
    assert_eq!(log.take(), "-child-2 -child-1 -child-3");
    assert_eq!((c.starts(), Arc::strong_count(&template)), (1, 1));
}

/// Three children take 1 s, 1 s and 5 s to stop, and have 2 s each. They stop at once, in 2 s in
/// total, and the last one is killed.
#[tokio::test(start_paused = true)]
async fn simple_one_for_one_shutdown() {
    let recorder = Recorder::default();
    let _recording = tracing::subscriber::set_default(recorder.clone());
    let log = Log::default();
    let pool = DynamicSupervisor::new();
    let (running, _) = up_dynamic(&pool).await;
    for seconds in [5, 1, 1] {
        let child = Puppet::with("child", &log, OnStop::After(SECOND * seconds));
        pool.start_child(child.spec().shutdown(SECOND * 2)).await.unwrap();
    }
    settle().await;
    let asked = Instant::now();
    assert_eq!(unclean(running.shutdown().await), "root/child-1: killed, its shutdown timed out");
    assert_eq!(asked.elapsed().as_millis() / 10, 200);
    assert_eq!(recorder.exits(), ["child-2: shutdown", "child-3: shutdown", "child-1: killed"]);
    no_task_is_left().await;
}

/// A start can return more than the news that the child is up, through a channel of the caller: the
/// value is there when the start is answered. (OTP's start functions return it.)
#[tokio::test(start_paused = true)]
async fn simple_one_for_one_extra() {
    let pool = DynamicSupervisor::new();
    let (running, handle) = up_dynamic(&pool).await;
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let (spec, end) = with_extra("child", tell);
    let spec = Arc::new(spec);
    for number in [1, 2] {
        pool.start_child(Arc::clone(&spec)).await.unwrap();
        assert_eq!(told.try_recv().unwrap(), format!("start 1 of child-{number}"));
    }
    // Both children end, and start again with something new to send, in either order.
    end.notify_waiters();
    settle().await;
    let mut again = [told.try_recv().unwrap(), told.try_recv().unwrap()];
    again.sort();
    assert_eq!(again, ["start 2 of child-1", "start 2 of child-2"]);
    assert!(told.try_recv().is_err());
    assert_eq!(counts(&handle).await, [2, 2, 0, 0, 2]);
    drop(spec);
    running.shutdown().await.unwrap();
    let closed = timeout(SECOND, told.recv()).await.unwrap();
    assert_eq!(closed, None, "nothing is kept of them");
}

/// A child whose restart keeps failing ends the supervisor when the limit is reached. Exactly the
/// four attempts that are allowed are made.
#[tokio::test(start_paused = true)]
async fn simple_one_for_one_escalation() {
    let log = Log::default();
    let (a, b) = (Gated::new("a", &log), Puppet::new("b", &log));
    a.open();
    let pool = DynamicSupervisor::new().restart_limit(limit(4));
    let (running, _) = up_dynamic(&pool).await;
    pool.start_child(a.spec()).await.unwrap();
    pool.start_child(b.spec()).await.unwrap();
    settle().await;
    log.take();
    a.shut();
    for _ in 0..5 {
        a.puppet.fail("it cannot start");
    }
    assert_eq!(gives_up(running).await, "a-1");
    assert_eq!(log.take(), "-a +a -a +a -a +a -a +a -a -b");
    assert!(matches!(pool.counts().await, Err(CommandError::NotRunning { .. })));
}

/// The values that a temporary child was started with are its own. A child that is started only
/// once can release them while it is up, and nothing else holds them. Values that a start function
/// clones for each start are kept until the child has ended. (OTP keeps no arguments of temporary
/// children, but its start functions have them all the same.)
#[tokio::test(start_paused = true)]
async fn simple_one_for_one_corruption() {
    let pool = DynamicSupervisor::new();
    let (running, handle) = up_dynamic(&pool).await;
    let (argument, let_go) = (Arc::new([0_u8; 1_000]), Arc::new(Notify::new()));
    for _ in 0..100 {
        let (argument, let_go) = (Arc::clone(&argument), Arc::clone(&let_go));
        let child = OnceChild::new("once", |ctx: ChildContext| async move {
            let_go.notified().await;
            drop(argument);
            ctx.cancelled().await;
        });
        pool.start_child(child).await.unwrap();
    }
    settle().await;
    assert_eq!(Arc::strong_count(&argument), 101);
    let_go.notify_waiters();
    settle().await;
    assert_eq!(counts(&handle).await, [100, 100, 0, 0, 100]);
    assert_eq!(Arc::strong_count(&argument), 1, "the supervisor has none of them");

    let given = Arc::clone(&argument);
    let child = ChildSpec::new("again", move |ctx: ChildContext| {
        let given = Arc::clone(&given);
        async move {
            drop(given);
            ctx.cancelled().await;
        }
    });
    let name = pool.start_child(child.restart(RestartPolicy::Temporary)).await.unwrap();
    settle().await;
    assert_eq!(Arc::strong_count(&argument), 2);
    pool.stop_child(&name).await.unwrap();
    assert_eq!(Arc::strong_count(&argument), 1);
    running.shutdown().await.unwrap();
}

/// A child that declines when it is restarted is gone, whatever its policy, and leaves nothing
/// behind.
#[tokio::test(start_paused = true)]
async fn simple_one_for_one_restart_ignore() {
    for policy in [RestartPolicy::Permanent, RestartPolicy::Transient] {
        let log = Log::default();
        let pool = DynamicSupervisor::new();
        let (running, handle) = up_dynamic(&pool).await;
        let a = Puppet::new("a", &log);
        let puppet = a.clone();
        let child = ChildSpec::new("a", move |ctx: ChildContext| {
            let puppet = puppet.clone();
            async move {
                if ctx.restarts() == 0 {
                    ctx.ready().await;
                } else {
                    ctx.decline().await;
                }
                puppet.act_with(ctx).await
            }
        });
        let child = child.restart(policy).ready_within(SECOND).shutdown(Shutdown::Infinity);
        let name = pool.start_child(child).await.unwrap();
        assert_eq!(counts(&handle).await, [1, 1, 0, 0, 1]);
        a.fail("now");
        settle().await;
        assert_eq!(a.starts(), 2, "{policy:?}");
        assert_eq!((counts(&handle).await, a.live()), ([0; 5], 0));
        assert!(matches!(pool.child(&name).await, Err(CommandError::NotFound { .. })));
        pool.start_named(name, a.spec()).await.unwrap();
        assert_eq!(counts(&handle).await, [1, 1, 0, 0, 1]);
        running.shutdown().await.unwrap();
    }
}
