//! Every caller gets an answer, whatever happens in the meantime (rule 28).

use std::sync::Arc;
use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, ChildState, CommandError, IntoChild, RestartPolicy, SageError,
    Shutdown, Strategy, Supervisor, TemporarySiblings,
};
use sage_supervisor_tests::{Log, OnStop, Puppet, limit, settle, supervisor};
use tokio::sync::{Barrier, Notify};
use tokio::time::timeout;

use crate::backoff::backoff;

const SECOND: Duration = Duration::from_secs(1);

async fn idle(ctx: ChildContext) {
    ctx.cancelled().await;
}

/// Many callers send commands without a pause while the tree ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rule_28_who_asks_while_the_tree_ends_is_answered() {
    for round in 0..2_000 {
        let nested = supervisor(Strategy::OneForOne).child("b", idle);
        let app = supervisor(Strategy::OneForOne).child("a", idle).child("nested", nested).start();
        let (handle, together) = (app.handle(), Arc::new(Barrier::new(9)));
        let askers: Vec<_> = (0..8)
            .map(|asker| {
                let (handle, together) = (handle.clone(), Arc::clone(&together));
                tokio::spawn(async move {
                    together.wait().await;
                    loop {
                        let gone = match (asker + round) % 4 {
                            0 => handle.counts().await.is_err(),
                            1 => handle.tree().await.is_err(),
                            2 => matches!(
                                handle.child("a").await,
                                Err(CommandError::NotRunning { .. })
                            ),
                            _ => {
                                let _ = handle.children_below("nested").await;
                                handle.has_ended()
                            }
                        };
                        if gone {
                            break;
                        }
                    }
                })
            })
            .collect();
        drop(handle);
        together.wait().await;
        app.shutdown().await.unwrap();
        for asker in askers {
            // Only a hang takes this long.
            timeout(SECOND * 60, asker).await.expect("it is answered").unwrap();
        }
    }
}

/// The child asks for a start, which queues behind a child that never comes up. If the caller had
/// to wait for the end of the supervisor, both would wait for ever.
#[tokio::test(start_paused = true)]
async fn rule_28_a_queued_start_is_refused_when_the_supervisor_closes() {
    let asker = ChildSpec::new("asker", async |ctx: ChildContext| {
        let start = ctx.supervisor().start_child(ChildSpec::new("late", idle)).await;
        assert!(matches!(start, Err(CommandError::NotRunning { .. })), "{start:?}");
        ctx.cancelled().await;
    });
    let slow = ChildSpec::new("slow", idle).ready_within(SECOND * 100_000);
    let app = supervisor(Strategy::OneForOne)
        .children([asker.shutdown(Shutdown::Infinity), slow])
        .start();
    settle().await;
    timeout(SECOND, app.shutdown()).await.expect("it ends at once").unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_restart_with_its_group_is_refused_when_the_supervisor_closes() {
    let log = Log::default();
    let (go, wait) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (asks, asked) = (Arc::clone(&go), Arc::clone(&wait));
    let asker = ChildSpec::new("asker", move |ctx: ChildContext| {
        let (asks, asked) = (Arc::clone(&asks), Arc::clone(&asked));
        async move {
            asks.notified().await;
            asked.notify_one();
            let answer = ctx.supervisor().restart_child("c").await;
            assert!(matches!(answer, Err(CommandError::NotRunning { .. })), "{answer:?}");
            ctx.cancelled().await;
        }
    });
    let slow = Puppet::with("slow", &log, OnStop::After(SECOND * 3_600));
    let c = Puppet::new("c", &log);
    let app = Supervisor::new(Strategy::RestForOne, limit(3))
        .children([asker.shutdown(Shutdown::Infinity)])
        .children([slow.spec().shutdown(Shutdown::Infinity), c.spec()])
        .start();
    settle().await;
    // The group of `slow` is being stopped. `c` is already down, and waits for the end of that
    // stop.
    let handle = app.handle();
    let restart = tokio::spawn(async move { handle.restart_child("slow").await });
    settle().await;
    c.fail("now");
    settle().await;
    go.notify_one();
    wait.notified().await;
    settle().await;
    timeout(SECOND * 3_601, app.shutdown()).await.expect("it ends").unwrap();
    assert!(restart.await.unwrap().is_err());
}

/// A temporary child is being restarted by hand when its group is restarted, and the group restart
/// leaves the child out.
#[tokio::test(start_paused = true)]
async fn rule_28_a_restart_that_its_group_overtakes_is_refused() {
    let log = Log::default();
    let slow = Puppet::with("t", &log, OnStop::After(SECOND * 3));
    let p = Puppet::new("p", &log);
    let app = Supervisor::new(Strategy::OneForAll, limit(3))
        .temporary_siblings(TemporarySiblings::Remove)
        .children([slow.spec().restart(RestartPolicy::Temporary), p.spec()])
        .start();
    let handle = app.handle();
    settle().await;
    let asking = handle.clone();
    let restart = tokio::spawn(async move { asking.restart_child("t").await });
    settle().await;
    p.fail("now");
    let answer = timeout(SECOND * 60, restart).await.expect("it is answered").unwrap();
    assert!(matches!(answer, Err(CommandError::Restarting { .. })), "{answer:?}");
    p.started(2).await;
    settle().await;
    assert_eq!(handle.child("t").await.unwrap().state, ChildState::Finished);
    app.shutdown().await.unwrap();
}

/// The child is being stopped because it was not ready in time. A command that comes during this
/// stop decides what follows it.
#[tokio::test(start_paused = true)]
async fn rule_28_what_is_asked_of_a_child_that_is_too_late_is_done() {
    for restart in [true, false] {
        let late = ChildSpec::new("late", async |ctx: ChildContext| {
            if ctx.restarts() > 0 {
                ctx.ready().await;
            }
            ctx.cancelled().await;
            tokio::time::sleep(SECOND * 2).await;
        });
        let app = supervisor(Strategy::OneForOne)
            .children([late.ready_within(SECOND * 5), ChildSpec::new("b", idle)])
            .start();
        let handle = app.handle();
        tokio::time::sleep(SECOND * 6).await;
        if restart {
            handle.restart_child("late").await.unwrap();
        } else {
            handle.stop_child("late").await.unwrap();
        }
        handle.started().await.unwrap();
        let expected = if restart { ChildState::Running } else { ChildState::Stopped };
        assert_eq!(handle.child("late").await.unwrap().state, expected);
        assert_eq!(handle.child("b").await.unwrap().state, ChildState::Running);
        app.shutdown().await.unwrap();
    }
}

/// A caller that waits for the first start gets the result of the start, or the error that
/// prevented it.
#[tokio::test(start_paused = true)]
async fn rule_6_callers_that_wait_for_the_first_start_are_answered() {
    let log = Log::default();
    let gated = sage_supervisor_tests::Gated::new("a", &log);
    let inner = supervisor(Strategy::OneForOne).children([gated.spec().ready_within(SECOND * 9)]);
    let app = supervisor(Strategy::OneForOne).child("inner", inner).child("b", idle).start();
    assert!(timeout(SECOND, app.started()).await.is_err(), "it is not ready");
    gated.open();
    timeout(SECOND, app.started()).await.expect("it is up").unwrap();
    assert_eq!(app.handle().child("b").await.unwrap().state, ChildState::Running);
    timeout(SECOND, app.handle().started()).await.expect("it was up before").unwrap();
    app.shutdown().await.unwrap();

    let never = ChildSpec::new("a", idle).ready_within(SECOND);
    let app = supervisor(Strategy::OneForOne).children([never]).start();
    let error = app.started().await.unwrap_err();
    assert!(matches!(error, SageError::FailedStart(_)), "{error}");
}

/// The child has been restarted by hand and is not ready yet when its group is restarted. Its start
/// within the group fails, and is retried with the group.
#[tokio::test(start_paused = true)]
async fn rule_8_a_restart_by_hand_that_its_group_overtakes_is_the_groups() {
    let log = Log::default();
    let gated = sage_supervisor_tests::Gated::new("b", &log);
    let a = Puppet::new("a", &log);
    let app = Supervisor::new(Strategy::OneForAll, limit(9))
        .children([a.spec(), gated.spec().ready_within(SECOND * 10)])
        .start();
    let handle = app.handle();
    gated.open();
    app.started().await.unwrap();
    gated.shut();
    let asking = handle.clone();
    let restart = tokio::spawn(async move { asking.restart_child("b").await });
    settle().await;
    a.fail("takes it along");
    // The start within the group exceeds its ready timeout and is retried.
    gated.puppet.started(4).await;
    gated.open();
    settle().await;
    assert_eq!(handle.child("b").await.unwrap().state, ChildState::Running);
    assert!(restart.await.unwrap().is_err(), "the start it waited for has failed");
    app.shutdown().await.unwrap();
}

/// The commands arrive before the kill, and the supervisor takes all of them from its mailbox at
/// once.
#[tokio::test(start_paused = true)]
async fn rule_28_what_waits_in_a_supervisor_that_is_killed_does_not_come_back() {
    let a = Puppet::new("a", &Log::default());
    let inner = Supervisor::new(Strategy::OneForOne, limit(0)).children([a.spec()]);
    let inner = IntoChild::into_child(inner, "inner".into()).backoff(backoff());
    let outer = supervisor(Strategy::OneForOne).children([inner]);
    let app = supervisor(Strategy::OneForOne).child("outer", outer).start();
    let handle = app.handle();
    settle().await;
    a.fail("now");
    settle().await;
    assert_eq!(handle.child("outer/inner").await.unwrap().state, ChildState::Restarting);
    let (start, stop, shown, killed) = tokio::join!(
        handle.start_child_below("outer/inner", ChildSpec::new("b", idle)),
        handle.stop_child("outer/inner/a"),
        handle.child("outer/inner"),
        app.kill(),
    );
    assert!(matches!(start, Err(CommandError::NotRunning { .. })), "{start:?}");
    assert!(matches!(stop, Err(CommandError::NotRunning { .. })), "{stop:?}");
    let shown = shown.unwrap();
    assert_eq!((shown.state, shown.restarts_at), (ChildState::Finished, None));
    killed.unwrap();
    assert_eq!(a.starts(), 1);
}

/// The supervisor receives the failure of a child and the request to stop at once.
#[tokio::test(start_paused = true)]
async fn rule_29_nothing_is_restarting_in_what_closes() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let slow = Puppet::with("slow", &log, OnStop::After(SECOND));
    let app = Supervisor::new(Strategy::OneForOne, limit(3)).children([a.spec(), slow.spec()]);
    let app = app.start();
    let handle = app.handle();
    settle().await;
    a.fail("now");
    // This task runs after the child has failed and before the supervisor has handled the exit.
    let asking = tokio::spawn(async move {
        let (ended, shown) = tokio::join!(app.shutdown(), handle.child("a"));
        ended.unwrap();
        shown
    });
    let shown = asking.await.unwrap().unwrap();
    assert_eq!(shown.state, ChildState::Finished);
    assert_eq!(a.starts(), 1);
}
