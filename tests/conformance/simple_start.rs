//! The cases of `sup_start`, `sup_start_map` and `API` that are about OTP's `simple_one_for_one`,
//! with a dynamic supervisor.
//!
//! Where OTP tells the children of such a supervisor apart by their processes, ours have names,
//! their own or made from that of their spec; and each may have a spec of its own, as in Elixir.

use std::sync::Arc;
use std::time::Duration;

use sage_supervisor::{
    ChildSpec, ChildState, CommandError, DynamicSupervisor, IntoChild, OnceChild, RestartPolicy,
    Shutdown, Strategy,
};
use sage_supervisor_tests::{Gated, Log, Puppet, limit, quiet_panics, settle, supervisor};

use crate::{counts, declining, idle, names, state, up, up_dynamic};

/// Starts two children that decline, beside one that is up, and then stops everything.
async fn declining_leaves_nothing_behind(policy: RestartPolicy) {
    let pool = DynamicSupervisor::new();
    let (running, handle) = up_dynamic(&pool).await;
    pool.start_named("up", ChildSpec::new("up", idle)).await.unwrap();
    let template = Arc::new(declining("ignored").restart(policy));
    for name in ["ignored-2", "ignored-3"] {
        assert_eq!(pool.start_child(Arc::clone(&template)).await.unwrap(), name);
        settle().await;
        assert_eq!(names(&handle).await, "up");
        assert_eq!(counts(&handle).await, [1, 1, 0, 0, 1]);
    }
    assert_eq!(Arc::strong_count(&template), 1);
    running.shutdown().await.unwrap();
}

/// A temporary child that declines leaves nothing behind.
#[tokio::test(start_paused = true)]
async fn sup_start_ignore_temporary_child_start_child_simple() {
    declining_leaves_nothing_behind(RestartPolicy::Temporary).await;
}

/// A permanent child that declines leaves nothing behind either: it is not tried again, and the
/// supervisor stops normally later.
#[tokio::test(start_paused = true)]
async fn sup_start_ignore_permanent_child_start_child_simple() {
    declining_leaves_nothing_behind(RestartPolicy::Permanent).await;
}

/// A start that fails by an error, by a panic or by its timeout is answered with the child's own
/// exit. Nothing is kept of the child, and nothing is retried or counted.
#[tokio::test(start_paused = true)]
async fn sup_start_child_returns_error_simple() {
    quiet_panics();
    let log = Log::default();
    let pool = DynamicSupervisor::new().restart_limit(limit(0));
    let (running, handle) = up_dynamic(&pool).await;
    for (end, text) in [
        (0, "the child ended before it was ready: error: no license"),
        (1, "the child ended before it was ready: panic: expected: no license"),
        (2, "the child ended before it was ready: normal"),
        (3, "not ready within 10s"),
    ] {
        let a = Gated::new("a", &log);
        match end {
            0 => a.puppet.fail("no license"),
            1 => a.puppet.panic("expected: no license"),
            2 => a.puppet.finish(),
            _ => {}
        }
        let failed = pool.start_child(a.spec()).await.unwrap_err();
        let CommandError::FailedStart { exit, .. } = failed else { panic!("{failed}") };
        assert_eq!(exit.to_string(), format!("failed start: {text}"));
        settle().await;
        assert_eq!((a.puppet.starts(), a.puppet.live()), (1, 0));
        assert_eq!(counts(&handle).await, [0; 5]);
    }
    running.shutdown().await.unwrap();
}

/// The defaults can be read from a running child, by its name. A child that is started only once is
/// temporary.
#[tokio::test(start_paused = true)]
async fn sup_start_map_simple() {
    let pool = DynamicSupervisor::new();
    let (running, _) = up_dynamic(&pool).await;
    let inner = supervisor(Strategy::OneForOne).child("x", idle);
    let deaf = ChildSpec::without_context("deaf", std::future::pending::<()>);
    pool.start_child(ChildSpec::new("worker", idle)).await.unwrap();
    pool.start_child(Arc::new(ChildSpec::new("template", idle))).await.unwrap();
    pool.start_child(inner.into_child("inner".to_owned())).await.unwrap();
    pool.start_child(deaf).await.unwrap();
    pool.start_child(OnceChild::new("once", idle)).await.unwrap();
    let five = Shutdown::Timeout(Duration::from_secs(5));
    for (name, restart, shutdown, is_supervisor) in [
        ("worker-1", RestartPolicy::Permanent, five, false),
        ("template-2", RestartPolicy::Permanent, five, false),
        ("inner-3", RestartPolicy::Transient, Shutdown::Infinity, true),
        ("deaf-4", RestartPolicy::Permanent, Shutdown::BrutalKill, false),
        ("once-5", RestartPolicy::Temporary, five, false),
    ] {
        let child = pool.child(name).await.unwrap();
        assert_eq!((child.name.as_str(), child.path), (name, format!("root/{name}")));
        assert_eq!((child.restart, child.shutdown), (restart, shutdown), "{name}");
        assert_eq!((child.is_supervisor, child.is_significant), (is_supervisor, false), "{name}");
        assert_eq!((child.restarts, child.ready_within), (0, None), "{name}");
    }
    for unknown in ["worker", "worker-2", "inner"] {
        assert!(
            matches!(pool.child(unknown).await, Err(CommandError::NotFound { .. })),
            "{unknown}"
        );
    }
    running.shutdown().await.unwrap();
}

/// A child goes through all commands. We differ from OTP in two points. A restart by hand is
/// allowed, and a child that is gone is not found when it is stopped again (as in Elixir), because
/// nothing of it is kept.
#[tokio::test(start_paused = true)]
async fn child_adm_simple() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let pool = DynamicSupervisor::new();
    let tree = supervisor(Strategy::OneForOne).child("pool", pool.clone()).children([a.spec()]);
    let (running, handle) = up(tree).await;
    assert_eq!(handle.counts_below("pool").await.unwrap().specs, 0);

    // Two children of one spec, and one with a name of its own.
    let b = Puppet::new("b", &log);
    let [first, second] = [pool.start_child(b.spec()).await, pool.start_child(b.spec()).await];
    assert_eq!((first.unwrap().as_str(), second.unwrap().as_str()), ("b-1", "b-2"));
    pool.start_named("own", b.spec()).await.unwrap();
    let again = pool.start_named("own", b.spec()).await;
    assert!(matches!(again, Err(CommandError::AlreadyRunning { .. })), "{again:?}");
    assert_eq!((b.starts(), pool.counts().await.unwrap().running), (3, 3));

    // A restart by hand is not counted and keeps the name. A removal needs a child that is down.
    handle.restart_child("pool/own").await.unwrap();
    assert_eq!(pool.child("own").await.unwrap().state, ChildState::Running);
    assert_eq!((b.starts(), b.live()), (4, 3));
    let removed = handle.remove_child("pool/own").await;
    assert!(matches!(removed, Err(CommandError::StillRunning { .. })), "{removed:?}");
    pool.start_named("once", OnceChild::new("job", idle)).await.unwrap();
    let again = handle.restart_child("pool/once").await;
    assert!(matches!(again, Err(CommandError::StartsOnce { .. })), "{again:?}");

    // The child is stopped by either handle, and stopped again. Its name is free.
    pool.stop_child("own").await.unwrap();
    handle.stop_child("pool/b-1").await.unwrap();
    pool.stop_child("once").await.unwrap();
    assert_eq!(b.live(), 1);
    for name in ["own", "b-1", "once", "a", "pool"] {
        for answer in [
            pool.stop_child(name).await,
            handle.restart_child(&format!("pool/{name}")).await,
            handle.remove_child(&format!("pool/{name}")).await,
            pool.child(name).await.map(drop),
        ] {
            assert!(matches!(answer, Err(CommandError::NotFound { .. })), "{name}: {answer:?}");
        }
    }
    assert_eq!((a.starts(), state(&handle, "a").await), (1, ChildState::Running));
    pool.start_named("own", b.spec()).await.unwrap();
    let children = pool.children().await.unwrap();
    let paths: Vec<_> = children.iter().map(|child| child.path.as_str()).collect();
    assert_eq!(paths, ["root/pool/b-2", "root/pool/own"]);

    // The supervisor has ended.
    running.shutdown().await.unwrap();
    for answer in [
        pool.start_child(b.spec()).await.map(drop),
        pool.stop_child("own").await,
        pool.child("own").await.map(drop),
        pool.children().await.map(drop),
        pool.counts().await.map(drop),
    ] {
        assert!(matches!(answer, Err(CommandError::NotRunning { .. })), "{answer:?}");
    }
    assert_eq!(b.live(), 0);
}
