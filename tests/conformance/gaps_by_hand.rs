//! Behaviour that OTP's own suite leaves untested: commands during other procedures.

use std::sync::Arc;

use sage_supervisor::{
    AutoShutdown, ChildSpec, ChildState, CommandError, RestartPolicy, Strategy, Supervisor,
};
use sage_supervisor_tests::{
    Gated, Log, OnStop, Puppet, limit, no_task_is_left, settle, supervisor,
};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};

use crate::{SECOND, counts, declining, idle, state, up};

/// A pending start does not delay a stop, at whatever depth it is and whoever has asked for it.
/// (OTP's supervisor waits for the start function.)
#[tokio::test(start_paused = true)]
async fn a_blocked_start_does_not_hold_up_a_stop() {
    let log = Log::default();
    let [a, added, after] = ["a", "added", "after"].map(|name| Gated::new(name, &log));
    let patient = |gated: &Gated| gated.spec().ready_within(SECOND * 1_000);
    a.open();
    let inner = supervisor(Strategy::OneForOne).children([a.spec()]);
    let tree = supervisor(Strategy::OneForOne).child("inner", inner);
    let (running, handle) = up(tree).await;
    // The first start is in progress, and the second is queued behind it.
    let [first, second] = [&added, &after].map(|gated| {
        let (handle, spec) = (handle.clone(), patient(gated));
        tokio::spawn(async move { handle.start_child_below("inner", spec).await })
    });
    sleep(SECOND * 100).await;
    let asked = Instant::now();
    running.shutdown().await.unwrap();
    assert!(asked.elapsed() < SECOND);
    for answer in [first, second] {
        let answer = timeout(SECOND, answer).await.unwrap().unwrap();
        assert!(
            matches!(answer, Err(CommandError::NotRunning { .. } | CommandError::Stopped { .. })),
            "{answer:?}"
        );
    }
    assert_eq!((added.puppet.live(), after.puppet.live()), (0, 0));
    no_task_is_left().await;
}

/// If the last significant child is stopped by hand, this triggers nothing. If the other one is
/// stopped by hand first, the child that then ends by itself finds no other left, and triggers.
#[tokio::test(start_paused = true)]
async fn the_last_significant_child_stopped_by_hand() {
    for by_hand_first in [false, true] {
        let log = Log::default();
        let [a, b, c] = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
        let significant =
            |puppet: &Puppet| puppet.spec().restart(RestartPolicy::Transient).significant();
        let tree = supervisor(Strategy::OneForOne)
            .auto_shutdown(AutoShutdown::AllSignificant)
            .children([significant(&a), significant(&b), c.spec()]);
        let (running, handle) = up(tree).await;
        if by_hand_first {
            handle.stop_child("a").await.unwrap();
            b.finish();
            running.wait().await.unwrap();
            continue;
        }
        b.finish();
        settle().await;
        handle.stop_child("a").await.unwrap();
        handle.remove_child("a").await.unwrap();
        sleep(SECOND * 1_000).await;
        assert!(!handle.has_ended());
        assert_eq!((c.starts(), c.live()), (1, 1));
        running.shutdown().await.unwrap();
    }
}

/// A child that is stopped while it is being restarted leaves no trace in the counts, and neither
/// does a child that is started by hand at that time. (In OTP it leaves one for good.)
#[tokio::test(start_paused = true)]
async fn counts_after_stopping_a_child_that_is_being_restarted() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(SECOND * 3));
    let a = Puppet::new("a", &log);
    let tree = Supervisor::new(Strategy::OneForAll, limit(100)).children([slow.spec(), a.spec()]);
    let (running, handle) = up(tree).await;
    for round in 0..5 {
        a.fail("now");
        settle().await;
        assert_eq!(counts(&handle).await, [2, 1, 1, 0, 2]);
        handle.stop_child("a").await.unwrap();
        assert_eq!(counts(&handle).await, [2, 1, 0, 0, 2]);
        if round % 2 == 0 {
            sleep(SECOND * 5).await;
            assert_eq!(counts(&handle).await, [2, 1, 0, 0, 2]);
        }
        handle.restart_child("a").await.unwrap();
        sleep(SECOND * 5).await;
        assert_eq!(counts(&handle).await, [2, 2, 0, 0, 2]);
    }
    running.shutdown().await.unwrap();
    assert_eq!((slow.peak(), a.peak()), (1, 1));
}

/// Commands that lead nowhere are answered, and do no harm. (An unknown call ends OTP's
/// supervisor.)
#[tokio::test(start_paused = true)]
async fn stray_commands_are_answered() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let tree =
        Supervisor::new(Strategy::OneForAll, limit(0)).children([a.spec(), declining("ignored")]);
    let (running, handle) = up(tree).await;
    for path in ["/", "//", "a/b/", "none", "none/none", "../a", "root/b"] {
        for answer in [
            handle.stop_child(path).await,
            handle.restart_child(path).await,
            handle.remove_child(path).await,
            handle.child(path).await.map(drop),
            handle.start_child_below(&format!("none/{path}"), ChildSpec::new("x", idle)).await,
        ] {
            assert!(matches!(answer, Err(CommandError::NotFound { .. })), "{path}: {answer:?}");
        }
    }
    for path in ["", "/root", "root"] {
        let answer = handle.stop_child(path).await;
        assert!(matches!(answer, Err(CommandError::NotAChild { .. })), "{path}: {answer:?}");
    }
    for path in ["a/b", "a/b/c"] {
        let answer = handle.stop_child(path).await;
        assert!(matches!(answer, Err(CommandError::NotASupervisor { .. })), "{path}: {answer:?}");
    }
    let counts_below = handle.counts_below("a").await;
    assert!(matches!(counts_below, Err(CommandError::NotASupervisor { .. })));
    assert_eq!((a.starts(), counts(&handle).await), (1, [2, 1, 0, 0, 2]));
    running.shutdown().await.unwrap();
}

/// A child that ends at the moment in which it is stopped by hand stays down, and its group is left
/// alone.
#[tokio::test(start_paused = true)]
async fn a_stop_that_meets_the_end_of_its_child() {
    for strategy in [Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne] {
        let log = Log::default();
        let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
        let tree = Supervisor::new(strategy, limit(0)).children([a.spec(), b.spec()]);
        let (running, handle) = up(tree).await;
        let go = Arc::new(Notify::new());
        let stopping = tokio::spawn({
            let (handle, go) = (handle.clone(), Arc::clone(&go));
            async move {
                go.notified().await;
                handle.stop_child("a").await
            }
        });
        settle().await;
        // The supervisor receives both at once, the exit first.
        a.fail("now");
        go.notify_one();
        stopping.await.unwrap().unwrap();
        settle().await;
        assert_eq!(state(&handle, "a").await, ChildState::Stopped);
        assert_eq!((a.starts(), b.starts(), b.live()), (1, 1, 1));
        running.shutdown().await.unwrap();
    }
}
