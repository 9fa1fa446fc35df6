//! Children that have to send heartbeats (rule 31).

use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, EventKind, Exit, InvalidTreeKind, KillReason, RestartPolicy,
    SageError, Strategy, Supervisor,
};
use sage_supervisor_tests::{
    Blocker, Log, OnStop, Puppet, limit, no_task_is_left, settle, supervisor, unclean,
};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);
const MILLI: Duration = Duration::from_millis(1);
/// The failure of a child that does not hear that it is asked to stop.
const LATE: &str = "root/a: killed, its shutdown timed out";

/// A child that sends one heartbeat after each gap and then no more. Each start is sent to the
/// test.
fn beating(gaps: &'static [u64], starts: &mpsc::Sender<(Duration, Option<Exit>)>) -> ChildSpec {
    let (starts, began) = (starts.clone(), Instant::now());
    ChildSpec::new("a", move |ctx: ChildContext| {
        let starts = starts.clone();
        async move {
            starts.send((began.elapsed(), ctx.previous_exit().cloned())).unwrap();
            for &gap in gaps {
                sleep(Duration::from_millis(gap)).await;
                ctx.heartbeat();
            }
            std::future::pending::<()>().await;
        }
    })
    .heartbeat(SECOND * 10)
}

#[tokio::test(start_paused = true)]
async fn rule_31_a_child_that_stops_beating_is_killed_and_restarted() {
    let (tell, starts) = mpsc::channel();
    let running = Supervisor::new(Strategy::OneForOne, limit(9))
        .children([beating(&[9_999, 9_999, 1, 0, 5_000], &tell)])
        .start();
    let mut events = running.handle().tree_events();
    sleep(SECOND * 35).await;
    let all: Vec<_> = starts.try_iter().collect();
    assert_eq!(all.len(), 2);
    // The restart comes one interval after the last heartbeat, to the millisecond.
    assert_eq!(all[1].0, Duration::from_millis(9_999 * 2 + 1 + 5_000 + 10_000));
    assert!(matches!(all[1].1, Some(Exit::HeartbeatMissed(within)) if within == SECOND * 10));
    let mut told = vec![];
    while told.len() < 3 {
        match events.recv().await.unwrap().unwrap().kind {
            EventKind::Killed { reason, .. } => told.push(reason.to_string()),
            EventKind::Exited { exit, asked: false, .. } => told.push(exit.to_string()),
            EventKind::Restarting { used, .. } => told.push(used.to_string()),
            _ => {}
        }
    }
    assert_eq!(told, [&KillReason::HeartbeatMissed.to_string(), "no heartbeat within 10s", "1"]);
    assert_eq!(unclean(running.shutdown().await), LATE);
}

#[tokio::test(start_paused = true)]
async fn rule_31_a_beat_at_the_last_moment_is_in_time() {
    for (gap, is_missed) in [(9_999, false), (10_001, true)] {
        let (tell, starts) = mpsc::channel();
        let child = ChildSpec::new("a", move |ctx: ChildContext| {
            let tell = tell.clone();
            async move {
                tell.send(()).unwrap();
                loop {
                    sleep(Duration::from_millis(gap)).await;
                    ctx.heartbeat();
                }
            }
        });
        let child = child.heartbeat(SECOND * 10).restart(RestartPolicy::Transient);
        let running = Supervisor::new(Strategy::OneForOne, limit(9)).children([child]).start();
        sleep(SECOND * 15).await;
        assert_eq!(starts.try_iter().count() == 2, is_missed, "{gap}");
        assert_eq!(unclean(running.shutdown().await), LATE);
    }
}

#[tokio::test(start_paused = true)]
async fn rule_31_by_default_nobody_listens() {
    let a = Puppet::new("a", &Log::default());
    let running = supervisor(Strategy::OneForOne).children([a.spec()]).start();
    sleep(SECOND * 1_000_000).await;
    assert_eq!(a.starts(), 1);
    running.shutdown().await.unwrap();
}

/// The ready timeout applies until the child is ready. The heartbeat interval begins at that
/// moment.
#[tokio::test(start_paused = true)]
async fn rule_31_it_is_counted_from_readiness() {
    let (tell, starts) = mpsc::channel();
    let began = Instant::now();
    let child = ChildSpec::new("a", move |ctx: ChildContext| {
        let tell = tell.clone();
        async move {
            tell.send(began.elapsed()).unwrap();
            sleep(SECOND * 25).await;
            ctx.ready().await;
            std::future::pending::<()>().await;
        }
    });
    let child = child.ready_within(SECOND * 60).heartbeat(SECOND * 10);
    let running = Supervisor::new(Strategy::OneForOne, limit(9)).children([child]).start();
    sleep(SECOND * 36).await;
    assert_eq!(starts.try_iter().map(|at| at.as_secs()).collect::<Vec<_>>(), [0, 35]);
    assert_eq!(unclean(running.shutdown().await), LATE);
}

/// From the request to stop on, only the shutdown timeout applies.
#[tokio::test(start_paused = true)]
async fn rule_31_a_stop_suspends_it() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(SECOND * 60));
    let child = slow.spec().shutdown(SECOND * 100).heartbeat(SECOND * 10);
    let running = supervisor(Strategy::OneForOne).children([child]).start();
    sleep(SECOND * 9).await;
    let asked = Instant::now();
    running.shutdown().await.unwrap();
    assert_eq!((asked.elapsed(), log.take().as_str()), (SECOND * 60, "+slow -slow"));
}

#[tokio::test(start_paused = true)]
async fn rule_31_the_policy_says_what_follows() {
    for (policy, starts) in [
        (RestartPolicy::Permanent, 2),
        (RestartPolicy::Transient, 2),
        (RestartPolicy::Temporary, 1),
    ] {
        let a = Puppet::with("a", &Log::default(), OnStop::Ignore);
        let child = a.spec().restart(policy).heartbeat(SECOND);
        let running = Supervisor::new(Strategy::OneForOne, limit(9))
            .keep_alive(true)
            .children([child])
            .start();
        sleep(SECOND * 3 / 2).await;
        assert_eq!(a.starts(), starts, "{policy:?}");
        running.kill().await.unwrap();
        no_task_is_left().await;
    }
}

#[tokio::test(start_paused = true)]
async fn rule_31_a_missed_one_takes_its_group_along() {
    let log = Log::default();
    let (a, b) = (Puppet::new("a", &log), Puppet::new("b", &log));
    let running = Supervisor::new(Strategy::OneForAll, limit(9))
        .children([a.spec(), b.spec().heartbeat(SECOND)])
        .start();
    sleep(SECOND - MILLI).await;
    assert_eq!(log.take(), "+a +b");
    sleep(MILLI * 2).await;
    assert_eq!(log.take(), "-b -a +a +b");
    running.shutdown().await.unwrap();
}

/// A heartbeat from another task counts; a heartbeat for an instance that has ended does not.
#[tokio::test(start_paused = true)]
async fn rule_31_a_clone_of_the_context_beats_for_its_own_instance_only() {
    let contexts = Arc::new(std::sync::Mutex::new(Vec::<ChildContext>::new()));
    let kept = Arc::clone(&contexts);
    let child = ChildSpec::new("a", move |ctx: ChildContext| {
        kept.lock().unwrap().push(ctx);
        std::future::pending::<()>()
    });
    let running =
        Supervisor::new(Strategy::OneForOne, limit(9)).children([child.heartbeat(SECOND)]).start();
    settle().await;
    let count = || contexts.lock().unwrap().len();
    for _ in 0..10 {
        sleep(SECOND / 2).await;
        contexts.lock().unwrap()[0].heartbeat();
    }
    assert_eq!(count(), 1);
    sleep(SECOND * 3 / 2).await;
    assert_eq!(count(), 2);
    for _ in 0..4 {
        sleep(SECOND / 2).await;
        contexts.lock().unwrap()[0].heartbeat();
    }
    assert!(count() > 2, "the first one beats for nobody");
    assert_eq!(unclean(running.shutdown().await), LATE);
}

/// A blocked task cannot be killed. The task is reported as unresponsive, and no instance is
/// started beside it.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn rule_31_a_blocked_child_is_reported_as_unresponsive() {
    let (go, gate) = mpsc::channel::<()>();
    let (gate, entered) = (Arc::new(std::sync::Mutex::new(gate)), Arc::new(Notify::new()));
    let told = Arc::clone(&entered);
    let child = ChildSpec::new("a", move |ctx: ChildContext| {
        let (gate, told) = (Arc::clone(&gate), Arc::clone(&told));
        async move {
            told.notify_one();
            tokio::task::yield_now().await;
            if ctx.restarts() == 0 {
                let _ = gate.lock().unwrap().recv();
            }
            ctx.cancelled().await;
        }
    });
    let running = Supervisor::new(Strategy::OneForOne, limit(9))
        .kill_grace(MILLI * 20)
        .children([child.heartbeat(MILLI * 50)])
        .start();
    let mut events = running.handle().tree_events();
    entered.notified().await;
    let mut seen = vec![];
    while seen.last().is_none_or(|last| last != "unresponsive") {
        match events.recv().await.unwrap().unwrap().kind {
            EventKind::Killed { reason, .. } => seen.push(reason.to_string()),
            EventKind::Unresponsive { .. } => seen.push("unresponsive".to_owned()),
            EventKind::Started { instance, .. } => assert_eq!(instance, 1),
            _ => {}
        }
    }
    assert_eq!(seen, ["the heartbeat was missed", "unresponsive"]);
    go.send(()).unwrap();
    entered.notified().await;
    running.shutdown().await.unwrap();
}

/// No restart waits for a temporary child, so its unresponsive task does not end the supervisor.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn rule_23_one_that_is_blocked_and_not_to_be_restarted_ends_nobody() {
    let (blocker, release) = Blocker::new(&Log::default());
    let child = blocker.spec().restart(RestartPolicy::Temporary).heartbeat(MILLI * 20);
    let running = Supervisor::new(Strategy::OneForOne, limit(9))
        .keep_alive(true)
        .kill_grace(MILLI * 10)
        .unresponsive_timeout(MILLI)
        .children([child])
        .start();
    let mut events = running.handle().tree_events();
    blocker.blocks().await;
    while !matches!(events.recv().await.unwrap().unwrap().kind, EventKind::Unresponsive { .. }) {}
    // The pause is ten times the unresponsive timeout.
    sleep(MILLI * 10).await;
    assert!(!running.handle().has_ended());
    release.send(()).unwrap();
    while !matches!(events.recv().await.unwrap().unwrap().kind, EventKind::Exited { .. }) {}
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_4_a_heartbeat_needs_a_context_and_some_time() {
    let nested = supervisor(Strategy::OneForOne);
    let nested = sage_supervisor::IntoChild::into_child(nested, "a".to_owned()).heartbeat(SECOND);
    let deaf = ChildSpec::without_context("a", async || {}).heartbeat(SECOND);
    let hasty = ChildSpec::new("a", async |_: ChildContext| {}).heartbeat(Duration::ZERO);
    let needs_context = InvalidTreeKind::HeartbeatWithoutContext("a".to_owned());
    let needs_time = InvalidTreeKind::ZeroHeartbeat("a".to_owned());
    for (child, rule) in [(nested, &needs_context), (deaf, &needs_context), (hasty, &needs_time)] {
        let error = supervisor(Strategy::OneForOne).children([child]).start().wait().await;
        let SageError::Invalid(invalid) = error.unwrap_err() else { panic!() };
        assert_eq!(invalid.kind, *rule);
    }
}
