//! Lookup of children by name and by path.

use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, ChildState, CommandError, DynamicSupervisor, IntoChild, RestartPolicy,
    Shutdown, Strategy,
};
use sage_supervisor_tests::{settle, supervisor};

use super::{idle, started};

/// A path that was built with an empty name must not be taken for the path of the parent.
#[tokio::test(start_paused = true)]
async fn rule_28_a_path_with_a_slash_too_many_leads_nowhere() {
    let pool = supervisor(Strategy::OneForOne).child("a", idle);
    let pool = IntoChild::into_child(pool, "pool".into());
    let (running, handle) = started(Strategy::OneForOne, [pool]).await;
    let not_found = |answer| matches!(answer, Err(CommandError::NotFound { .. }));
    for path in
        ["pool/", "/pool", "/", "pool//a", "pool/a/", "a", "/root/", "/root//pool", "//root/pool"]
    {
        assert!(not_found(handle.restart_child(path).await), "{path}");
        assert!(not_found(handle.stop_child(path).await), "{path}");
        assert!(not_found(handle.start_child_below(path, ChildSpec::new("b", idle)).await));
    }
    assert_eq!(handle.child("pool/a").await.unwrap().restarts, 0);
    running.shutdown().await.unwrap();
}

/// A path as it stands in statuses, events and snapshots works with the handle of any supervisor of
/// the tree.
#[tokio::test(start_paused = true)]
async fn rule_28_a_path_from_the_root_leads_there_from_anywhere() {
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let asker = ChildSpec::new("asker", move |ctx: ChildContext| {
        let tell = tell.clone();
        async move {
            let handle = ctx.supervisor();
            for path in ["/root/b", "/root/pool/asker", "asker"] {
                tell.send(handle.child(path).await.unwrap().path).unwrap();
            }
            assert_eq!(handle.counts_below("/root").await.unwrap().specs, 2);
            assert_eq!(handle.counts_below("").await.unwrap().specs, 1);
            // The child stops itself, so the call returns as soon as the stop has been requested.
            handle.stop_child(&format!("/{}", ctx.path())).await.unwrap();
            ctx.cancelled().await;
        }
    });
    let pool = supervisor(Strategy::OneForOne).children([asker]);
    let pool = IntoChild::into_child(pool, "pool".into());
    let (running, handle) = started(Strategy::OneForOne, [pool, ChildSpec::new("b", idle)]).await;
    for path in ["root/b", "root/pool/asker", "root/pool/asker"] {
        assert_eq!(told.recv().await.unwrap(), path);
    }
    settle().await;
    let status = handle.child("pool/asker").await.unwrap();
    assert_eq!(status.state, ChildState::Stopped);
    handle.restart_child(&format!("/{}", status.path)).await.unwrap();
    running.shutdown().await.unwrap();
}

/// The stop of a supervisor that contains the caller is requested and not awaited.
#[tokio::test(start_paused = true)]
async fn rule_28_a_child_that_stops_what_it_is_in_does_not_wait() {
    let asker = ChildSpec::new("asker", async |ctx: ChildContext| {
        ctx.supervisor().stop_child("/root/pool").await.unwrap();
        ctx.cancelled().await;
    });
    let pool = supervisor(Strategy::OneForOne).children([asker.shutdown(Shutdown::Infinity)]);
    let pool = IntoChild::into_child(pool, "pool".into());
    let (running, handle) = started(Strategy::OneForOne, [pool]).await;
    settle().await;
    assert_eq!(handle.child("pool").await.unwrap().state, ChildState::Stopped);
    running.shutdown().await.unwrap();
}

/// A name that comes from outside cannot lead out of a dynamic supervisor.
#[tokio::test(start_paused = true)]
async fn rule_28_the_names_of_dynamic_children_are_no_paths() {
    let pool = DynamicSupervisor::new();
    let listed = IntoChild::into_child(pool.clone(), "pool".into());
    let (running, handle) =
        started(Strategy::OneForOne, [ChildSpec::new("database", idle), listed]).await;
    for name in ["/root/database", "/root/pool/x", "a/b", "/"] {
        assert!(
            matches!(pool.stop_child(name).await, Err(CommandError::NotFound { .. })),
            "{name}"
        );
        assert!(matches!(pool.child(name).await, Err(CommandError::NotFound { .. })), "{name}");
    }
    assert_eq!(handle.child("database").await.unwrap().state, ChildState::Running);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_spec_is_looked_up_as_it_was_declared() {
    let spec = ChildSpec::new("a", idle)
        .restart(RestartPolicy::Transient)
        .shutdown(Duration::from_secs(7))
        .ready_within(Duration::from_secs(8));
    let (running, handle) = started(Strategy::OneForOne, [spec]).await;
    let spec = handle.spec("a").await.unwrap();
    assert_eq!((spec.name(), spec.restart_policy()), ("a", RestartPolicy::Transient));
    assert_eq!(spec.shutdown_setting(), Shutdown::Timeout(Duration::from_secs(7)));
    assert_eq!(spec.ready_within_setting(), Some(Duration::from_secs(8)));
    assert!(!spec.is_significant());
    assert!(matches!(handle.spec("b").await, Err(CommandError::NotFound { .. })));
    running.shutdown().await.unwrap();
}
