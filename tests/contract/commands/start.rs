//! Children that are started by hand (rules 3, 24 and 28).

use std::time::Duration;

use sage_supervisor::{
    AutoShutdown, ChildSpec, ChildState, CommandError, RestartPolicy, Strategy, Supervisor,
};
use sage_supervisor_tests::{Gated, Log, Puppet, limit, settle, supervisor};

use super::{idle, started, state};

#[tokio::test(start_paused = true)]
async fn rule_28_a_start_by_hand_waits_until_the_child_is_ready() {
    let log = Log::default();
    let a = Gated::new("a", &log);
    let (running, handle) = started(Strategy::OneForOne, [ChildSpec::new("b", idle)]).await;
    let starting = tokio::spawn({
        let (handle, spec) = (handle.clone(), a.spec());
        async move { handle.start_child(spec).await }
    });
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(!starting.is_finished());
    assert_eq!(state(&handle, "a").await, ChildState::Starting);
    a.open();
    starting.await.unwrap().unwrap();
    assert_eq!(state(&handle, "a").await, ChildState::Running);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_an_invalid_spec_is_refused() {
    let (running, handle) = started(Strategy::OneForOne, [ChildSpec::new("b", idle)]).await;
    let twice = supervisor(Strategy::OneForOne).child("x", idle).child("x", idle);
    let nested = sage_supervisor::IntoChild::into_child(twice, "nested".to_owned());
    for (spec, message) in [
        (ChildSpec::new("a/b", idle), "supervisor `root`: the name"),
        (ChildSpec::new("", idle), "supervisor `root`: a name is empty"),
        (nested, "supervisor `root/nested`: two children are named `x`"),
    ] {
        let refused = handle.start_child(spec).await.unwrap_err();
        assert!(matches!(refused, CommandError::Invalid(_)));
        assert!(refused.to_string().contains(message), "{refused}");
    }
    assert_eq!(handle.counts().await.unwrap().specs, 1);
    running.shutdown().await.unwrap();
}

/// A start that is queued and then stopped before its turn leaves nothing behind.
#[tokio::test(start_paused = true)]
async fn rule_28_a_queued_start_can_be_stopped() {
    let log = Log::default();
    let first = Gated::new("first", &log);
    let running = supervisor(Strategy::OneForOne).children([first.spec()]).start();
    settle().await;
    let handle = running.handle();
    let queued = tokio::spawn({
        let handle = handle.clone();
        async move { handle.start_child(ChildSpec::new("queued", idle)).await }
    });
    settle().await;
    assert_eq!(state(&handle, "queued").await, ChildState::Restarting);
    handle.stop_child("queued").await.unwrap();
    assert!(matches!(queued.await.unwrap(), Err(CommandError::Stopped { .. })));
    assert!(matches!(handle.child("queued").await, Err(CommandError::NotFound { .. })));
    first.open();
    settle().await;
    assert_eq!(handle.counts().await.unwrap().specs, 1);
    running.shutdown().await.unwrap();
}

/// Added children are full members: they are last in the order, are restarted, and take part in
/// group restarts. Only declared children come back when the supervisor itself is restarted.
#[tokio::test(start_paused = true)]
async fn rule_28_an_added_child_is_a_full_member_until_its_supervisor_restarts() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let inner = Supervisor::new(Strategy::RestForOne, limit(2)).children([a.spec()]);
    let running = supervisor(Strategy::OneForOne).child("inner", inner).start();
    settle().await;
    let handle = running.handle();
    handle.start_child_below("inner", b.spec()).await.unwrap();
    settle().await;
    assert_eq!(log.take(), "+a +b");
    b.fail("now");
    settle().await;
    assert_eq!(log.take(), "-b +b");
    a.fail("now");
    settle().await;
    assert_eq!(log.take(), "-a -b +a +b");
    a.fail("beyond the limit");
    settle().await;
    assert_eq!(log.take(), "-a -b +a");
    assert!(matches!(handle.child("inner/b").await, Err(CommandError::NotFound { .. })));
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_3_a_temporary_child_added_at_run_time_leaves_nothing_behind() {
    let log = Log::default();
    let (running, handle) = started(Strategy::OneForOne, [ChildSpec::new("b", idle)]).await;
    for round in 0..3 {
        let a = Puppet::new("a", &log);
        handle.start_child(a.spec().restart(RestartPolicy::Temporary)).await.unwrap();
        match round {
            0 => a.finish(),
            1 => a.fail("for good"),
            _ => handle.stop_child("a").await.unwrap(),
        }
        settle().await;
        assert!(matches!(handle.child("a").await, Err(CommandError::NotFound { .. })));
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_24_a_temporary_significant_child_added_at_run_time_triggers() {
    for fails in [false, true] {
        let log = Log::default();
        let a = Puppet::new("a", &log);
        let running = supervisor(Strategy::OneForOne)
            .auto_shutdown(AutoShutdown::AllSignificant)
            .child("b", idle)
            .start();
        settle().await;
        let spec = a.spec().restart(RestartPolicy::Temporary).significant();
        running.handle().start_child(spec).await.unwrap();
        if fails {
            a.fail("for good");
        } else {
            a.finish();
        }
        assert_eq!(running.wait().await.is_err(), fails);
    }
}
