//! Children that are killed by hand (rule 28).

use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, ChildState, CommandError, DynamicSupervisor, EventKind, Exit,
    KillReason, RestartPolicy, Shutdown, Strategy, Supervisor,
};
use sage_supervisor_tests::{
    Blocker, Gated, Log, OnStop, Puppet, limit, no_task_is_left, settle, supervisor,
};

use super::{idle, started, state};

/// A puppet that is never done with a stop.
fn stubborn(name: &str, log: &Log) -> (Puppet, ChildSpec) {
    let puppet = Puppet::with(name, log, OnStop::Ignore);
    let spec = puppet.spec().shutdown(Shutdown::Infinity);
    (puppet, spec)
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_kill_leaves_a_child_down_and_is_no_failure() {
    let (a, spec) = stubborn("a", &Log::default());
    let running = Supervisor::new(Strategy::OneForAll, limit(0))
        .children([spec, ChildSpec::new("b", idle)])
        .start();
    settle().await;
    let handle = running.handle();
    let mut events = handle.subscribe();
    handle.kill_child("a").await.unwrap();
    assert_eq!((a.live(), a.starts()), (0, 1));
    assert_eq!(state(&handle, "a").await, ChildState::Stopped);
    let first = events.recv().await.unwrap().unwrap();
    assert!(
        matches!(first.kind, EventKind::Killed { reason: KillReason::ByHand, .. }),
        "{first:?}"
    );
    let exit = events.recv().await.unwrap().unwrap();
    assert!(matches!(exit.kind, EventKind::Exited { exit: Exit::Killed, asked: true, .. }));
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_kill_cuts_a_stop_short_and_answers_its_callers() {
    let (a, spec) = stubborn("a", &Log::default());
    let (running, handle) = started(Strategy::OneForOne, [spec]).await;
    let stopping = {
        let handle = handle.clone();
        tokio::spawn(async move { handle.stop_child("a").await })
    };
    handle.wait_for("a", ChildState::Stopping).await.unwrap();
    handle.kill_child("a").await.unwrap();
    stopping.await.unwrap().unwrap();
    assert_eq!((a.live(), a.starts()), (0, 1));
    running.shutdown().await.unwrap();
}

/// The restart that waits for the stop is not carried out any more.
#[tokio::test(start_paused = true)]
async fn rule_28_a_kill_takes_the_place_of_a_restart_by_hand() {
    let (a, spec) = stubborn("a", &Log::default());
    let (running, handle) = started(Strategy::OneForOne, [spec]).await;
    let restarting = {
        let handle = handle.clone();
        tokio::spawn(async move { handle.restart_child("a").await })
    };
    settle().await;
    handle.kill_child("a").await.unwrap();
    let refused = restarting.await.unwrap();
    assert!(matches!(refused, Err(CommandError::Stopped { .. })), "{refused:?}");
    assert_eq!((a.live(), a.starts()), (0, 1));
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_kill_cuts_the_shutdown_of_the_tree_short() {
    let log = Log::default();
    let ((_, first), (_, last)) = (stubborn("first", &log), stubborn("last", &log));
    let pool = DynamicSupervisor::new();
    let running =
        supervisor(Strategy::OneForOne).children([first]).child("pool", pool.clone()).start();
    settle().await;
    let handle = running.handle();
    pool.start_named("last", last).await.unwrap();
    let closing = tokio::spawn(running.shutdown());
    settle().await;
    pool.kill_child("last").await.unwrap();
    handle.wait_for("first", ChildState::Stopping).await.unwrap();
    handle.kill_child("first").await.unwrap();
    closing.await.unwrap().expect("a kill by hand is no failure");
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_kill_during_a_group_restart_leaves_the_child_out() {
    let log = Log::default();
    let (slow, spec) = stubborn("slow", &log);
    let b = Puppet::new("b", &log);
    let (running, handle) = started(Strategy::OneForAll, [spec, b.spec()]).await;
    b.fail("now");
    handle.wait_for("slow", ChildState::Stopping).await.unwrap();
    handle.kill_child("slow").await.unwrap();
    b.started(2).await;
    assert_eq!((slow.starts(), state(&handle, "slow").await), (1, ChildState::Stopped));
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_child_that_is_not_ready_or_waits_can_be_killed() {
    let log = Log::default();
    let (gated, b) = (Gated::new("a", &log), Puppet::new("b", &log));
    let slow = b.spec().backoff(|_| Duration::from_secs(60));
    let (running, handle) = started(Strategy::OneForOne, [gated.spec(), slow]).await;
    assert_eq!(state(&handle, "a").await, ChildState::Starting);
    handle.kill_child("a").await.unwrap();
    settle().await;
    assert_eq!(b.starts(), 1, "the start goes on without it");
    b.fail("now");
    handle.wait_for("b", ChildState::Restarting).await.unwrap();
    handle.kill_child("b").await.unwrap();
    tokio::time::sleep(Duration::from_secs(100)).await;
    assert_eq!((b.starts(), state(&handle, "b").await), (1, ChildState::Stopped));
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_kill_of_a_supervisor_ends_all_that_is_below() {
    let log = Log::default();
    let (a, spec) = stubborn("a", &log);
    let nested = supervisor(Strategy::OneForOne).children([spec]);
    let running = supervisor(Strategy::OneForOne)
        .child("nested", nested)
        .children([ChildSpec::new("b", idle)])
        .start();
    settle().await;
    let handle = running.handle();
    handle.kill_child("nested").await.unwrap();
    assert_eq!((a.live(), state(&handle, "nested").await), (0, ChildState::Stopped));
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_nothing_is_left_of_a_temporary_child_that_is_killed() {
    let (running, handle) = started(Strategy::OneForOne, [ChildSpec::new("b", idle)]).await;
    let spec = ChildSpec::new("a", idle).restart(RestartPolicy::Temporary);
    handle.start_child(spec).await.unwrap();
    handle.kill_child("a").await.unwrap();
    assert!(matches!(handle.child("a").await, Err(CommandError::NotFound { .. })));
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_child_kills_what_it_is_in_without_waiting() {
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let a = ChildSpec::new("a", move |ctx: ChildContext| {
        let tell = tell.clone();
        async move {
            let killed = ctx.supervisor().kill_child("/root/nested").await;
            tell.send(killed.is_ok()).unwrap();
            ctx.cancelled().await;
        }
    });
    let nested = supervisor(Strategy::OneForOne).children([a]);
    let running = supervisor(Strategy::OneForOne)
        .child("nested", nested)
        .children([ChildSpec::new("b", idle)])
        .start();
    let handle = running.handle();
    settle().await;
    assert_eq!(state(&handle, "nested").await, ChildState::Stopped);
    // The child may have been aborted before it heard of the answer.
    assert_ne!(told.try_recv(), Ok(false));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn rule_28_a_kill_of_what_does_not_end_is_answered() {
    let log = Log::default();
    let (blocker, open) = Blocker::new(&log);
    let running = supervisor(Strategy::OneForOne)
        .kill_grace(Duration::from_millis(50))
        .children([blocker.spec(), ChildSpec::new("b", idle)])
        .start();
    blocker.blocks().await;
    let handle = running.handle();
    for _ in 0..2 {
        let answer = handle.kill_child("blocker").await;
        assert!(matches!(answer, Err(CommandError::Unresponsive { .. })), "{answer:?}");
    }
    let answer = handle.fail_child("blocker", "x").await;
    assert!(matches!(answer, Err(CommandError::Unresponsive { .. })), "{answer:?}");
    drop(open);
    handle.wait_for("blocker", ChildState::Stopped).await.unwrap();
    running.shutdown().await.unwrap();
    no_task_is_left().await;
}
