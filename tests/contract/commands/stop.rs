//! Children that are stopped by hand (rules 8, 24 and 28).

use std::time::Duration;

use sage_supervisor::{AutoShutdown, ChildSpec, ChildState, RestartPolicy, Strategy};
use sage_supervisor_tests::{Gated, Log, OnStop, Puppet, settle, supervisor};

use super::{idle, started, state};

#[tokio::test(start_paused = true)]
async fn rule_28_a_stop_waits_for_the_end_and_leads_to_no_restart() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(3)));
    let b = Puppet::new("b", &log);
    let (running, handle) = started(Strategy::OneForAll, [slow.spec(), b.spec()]).await;
    log.take();
    handle.stop_child("slow").await.unwrap();
    assert_eq!(log.take(), "-slow");
    settle().await;
    assert_eq!(log.take(), "");
    running.shutdown().await.unwrap();
}

/// The supervisor answers all other commands while a child takes long to stop.
#[tokio::test(start_paused = true)]
async fn rule_28_a_slow_stop_holds_up_nobody() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(3)));
    let b = Puppet::new("b", &log);
    let (running, handle) = started(Strategy::OneForOne, [slow.spec(), b.spec()]).await;
    let stopping = tokio::spawn({
        let handle = handle.clone();
        async move { handle.stop_child("slow").await }
    });
    settle().await;
    assert_eq!(state(&handle, "slow").await, ChildState::Stopping);
    b.fail("meanwhile");
    b.started(2).await;
    handle.start_child(ChildSpec::new("c", idle)).await.unwrap();
    assert!(!stopping.is_finished());
    stopping.await.unwrap().unwrap();
    running.shutdown().await.unwrap();
}

/// A child that is stopped in the same turn in which it ends stays down.
#[tokio::test(start_paused = true)]
async fn rule_28_a_stop_that_meets_the_end_of_its_child_wins() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let (running, handle) = started(Strategy::OneForOne, [a.spec()]).await;
    a.fail("now");
    handle.stop_child("a").await.unwrap();
    settle().await;
    assert_eq!((a.starts(), a.live()), (1, 0));
    assert_eq!(state(&handle, "a").await, ChildState::Stopped);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_8_a_stop_by_hand_cancels_the_restart_and_the_group_goes_on() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(3)));
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let (running, handle) = started(Strategy::OneForAll, [slow.spec(), a.spec(), b.spec()]).await;
    log.take();
    b.fail("now");
    settle().await;
    handle.stop_child("b").await.unwrap();
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(log.take(), "-b -a -slow +slow +a");
    assert_eq!(state(&handle, "b").await, ChildState::Stopped);
    // The next group restart starts it again.
    a.fail("now");
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(log.take(), "-a -slow +slow +a +b");
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_24_a_significant_child_stopped_by_hand_does_not_trigger() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    for mode in [AutoShutdown::AnySignificant, AutoShutdown::AllSignificant] {
        let spec = a.spec().restart(RestartPolicy::Transient).significant();
        let running =
            supervisor(Strategy::OneForOne).auto_shutdown(mode).children([spec, b.spec()]).start();
        settle().await;
        running.handle().stop_child("a").await.unwrap();
        settle().await;
        assert!(!running.handle().has_ended());
        running.shutdown().await.unwrap();
    }
}

/// The child was declared, so it stays listed and can be started later.
#[tokio::test(start_paused = true)]
async fn rule_28_a_declared_child_stopped_before_its_turn_stays_down_and_listed() {
    let log = Log::default();
    let (first, a) = (Gated::new("first", &log), Puppet::new("a", &log));
    let (running, handle) = started(Strategy::OneForOne, [first.spec(), a.spec()]).await;
    handle.stop_child("a").await.unwrap();
    assert_eq!(state(&handle, "a").await, ChildState::Stopped);
    first.open();
    settle().await;
    assert_eq!(log.take(), "+first", "its turn has passed");
    handle.restart_child("a").await.unwrap();
    assert_eq!(state(&handle, "a").await, ChildState::Running);
    running.shutdown().await.unwrap();
}
