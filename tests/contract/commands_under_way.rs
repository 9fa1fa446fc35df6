//! Commands while another procedure is in progress (rules 8, 14, 23, 25, 27 and 28).

use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, ChildState, CommandError, RestartPolicy, Strategy, Supervisor,
};
use sage_supervisor_tests::{
    Blocker, Gated, Log, OnStop, Puppet, limit, no_task_is_left, settle, supervisor, unclean,
};

use crate::commands::{idle, started, state};

/// A child that is restarted by hand while it is being stopped for a late start is started exactly
/// once.
#[tokio::test(start_paused = true)]
async fn rule_14_restarted_by_hand_while_too_late_it_is_started_once() {
    let log = Log::default();
    let a = Gated::with("a", &log, OnStop::After(Duration::from_secs(3)));
    a.open();
    let (running, handle) = started(Strategy::OneForOne, [a.spec()]).await;
    a.shut();
    a.puppet.fail("now");
    tokio::time::sleep(Duration::from_secs(11)).await;
    assert_eq!(state(&handle, "a").await, ChildState::Stopping);
    a.open();
    handle.restart_child("a").await.unwrap();
    settle().await;
    assert_eq!((a.puppet.starts(), a.puppet.peak()), (3, 1));
    running.shutdown().await.unwrap();
    assert_eq!(a.puppet.live(), 0);
}

/// A temporary child that was added by hand leaves nothing behind when its start has failed, unless a
/// restart by hand has asked for another start meanwhile.
#[tokio::test(start_paused = true)]
async fn rule_28_a_temporary_child_that_is_restarted_by_hand_while_too_late_is_kept() {
    let log = Log::default();
    let slow = Gated::with("slow", &log, OnStop::After(Duration::from_secs(3)));
    let b = Puppet::new("b", &log);
    let (running, handle) = started(Strategy::OneForOne, [b.spec()]).await;
    let starting = tokio::spawn({
        let spec = slow.spec().restart(RestartPolicy::Temporary);
        let handle = handle.clone();
        async move { handle.start_child(spec).await }
    });
    tokio::time::sleep(Duration::from_secs(11)).await;
    assert_eq!(state(&handle, "slow").await, ChildState::Stopping);
    slow.open();
    handle.restart_child("slow").await.unwrap();
    starting.await.unwrap().unwrap();
    assert_eq!(state(&handle, "slow").await, ChildState::Running);
    assert_eq!((slow.puppet.starts(), slow.puppet.peak()), (2, 1));
    running.shutdown().await.unwrap();
}

/// A child whose start by hand fails while the supervisor closes, or while its group is restarted,
/// is removed although the procedure stands at that child.
#[tokio::test(start_paused = true)]
async fn rule_27_a_failed_start_by_hand_is_removed_under_way() {
    for closes in [true, false] {
        let log = Log::default();
        let slow = Gated::with("slow", &log, OnStop::After(Duration::from_secs(3)));
        let b = Puppet::new("b", &log);
        let (running, handle) = started(Strategy::OneForAll, [b.spec()]).await;
        let starting = tokio::spawn({
            let (handle, spec) = (handle.clone(), slow.spec());
            async move { handle.start_child(spec).await }
        });
        tokio::time::sleep(Duration::from_secs(11)).await;
        if closes {
            let failed = "root/slow: failed start: not ready within 10s";
            assert_eq!(unclean(running.shutdown().await), failed);
        } else {
            b.fail("now");
            b.started(2).await;
            running.shutdown().await.unwrap();
        }
        assert!(starting.await.unwrap().is_err());
        assert_eq!((b.live(), slow.puppet.live()), (0, 0));
        no_task_is_left().await;
    }
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_waker_that_panics_harms_no_supervisor() {
    struct Rude;
    impl std::task::Wake for Rude {
        fn wake(self: std::sync::Arc<Self>) {
            panic!("expected: a rude waker");
        }
    }
    sage_supervisor_tests::quiet_panics();
    let log = Log::default();
    let first = Gated::new("first", &log);
    let running = supervisor(Strategy::OneForOne).children([first.spec()]).start();
    settle().await;
    let handle = running.handle();
    let waker = std::task::Waker::from(std::sync::Arc::new(Rude));
    let mut counting = std::pin::pin!(handle.counts());
    let mut queued = std::pin::pin!(handle.start_child(ChildSpec::new("x", idle)));
    assert!(counting.as_mut().poll(&mut std::task::Context::from_waker(&waker)).is_pending());
    assert!(queued.as_mut().poll(&mut std::task::Context::from_waker(&waker)).is_pending());
    settle().await;
    assert!(!handle.has_ended());
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_restart_of_what_its_group_leaves_out_is_refused_at_once() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(2)));
    let w = Puppet::new("w", &log);
    let running = Supervisor::new(Strategy::OneForAll, limit(3))
        .temporary_siblings(sage_supervisor::TemporarySiblings::Remove)
        .children([slow.spec().restart(RestartPolicy::Temporary), w.spec()])
        .start();
    settle().await;
    w.fail("now");
    settle().await;
    let handle = running.handle();
    let refused = handle.restart_child("slow").await;
    assert!(matches!(refused, Err(CommandError::Restarting { .. })), "{refused:?}");
    w.started(2).await;
    handle.restart_child("slow").await.unwrap();
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_25_a_failed_start_by_hand_does_not_end_a_supervisor_that_was_kept_up() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let (running, handle) = started(Strategy::OneForOne, [a.spec()]).await;
    handle.stop_child("a").await.unwrap();
    handle.remove_child("a").await.unwrap();
    let fails = Gated::new("fails", &log);
    fails.puppet.fail("no license");
    handle.start_child(fails.spec()).await.unwrap_err();
    settle().await;
    assert!(!handle.has_ended());
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_8_a_stopped_restart_by_hand_is_forgotten_by_the_next_group_restart() {
    let log = Log::default();
    let (a, z) = (Gated::new("a", &log), Puppet::new("z", &log));
    a.open();
    let (running, handle) = started(Strategy::OneForAll, [a.spec(), z.spec()]).await;
    a.shut();
    let restarting = tokio::spawn({
        let handle = handle.clone();
        async move { handle.restart_child("a").await }
    });
    settle().await;
    handle.stop_child("a").await.unwrap();
    assert!(restarting.await.unwrap().is_err());
    z.fail("which starts `a` with its group");
    settle().await;
    a.puppet.fail("once");
    settle().await;
    assert_eq!(a.puppet.starts(), 4, "it was retried");
    a.open();
    z.started(2).await;
    running.shutdown().await.unwrap();
}

/// The child was unresponsive before its group was to be restarted. The wait for its end is limited
/// all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn rule_23_a_restart_waits_for_an_earlier_unresponsive_task_no_longer_than_it_may() {
    let log = Log::default();
    let (blocker, open) = Blocker::new(&log);
    let w = Puppet::new("w", &log);
    let running = supervisor(Strategy::OneForAll)
        .kill_grace(Duration::from_millis(50))
        .unresponsive_timeout(Duration::from_millis(50))
        .children([blocker.spec(), w.spec()])
        .start();
    blocker.blocks().await;
    w.started(1).await;
    running.handle().stop_child("blocker").await.unwrap_err();
    w.fail("now");
    let error = running.wait().await.unwrap_err();
    assert_eq!(error.to_string(), "killed and not ended: root/blocker");
    drop(open);
    no_task_is_left().await;
}

/// A restart by hand is carried out although the child is declining at that moment.
#[tokio::test(start_paused = true)]
async fn rule_28_restarted_by_hand_while_it_declines_it_is_started() {
    let pool = sage_supervisor::DynamicSupervisor::new();
    let running = pool.clone().start();
    let child = ChildSpec::new("x", async |ctx: ChildContext| {
        if ctx.restarts() == 0 {
            ctx.decline().await;
            tokio::time::sleep(Duration::from_secs(1)).await;
        } else {
            ctx.ready().await;
            ctx.cancelled().await;
        }
    });
    let starting = tokio::spawn({
        let (pool, child) = (pool.clone(), child.ready_within(Duration::from_secs(5)));
        async move { pool.start_named("x", child).await }
    });
    settle().await;
    running.handle().restart_child("x").await.unwrap();
    starting.await.unwrap().unwrap();
    assert_eq!(pool.child("x").await.unwrap().state, ChildState::Running);
    running.shutdown().await.unwrap();
}
