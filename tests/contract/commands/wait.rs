//! Waits for the end and for a state of a child (rule 28).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, ChildState, CommandError, DynamicSupervisor, Exit, RestartPolicy,
    Shutdown, Strategy, Supervisor,
};
use sage_supervisor_tests::{Gated, Log, OnStop, Puppet, limit, settle, supervisor};
use tokio::sync::mpsc;

use super::{idle, started};

#[tokio::test(start_paused = true)]
async fn rule_28_the_end_of_an_instance_is_told_to_all_who_wait() {
    let a = Puppet::new("a", &Log::default());
    let (running, handle) = started(Strategy::OneForOne, [a.spec()]).await;
    let waits = [0; 3].map(|_| {
        let handle = handle.clone();
        tokio::spawn(async move { handle.ended("/root/a").await })
    });
    settle().await;
    a.fail("now");
    a.started(2).await;
    // The caller has not run since, and the child runs again.
    for wait in waits {
        assert_eq!(wait.await.unwrap().unwrap().to_string(), "error: now");
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_the_end_of_a_child_that_is_down_is_its_last_one() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let gate = Gated::new("gate", &log);
    let waits = a.spec().backoff(|_| Duration::from_secs(60));
    let specs = [waits, gate.spec(), b.spec()];
    let (running, handle) = started(Strategy::OneForOne, specs).await;
    // `b` was never started.
    handle.stop_child("b").await.unwrap();
    let never = handle.ended("b").await;
    assert!(matches!(never, Err(CommandError::Stopped { .. })), "{never:?}");
    gate.open();
    a.fail("first");
    handle.wait_for("a", ChildState::Restarting).await.unwrap();
    // While it waits for its backoff, the next end is meant.
    let next = {
        let handle = handle.clone();
        tokio::spawn(async move { handle.ended("a").await })
    };
    a.started(2).await;
    assert!(!next.is_finished());
    handle.stop_child("a").await.unwrap();
    assert!(matches!(next.await.unwrap().unwrap(), Exit::Shutdown));
    assert!(matches!(handle.ended("a").await.unwrap(), Exit::Shutdown));
    // A start that is cancelled has no end of its own.
    handle.restart_child("a").await.unwrap();
    a.fail("third");
    handle.wait_for("a", ChildState::Restarting).await.unwrap();
    let (next, stopped) = tokio::join!(handle.ended("a"), handle.stop_child("a"));
    assert_eq!((next.unwrap().to_string(), stopped.is_ok()), ("error: third".to_owned(), true));
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_an_end_is_told_before_the_child_is_forgotten() {
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    settle().await;
    let a = Puppet::new("a", &Log::default());
    pool.start_named("a", a.spec().restart(RestartPolicy::Temporary)).await.unwrap();
    let (end, state) = tokio::join!(pool.ended("a"), async {
        let finished = pool.wait_for("a", ChildState::Finished);
        tokio::join!(finished, async { a.finish() }).0
    });
    assert!(matches!(end.unwrap(), Exit::Normal));
    assert_eq!(state.unwrap().state, ChildState::Finished);
    assert!(matches!(pool.ended("a").await, Err(CommandError::NotFound { .. })));
    running.shutdown().await.unwrap();
}

/// The child is ready and ends in one turn, and its restart needs no time.
#[tokio::test(start_paused = true)]
async fn rule_28_a_state_that_passes_within_a_turn_is_not_missed() {
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    let a = ChildSpec::new("a", {
        let gate = Arc::clone(&gate);
        move |ctx: ChildContext| {
            let gate = Arc::clone(&gate);
            async move {
                gate.acquire().await.unwrap().forget();
                // The report is made without a yield, so the exit arrives in the same turn.
                let mut ready = std::pin::pin!(ctx.ready());
                std::future::poll_fn(|cx| {
                    let _ = ready.as_mut().poll(cx);
                    Poll::Ready(())
                })
                .await;
                Err::<(), _>("at once")
            }
        }
    });
    let a = a.ready_within(Duration::from_secs(9_000)).shutdown(Shutdown::BrutalKill);
    let (running, handle) = started(Strategy::OneForOne, [a]).await;
    let wait = |state| {
        let handle = handle.clone();
        tokio::spawn(async move { handle.wait_for("a", state).await })
    };
    let waits = [ChildState::Running, ChildState::Restarting].map(wait);
    settle().await;
    gate.add_permits(1);
    for wait in waits {
        tokio::time::timeout(Duration::from_secs(60), wait).await.unwrap().unwrap().unwrap();
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_given_up_child_and_a_higher_number_are_awaited() {
    let a = Puppet::new("a", &Log::default());
    let spec = a.spec().restart_limit(limit(1));
    let (running, handle) = started(Strategy::OneForOne, [spec, ChildSpec::new("b", idle)]).await;
    let given_up = {
        let handle = handle.clone();
        tokio::spawn(async move { handle.wait_for("a", ChildState::GivenUp).await })
    };
    a.fail("once");
    let again = handle.wait_until("a", |a| a.is_up() && a.restarts == 1).await.unwrap();
    assert_eq!(again.last_exit.unwrap().to_string(), "error: once");
    a.fail("twice");
    assert_eq!(given_up.await.unwrap().unwrap().restarts, 1);
    drop(running);
}

#[tokio::test(start_paused = true)]
async fn rule_28_waits_are_answered_when_the_supervisor_ends() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(3)));
    let nested = supervisor(Strategy::OneForOne).children([slow.spec()]);
    let running = Supervisor::new(Strategy::OneForOne, limit(3)).child("nested", nested).start();
    settle().await;
    let handle = running.handle();
    let wait = |state| {
        let handle = handle.clone();
        tokio::spawn(async move { handle.wait_for("nested/slow", state).await })
    };
    let waits = [ChildState::Finished, ChildState::Stopping].map(wait);
    let end = tokio::spawn({
        let handle = handle.clone();
        async move { handle.ended("nested/slow").await }
    });
    settle().await;
    running.shutdown().await.unwrap();
    let [finished, stopping] = waits;
    let refused = finished.await.unwrap();
    assert!(matches!(refused, Err(CommandError::NotRunning { .. })), "{refused:?}");
    stopping.await.unwrap().unwrap();
    assert!(matches!(end.await.unwrap().unwrap(), Exit::Shutdown));
    let after = handle.ended("nested/slow").await;
    assert!(matches!(after, Err(CommandError::NotRunning { .. })), "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn rule_28_who_waits_for_a_child_that_is_removed_is_answered() {
    let a = Puppet::new("a", &Log::default());
    let (running, handle) =
        started(Strategy::OneForOne, [a.spec(), ChildSpec::new("b", idle)]).await;
    let wait = tokio::spawn({
        let handle = handle.clone();
        async move { handle.wait_for("a", ChildState::GivenUp).await }
    });
    settle().await;
    handle.stop_child("a").await.unwrap();
    handle.remove_child("a").await.unwrap();
    let answer = wait.await.unwrap();
    assert!(matches!(answer, Err(CommandError::NotFound { .. })), "{answer:?}");
    running.shutdown().await.unwrap();
}

/// A child would wait for itself, for what starts after it is ready, or beyond its own stop.
#[tokio::test(start_paused = true)]
async fn rule_28_no_child_waits_for_its_own_end_or_holds_up_what_it_waits_for() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let a = ChildSpec::new("a", move |ctx: ChildContext| {
        let tell = tell.clone();
        async move {
            let own = ctx.supervisor();
            let tell_kind = |answer: Result<(), CommandError>| {
                let is_refused = matches!(answer, Err(CommandError::WaitsForCaller { .. }));
                tell.send(is_refused).unwrap();
            };
            tell_kind(own.wait_for("b", ChildState::Running).await.map(drop));
            tell_kind(own.ended("a").await.map(drop));
            ctx.ready().await;
            tell_kind(own.ended("a").await.map(drop));
            tell_kind(own.wait_for("a", ChildState::Finished).await.map(drop));
            tell_kind(own.ended("/root/nested").await.map(drop));
            // The child takes no notice of its stop by itself.
            tell_kind(own.ended("first").await.map(drop));
        }
    });
    let a = a.ready_within(Duration::from_secs(60));
    let nested = supervisor(Strategy::OneForOne).children([
        ChildSpec::new("first", idle),
        a,
        ChildSpec::new("b", idle),
    ]);
    let running = supervisor(Strategy::OneForOne).child("nested", nested).start();
    running.started().await.unwrap();
    for _ in 0..5 {
        assert_eq!(told.recv().await, Some(true));
    }
    let asked = tokio::time::Instant::now();
    running.shutdown().await.unwrap();
    assert_eq!(asked.elapsed(), Duration::ZERO);
    assert_eq!(told.recv().await, Some(true));
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_condition_that_panics_harms_its_caller_alone() {
    let a = Puppet::new("a", &Log::default());
    let (running, handle) = started(Strategy::OneForOne, [a.spec()]).await;
    let wait = tokio::spawn({
        let handle = handle.clone();
        async move { handle.wait_until("a", |_| panic!("expected: no condition")).await }
    });
    let payload = wait.await.unwrap_err().into_panic();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"expected: no condition"));
    // A caller that has given up is not asked any more.
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = {
        let calls = Arc::clone(&calls);
        handle.wait_until("a", move |_| calls.fetch_add(1, Ordering::Relaxed) == usize::MAX)
    };
    let waited = tokio::time::timeout(Duration::from_millis(10), counted).await;
    assert!(waited.is_err());
    let before = calls.load(Ordering::Relaxed);
    a.fail("now");
    a.started(2).await;
    settle().await;
    assert_eq!(calls.load(Ordering::Relaxed), before);
    running.shutdown().await.unwrap();
}
