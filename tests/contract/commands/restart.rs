//! Children that are restarted by hand (rule 28).

use std::time::Duration;

use sage_supervisor::{ChildSpec, ChildState, CommandError, Exit, Strategy, Supervisor};
use sage_supervisor_tests::{Gated, Log, OnStop, Puppet, limit, settle};

use super::{idle, started, state};

#[tokio::test(start_paused = true)]
async fn rule_28_a_restart_is_one_command_and_not_counted() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let running = Supervisor::new(Strategy::OneForAll, limit(0))
        .children([a.spec(), Puppet::new("b", &log).spec()])
        .start();
    settle().await;
    log.take();
    let handle = running.handle();
    for _ in 0..5 {
        handle.restart_child("a").await.unwrap();
        settle().await;
        assert_eq!(log.take(), "-a +a", "no sibling is touched");
    }
    assert_eq!(handle.child("a").await.unwrap().restarts, 5);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_failed_start_by_hand_is_returned_and_not_retried() {
    let log = Log::default();
    let a = Gated::new("a", &log);
    a.open();
    let b = Puppet::new("b", &log);
    let (running, handle) = started(Strategy::OneForOne, [a.spec(), b.spec()]).await;
    handle.stop_child("a").await.unwrap();
    a.shut();
    a.puppet.fail("no license");
    let failed = handle.restart_child("a").await.unwrap_err();
    let CommandError::FailedStart { exit, .. } = failed else { panic!("{failed}") };
    assert!(matches!(exit, Exit::FailedStart(_)));
    settle().await;
    assert_eq!(a.puppet.starts(), 2);
    assert_eq!(state(&handle, "a").await, ChildState::Stopped);

    let new = Gated::new("new", &log);
    new.puppet.fail("no license");
    let failed = handle.start_child(new.spec()).await.unwrap_err();
    assert!(matches!(failed, CommandError::FailedStart { .. }), "{failed}");
    assert!(
        matches!(handle.child("new").await, Err(CommandError::NotFound { .. })),
        "nothing is left"
    );
    handle.start_child(ChildSpec::new("new", idle)).await.unwrap();
    running.shutdown().await.unwrap();
}

/// A caller that waits for a start gets the error of a failed start, even if the start is retried
/// with its group.
#[tokio::test(start_paused = true)]
async fn rule_28_a_restart_with_its_group_tells_that_it_failed() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(3)));
    let (a, z) = (Gated::new("a", &log), Puppet::new("z", &log));
    a.open();
    let (running, handle) = started(Strategy::OneForAll, [slow.spec(), a.spec(), z.spec()]).await;
    a.shut();
    z.fail("now");
    settle().await;
    assert_eq!(state(&handle, "a").await, ChildState::Restarting);
    a.puppet.fail("no license");
    let failed = handle.restart_child("a").await.unwrap_err();
    assert!(matches!(failed, CommandError::FailedStart { .. }), "{failed}");
    a.open();
    z.started(2).await;
    running.shutdown().await.unwrap();
}
