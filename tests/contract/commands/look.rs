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

/// A path as events print it has no slash in front.
#[tokio::test(start_paused = true)]
async fn rule_28_a_path_as_events_print_it_is_an_address_for_every_handle() {
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let asker = ChildSpec::new("asker", move |ctx: ChildContext| {
        let tell = tell.clone();
        async move {
            tell.send(ctx.supervisor()).unwrap();
            ctx.cancelled().await;
        }
    });
    let pool = supervisor(Strategy::OneForOne).children([asker, ChildSpec::new("a", idle)]);
    let pool = IntoChild::into_child(pool, "pool".into());
    let (running, handle) = started(Strategy::OneForOne, [pool, ChildSpec::new("b", idle)]).await;
    let below = told.recv().await.unwrap();
    let paths = ["root/b", "/root/b", "root/pool/a", "/root/pool/a"];
    for path in paths {
        for handle in [&handle, &below] {
            let status = handle.child(path).await.unwrap();
            assert_eq!(status.path, path.trim_start_matches('/'));
        }
    }
    assert_eq!(below.counts_below("root").await.unwrap().specs, 2);
    below.restart_child("root/b").await.unwrap();
    // A handle outlives its supervisor, and the paths from the root stay addresses for it.
    handle.restart_child("pool").await.unwrap();
    assert!(below.has_ended());
    for path in paths {
        assert!(below.child(path).await.is_ok(), "{path}");
    }
    let ended = below.child("a").await.unwrap_err();
    assert_eq!(ended.to_string(), "supervisor `root/pool` is not running: it has ended");
    running.shutdown().await.unwrap();
}

/// Names that the supervisor of the handle knows come first. With a slash in front, the name of the root
/// comes first.
#[tokio::test(start_paused = true)]
async fn rule_28_a_child_of_the_roots_name_comes_before_the_root() {
    let children = [ChildSpec::new("a", idle), ChildSpec::new("root", idle)];
    let inner = supervisor(Strategy::OneForOne).children(children);
    let inner = IntoChild::into_child(inner, "root".into());
    let (running, handle) = started(Strategy::OneForOne, [ChildSpec::new("a", idle), inner]).await;
    for (path, expected) in [
        ("root", "root/root"),
        ("/root/root", "root/root"),
        ("root/a", "root/root/a"),
        ("/root/a", "root/a"),
        ("root/root", "root/root/root"),
        ("root/root/a", ""),
    ] {
        let found = handle.child(path).await.map_or(String::new(), |status| status.path);
        assert_eq!(found, expected, "{path}");
    }
    assert_eq!(handle.counts_below("root").await.unwrap().specs, 2);
    running.shutdown().await.unwrap();

    // A worker has nothing below it, so the root is meant.
    let children = [ChildSpec::new("a", idle), ChildSpec::new("root", idle)];
    let (running, handle) = started(Strategy::OneForOne, children).await;
    for (path, expected) in
        [("root", "root/root"), ("root/a", "root/a"), ("root/root", "root/root")]
    {
        assert_eq!(handle.child(path).await.unwrap().path, expected, "{path}");
    }
    assert_eq!(handle.counts_below("root").await.unwrap().specs, 2);
    running.shutdown().await.unwrap();
}

/// The text says where the way ended, so that the caller of a caller can read it.
#[tokio::test(start_paused = true)]
async fn rule_28_an_error_names_what_it_is_about_and_what_to_do() {
    let gated = ChildSpec::new("gated", idle).ready_within(Duration::from_secs(1_000));
    let pool = supervisor(Strategy::OneForOne).child("a", idle);
    let pool = IntoChild::into_child(pool, "pool".into());
    let late = IntoChild::into_child(DynamicSupervisor::new(), "late".into());
    let children = [ChildSpec::new("b", idle), pool, gated, late];
    let (running, handle) = started(Strategy::OneForOne, children).await;
    let text = async |path: &str| handle.stop_child(path).await.unwrap_err().to_string();
    for (path, expected) in [
        ("pool/x", "there is no child `x` below supervisor `root/pool`"),
        ("x/y", "there is no child `x/y` below supervisor `root`"),
        ("root/x", "there is no child `x` below supervisor `root`"),
        ("/shop/pool", "there is no `/shop/pool`: the root of this tree is `root`"),
        ("pool/", "there is no child `root/pool/`: the path has a slash too many"),
        ("pool//a", "there is no child `root/pool//a`: the path has a slash too many"),
        ("/", "there is no child ``: the path has a slash too many"),
        ("b/x", "child `root/b` is not a supervisor: nothing is below it"),
        ("", "`root` is the root of the tree and no child: `shutdown` ends it"),
        ("root", "`root` is the root of the tree and no child: `shutdown` ends it"),
        (
            "late/x",
            "`root/late` is about to be started by its supervisor: wait until it is up, or stop it \
             first",
        ),
    ] {
        assert_eq!(text(path).await, expected, "{path}");
    }
    handle.stop_child("pool").await.unwrap();
    for (answer, expected) in [
        (
            handle.stop_child("pool/a").await,
            "supervisor `root/pool` is not running: `restart_child` starts it again",
        ),
        (
            handle.start_child(ChildSpec::new("b", idle)).await,
            "child `root/b` is already running: restart it, or choose another name for a new child",
        ),
        (
            handle.start_child(ChildSpec::new("pool", idle)).await,
            "child `root/pool` already exists and is stopped: restart it, or remove it before a new \
             one is started",
        ),
        (
            handle.remove_child("gated").await,
            "child `root/gated` is starting: stop it before it is removed",
        ),
    ] {
        assert_eq!(answer.unwrap_err().to_string(), expected);
    }
    running.shutdown().await.unwrap();
    let ended = handle.child("a").await.unwrap_err();
    assert_eq!(ended.to_string(), "supervisor `root` is not running: it has ended");
    assert_eq!(ended.path(), "root");
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
