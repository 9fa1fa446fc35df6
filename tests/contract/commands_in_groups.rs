//! Commands to children that a start or a restart of their group has not reached yet (rules 6, 13,
//! 28 and 29).

use std::time::Duration;

use sage_supervisor::{ChildState, CommandError, RestartPolicy, Strategy, TemporarySiblings};
use sage_supervisor_tests::{Gated, Log, OnStop, Puppet, limit, settle, supervisor};

use crate::commands::{started, state};

const SLOW: OnStop = OnStop::After(Duration::from_secs(3));

/// A declared child that is stopped before its turn stays listed; only an added child is removed.
#[tokio::test(start_paused = true)]
async fn rule_28_a_declared_child_stopped_before_its_first_start_is_kept() {
    let log = Log::default();
    let (first, b) = (Gated::new("first", &log), Puppet::new("b", &log));
    let running = supervisor(Strategy::OneForOne).children([first.spec(), b.spec()]).start();
    let handle = running.handle();
    settle().await;
    handle.stop_child("b").await.unwrap();
    assert_eq!(state(&handle, "b").await, ChildState::Stopped);
    first.open();
    settle().await;
    assert_eq!(b.starts(), 0);
    handle.restart_child("b").await.unwrap();
    settle().await;
    assert_eq!(b.live(), 1);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_child_stopped_while_its_group_restarts_can_be_removed() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, SLOW);
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let (running, handle) = started(Strategy::OneForAll, [slow.spec(), a.spec(), b.spec()]).await;
    b.fail("now");
    settle().await;
    assert!(matches!(handle.remove_child("a").await, Err(CommandError::Restarting { .. })));
    handle.stop_child("a").await.unwrap();
    assert_eq!(state(&handle, "a").await, ChildState::Stopped);
    handle.remove_child("a").await.unwrap();
    slow.started(2).await;
    settle().await;
    assert_eq!((slow.live(), a.starts(), b.starts()), (1, 1, 2));
    running.shutdown().await.unwrap();
}

/// A child that joins the restart late is started with the group, even if it was stopped by hand
/// before.
#[tokio::test(start_paused = true)]
async fn rule_13_a_widened_restart_starts_what_was_stopped_by_hand() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, SLOW);
    let [a, b, c] = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
    let (running, handle) =
        started(Strategy::RestForOne, [a.spec(), b.spec(), c.spec(), slow.spec()]).await;
    handle.stop_child("b").await.unwrap();
    c.fail("now");
    settle().await;
    assert_eq!(state(&handle, "b").await, ChildState::Stopped, "it is not of the group");
    a.fail("which widens the restart to `b`");
    settle().await;
    assert_eq!(state(&handle, "b").await, ChildState::Restarting);
    slow.started(2).await;
    settle().await;
    assert_eq!([&a, &b, &c].map(Puppet::starts), [2, 2, 2]);
    running.shutdown().await.unwrap();
}

/// The first start of the child was interrupted by the restart, so the child does not count as
/// ready.
#[tokio::test(start_paused = true)]
async fn rule_6_what_comes_next_waits_for_a_child_restarted_while_it_starts() {
    let log = Log::default();
    let (a, b) = (Gated::new("a", &log), Puppet::new("b", &log));
    let running = supervisor(Strategy::OneForOne).children([a.spec(), b.spec()]).start();
    let handle = running.handle();
    settle().await;
    let restarting = tokio::spawn(async move { handle.restart_child("a").await });
    a.puppet.started(2).await;
    settle().await;
    assert_eq!(b.starts(), 0);
    a.open();
    restarting.await.unwrap().unwrap();
    b.started(1).await;
    running.shutdown().await.unwrap();
}

/// The group restart leaves the child out, so its own restart is over. The child neither counts as
/// restarting nor refuses to be removed.
#[tokio::test(start_paused = true)]
async fn rule_29_a_temporary_sibling_that_is_left_out_is_not_restarting() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, SLOW);
    let [t, a] = ["t", "a"].map(|name| Puppet::new(name, &log));
    let running = supervisor(Strategy::OneForAll)
        .temporary_siblings(TemporarySiblings::Remove)
        .children([slow.spec(), t.spec().restart(RestartPolicy::Temporary), a.spec()])
        .start();
    settle().await;
    a.fail("now");
    settle().await;
    let handle = running.handle();
    assert_eq!(state(&handle, "t").await, ChildState::Finished);
    assert_eq!(handle.counts().await.unwrap().restarting, 1, "`a`");
    handle.remove_child("t").await.unwrap();
    slow.started(2).await;
    settle().await;
    assert_eq!((t.starts(), a.starts()), (1, 2));
    running.shutdown().await.unwrap();
}

/// The task of the child finds the kill before the supervisor of the child does.
#[tokio::test(start_paused = true)]
async fn rule_28_a_caller_that_waits_for_a_start_is_answered_when_the_tree_is_killed() {
    let log = Log::default();
    let a = Gated::new("a", &log);
    a.open();
    let nested = sage_supervisor::Supervisor::new(Strategy::OneForOne, limit(3));
    let running =
        supervisor(Strategy::OneForOne).child("nested", nested.children([a.spec()])).start();
    let handle = running.handle();
    settle().await;
    a.shut();
    let restarting = tokio::spawn(async move { handle.restart_child("nested/a").await });
    settle().await;
    a.open();
    let (killed, answer) = tokio::join!(running.kill(), restarting);
    let answer = answer.unwrap();
    assert!(matches!(answer, Err(CommandError::NotRunning { .. })), "{answer:?}");
    killed.unwrap();
}
