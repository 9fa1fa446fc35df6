//! Looking children up by name and by path.

use std::time::Duration;

use sage_supervisor::{ChildSpec, CommandError, IntoChild, RestartPolicy, Shutdown, Strategy};
use sage_supervisor_tests::supervisor;

use super::{idle, started};

/// A path that somebody put together with an empty name must not be taken for its parent's.
#[tokio::test(start_paused = true)]
async fn rule_28_a_path_with_a_slash_too_many_leads_nowhere() {
    let pool = supervisor(Strategy::OneForOne).child("a", idle);
    let pool = IntoChild::into_child(pool, "pool".into());
    let (running, handle) = started(Strategy::OneForOne, [pool]).await;
    let not_found = |answer| matches!(answer, Err(CommandError::NotFound));
    for path in ["pool/", "/pool", "/", "pool//a", "pool/a/", "a"] {
        assert!(not_found(handle.restart_child(path).await), "{path}");
        assert!(not_found(handle.stop_child(path).await), "{path}");
        assert!(not_found(handle.start_child_below(path, ChildSpec::new("b", idle)).await));
    }
    assert_eq!(handle.child("pool/a").await.unwrap().restarts, 0);
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
    assert!(matches!(handle.spec("b").await, Err(CommandError::NotFound)));
    running.shutdown().await.unwrap();
}
