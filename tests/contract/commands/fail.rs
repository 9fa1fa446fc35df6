//! Failures that are injected by hand (rule 28).

use std::io;
use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, ChildState, CommandError, EventKind, Exit, RestartPolicy, SageError,
    Strategy, Supervisor,
};
use sage_supervisor_tests::{Gated, Log, OnStop, Puppet, limit, settle, unclean};

use super::{idle, started, state};

#[tokio::test(start_paused = true)]
async fn rule_28_an_injected_failure_restarts_the_group_and_keeps_its_type() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let (running, handle) = started(Strategy::OneForAll, [a.spec(), b.spec()]).await;
    let mut events = handle.subscribe();
    handle.fail_child("b", io::Error::from(io::ErrorKind::TimedOut)).await.unwrap();
    a.started(2).await;
    b.started(2).await;
    let exit = events.next_matching(|event| matches!(event.kind, EventKind::Exited { .. })).await;
    let EventKind::Exited { exit, asked, .. } = exit.unwrap().unwrap().kind else { unreachable!() };
    let cause = exit.cause().and_then(|cause| cause.downcast_ref::<io::Error>()).unwrap();
    assert!(matches!(exit, Exit::Error(_)) && cause.kind() == io::ErrorKind::TimedOut && !asked);
    let restart = |kind: &EventKind| matches!(kind, EventKind::Restarting { siblings: 1, .. });
    assert!(events.next_matching(|event| restart(&event.kind)).await.unwrap().is_ok());
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_an_injected_failure_counts_for_the_limit() {
    let nested = Supervisor::new(Strategy::OneForOne, limit(5)).child("b", idle);
    let running = Supervisor::new(Strategy::OneForOne, limit(1))
        .child("nested", nested)
        .child("a", idle)
        .start();
    settle().await;
    let handle = running.handle();
    // The supervisor fails as a child, and its own children go down with it.
    handle.fail_child("nested", "first").await.unwrap();
    handle.wait_until("nested", |nested| nested.is_up() && nested.restarts == 1).await.unwrap();
    handle.fail_child("a", "second").await.unwrap();
    let error = running.wait().await.unwrap_err();
    let SageError::Supervisor(reached) = &error else { panic!("{error}") };
    assert_eq!((reached.child.as_str(), reached.exit.to_string().as_str()), ("a", "error: second"));
}

#[tokio::test(start_paused = true)]
async fn rule_28_an_injected_failure_before_readiness_is_a_failed_start() {
    let a = Gated::new("a", &Log::default());
    let (running, handle) = started(Strategy::OneForOne, [a.spec()]).await;
    handle.fail_child("a", "not today").await.unwrap();
    let error = running.wait().await.unwrap_err();
    let SageError::FailedStart(failed) = &error else { panic!("{error}") };
    assert_eq!(
        failed.exit.to_string(),
        "failed start: the child ended before it was ready: error: not today"
    );
}

/// An injected failure is no more than that of the child: in the final stop it makes the end unclean.
#[tokio::test(start_paused = true)]
async fn rule_28_an_injected_failure_in_the_final_stop_makes_it_unclean() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(3)));
    let (running, handle) =
        started(Strategy::OneForOne, [ChildSpec::new("a", idle), slow.spec()]).await;
    let closing = tokio::spawn(running.shutdown());
    settle().await;
    handle.fail_child("a", "late").await.unwrap();
    assert!(unclean(closing.await.unwrap()).contains("late"));
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_child_that_is_down_or_stopping_cannot_fail() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(3)));
    let waits = Puppet::new("waits", &log);
    let specs = [slow.spec(), waits.spec().backoff(|_| Duration::from_secs(60))];
    let (running, handle) = started(Strategy::OneForOne, specs).await;
    waits.fail("now");
    handle.wait_for("waits", ChildState::Restarting).await.unwrap();
    let error = handle.fail_child("waits", "x").await.unwrap_err();
    assert!(matches!(error, CommandError::Restarting { .. }), "{error:?}");
    let stopping = {
        let handle = handle.clone();
        tokio::spawn(async move { handle.stop_child("slow").await })
    };
    handle.wait_for("slow", ChildState::Stopping).await.unwrap();
    let error = handle.fail_child("slow", "x").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "child `root/slow` is stopping: only a child that is starting or running can be failed"
    );
    stopping.await.unwrap().unwrap();
    let error = handle.fail_child("slow", "x").await.unwrap_err();
    assert!(matches!(error, CommandError::NotUp { state: ChildState::Stopped, .. }), "{error:?}");
    let error = handle.fail_child("none", "x").await.unwrap_err();
    assert!(matches!(error, CommandError::NotFound { .. }), "{error:?}");
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_child_may_let_itself_fail() {
    let a = ChildSpec::new("a", |ctx: ChildContext| async move {
        if ctx.restarts() == 0 {
            ctx.supervisor().fail_child("a", "by itself").await.unwrap();
        }
        ctx.cancelled().await;
    });
    let (running, handle) =
        started(Strategy::OneForOne, [a.restart(RestartPolicy::Transient)]).await;
    let status = handle.wait_until("a", |a| a.is_up() && a.restarts == 1).await.unwrap();
    assert_eq!(status.last_exit.unwrap().to_string(), "error: by itself");
    assert_eq!(state(&handle, "a").await, ChildState::Running);
    running.shutdown().await.unwrap();
}

/// A thread goes on after it was killed, and its later word changes nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_28_an_injected_failure_outweighs_a_final_error_that_follows() {
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    let thread = ChildSpec::blocking("a", move |ctx: sage_supervisor::BlockingContext| {
        if ctx.restarts() == 0 {
            gate.lock().unwrap().recv().unwrap();
            ctx.fail_tree("too late");
        } else {
            let _ = ctx.wait_cancelled(Duration::from_secs(600));
        }
    });
    let (running, handle) = started(Strategy::OneForOne, [thread]).await;
    let failed = handle.fail_child("a", "injected");
    let opened = async {
        handle.wait_until("a", |a| a.state == ChildState::Stopping).await.unwrap();
        open.send(()).unwrap();
    };
    let (answer, ()) = tokio::join!(failed, opened);
    answer.unwrap();
    let status = handle.wait_until("a", |a| a.is_up() && a.restarts == 1).await.unwrap();
    assert_eq!(status.last_exit.unwrap().to_string(), "error: injected");
    running.shutdown().await.unwrap();
}
