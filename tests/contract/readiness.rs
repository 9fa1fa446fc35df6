//! Children that say when they are ready, and starts that fail (rules 6 to 8, 15 and 27).

use std::error::Error;
use std::time::Duration;

use sage_supervisor::{
    BoxError, ChildContext, ChildSpec, Exit, InvalidRule, RestartPolicy, SageError, Shutdown,
    StartFailure, Strategy, Supervisor,
};
use sage_supervisor_tests::{
    Log, OnStop, Puppet, limit, no_task_is_left, quiet_panics, settle, supervisor,
};
use tokio::sync::watch;

const SECOND: Duration = Duration::from_secs(1);

/// A puppet that is ready when its gate says so.
pub(crate) struct Gated {
    pub(crate) puppet: Puppet,
    open: watch::Sender<bool>,
}

impl Gated {
    pub(crate) fn new(name: &str, log: &Log) -> Self {
        Self::with(name, log, OnStop::Obey)
    }

    fn with(name: &str, log: &Log, on_stop: OnStop) -> Self {
        Self { puppet: Puppet::with(name, log, on_stop), open: watch::Sender::new(false) }
    }

    pub(crate) fn spec(&self) -> ChildSpec {
        let (puppet, open) = (self.puppet.clone(), self.open.clone());
        ChildSpec::new(self.puppet.name(), move |ctx: ChildContext| {
            let (puppet, mut open) = (puppet.clone(), open.subscribe());
            async move {
                let ready = async {
                    let _ = open.wait_for(|open| *open).await;
                    ctx.ready().await;
                    std::future::pending::<()>().await;
                };
                tokio::select! {
                    result = puppet.act_with(ctx.clone()) => result,
                    () = ready => Ok(()),
                }
            }
        })
        .ready_within(SECOND * 10)
    }

    pub(crate) fn open(&self) {
        self.open.send_replace(true);
    }

    pub(crate) fn shut(&self) {
        self.open.send_replace(false);
    }
}

#[tokio::test(start_paused = true)]
async fn rule_6_the_next_child_waits_until_the_one_before_is_ready() {
    let log = Log::default();
    let (a, b) = (Gated::new("a", &log), Puppet::new("b", &log));
    let running = supervisor(Strategy::OneForOne).children([a.spec(), b.spec()]).start();
    tokio::time::sleep(SECOND * 5).await;
    assert_eq!(log.take(), "+a");
    a.open();
    settle().await;
    assert_eq!(log.take(), "+b");
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_6_a_nested_supervisor_is_ready_when_its_children_are() {
    let log = Log::default();
    let (a, b) = (Gated::new("a", &log), Puppet::new("b", &log));
    let inner = supervisor(Strategy::OneForOne).children([a.spec()]);
    let running =
        supervisor(Strategy::OneForOne).child("inner", inner).children([b.spec()]).start();
    tokio::time::sleep(SECOND * 5).await;
    assert_eq!(log.take(), "+a");
    a.open();
    settle().await;
    assert_eq!(log.take(), "+b");
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_6_a_child_that_declines_stays_down_and_counts_as_started() {
    for policy in [RestartPolicy::Permanent, RestartPolicy::Transient, RestartPolicy::Temporary] {
        let log = Log::default();
        let declines = ChildSpec::new("declines", async |ctx: ChildContext| {
            assert_eq!(ctx.restarts(), 0);
            ctx.decline().await;
            ctx.cancelled().await;
        });
        let after = Puppet::new("after", &log);
        let running = Supervisor::new(Strategy::OneForAll, limit(0))
            .children([declines.restart(policy).ready_within(SECOND), after.spec()])
            .start();
        settle().await;
        assert_eq!(after.starts(), 1);
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn rule_6_declining_after_ready_is_not_heard() {
    let child = ChildSpec::new("child", async |ctx: ChildContext| {
        ctx.ready().await;
        ctx.decline().await;
        ctx.cancelled().await;
    });
    let running = supervisor(Strategy::OneForOne).children([child.ready_within(SECOND)]).start();
    settle().await;
    assert!(!running.handle().has_ended());
    running.shutdown().await.unwrap();
}

/// A context that outlived its instance says nothing for the next one.
#[tokio::test(start_paused = true)]
async fn rule_6_what_an_old_instance_says_is_not_heard() {
    let log = Log::default();
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let child = ChildSpec::new("child", move |ctx: ChildContext| {
        tell.send(ctx.clone()).unwrap();
        async move {
            match ctx.restarts() {
                0 => ctx.ready().await,
                _ => ctx.cancelled().await,
            }
        }
    });
    let after = Puppet::new("after", &log);
    let running = Supervisor::new(Strategy::OneForAll, limit(1))
        .children([child.ready_within(SECOND * 60), after.spec()])
        .start();
    settle().await;
    let old = told.recv().await.unwrap();
    old.ready().await;
    old.decline().await;
    settle().await;
    assert_eq!(after.starts(), 1, "the second instance is not ready");
    assert!(!running.handle().has_ended());
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_7_a_failed_first_start_stops_what_was_started_and_is_not_retried() {
    quiet_panics();
    for policy in [RestartPolicy::Permanent, RestartPolicy::Temporary] {
        for how in ["error: lost", "normal", "panic: expected: gone"] {
            let log = Log::default();
            let [a, b, d] = ["a", "b", "d"].map(|name| Puppet::new(name, &log));
            let c = Gated::new("c", &log);
            match how {
                "normal" => c.puppet.finish(),
                "error: lost" => c.puppet.fail("lost"),
                _ => c.puppet.panic("expected: gone"),
            }
            let running = supervisor(Strategy::OneForOne)
                .children([a.spec(), b.spec(), c.spec().restart(policy), d.spec()])
                .start();
            let error = running.wait().await.unwrap_err();
            assert_eq!(log.take(), "+a +b +c -c -b -a");
            assert_eq!(
                error.to_string(),
                format!(
                    "child `root/c` did not start: failed start: it ended before it was ready: {how}"
                )
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn rule_7_not_ready_in_time_is_a_failed_start() {
    let log = Log::default();
    let (a, b) = (Puppet::new("a", &log), Gated::with("b", &log, OnStop::After(SECOND)));
    let before = tokio::time::Instant::now();
    let running = supervisor(Strategy::OneForOne).children([a.spec(), b.spec()]).start();
    let error = running.wait().await.unwrap_err();
    assert_eq!(before.elapsed().as_secs(), 11, "its time, and a second to stop");
    let SageError::FailedStart(failed) = error else { panic!("{error}") };
    assert_eq!(failed.path, "root/b");
    let not_ready = Exit::FailedStart(StartFailure::NotReady(SECOND * 10));
    assert_eq!(failed.exit.to_string(), not_ready.to_string());
    assert_eq!(log.take(), "+a +b -b -a");
}

/// The failed start below is the failed start of the entry above, with the path as the cause.
#[tokio::test(start_paused = true)]
async fn rule_7_a_failed_start_below_is_one_above() {
    let log = Log::default();
    let [a, c] = ["a", "c"].map(|name| Puppet::new(name, &log));
    let b = Gated::new("b", &log);
    b.puppet.fail("no license");
    let inner = supervisor(Strategy::OneForOne).children([b.spec()]);
    let running = supervisor(Strategy::OneForOne)
        .children([a.spec()])
        .child("inner", inner)
        .children([c.spec()])
        .start();
    let error = running.wait().await.unwrap_err();
    let SageError::FailedStart(failed) = &error else { panic!("{error}") };
    assert_eq!(failed.path, "root/inner");
    let below = error.source().unwrap().downcast_ref::<SageError>().unwrap();
    let SageError::FailedStart(below) = below else { panic!("{below}") };
    assert_eq!(below.path, "root/inner/b");
    assert_eq!(below.exit.cause().unwrap().to_string(), "no license");
    assert_eq!(log.take(), "+a +b -b -a");
}

#[tokio::test(start_paused = true)]
async fn rule_8_a_failed_start_at_a_restart_is_retried_and_every_attempt_counts() {
    for strategy in [Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne] {
        let log = Log::default();
        let a = Gated::new("a", &log);
        a.open();
        let running = Supervisor::new(strategy, limit(3)).children([a.spec()]).start();
        settle().await;
        a.shut();
        // The end of the first instance, and of two that are not ready.
        for _ in 0..3 {
            a.puppet.fail("again");
        }
        settle().await;
        assert_eq!(a.puppet.starts(), 4, "{strategy:?}");
        a.puppet.fail("one too many");
        let error = running.wait().await.unwrap_err();
        let SageError::Supervisor(reached) = error else { panic!("{error}") };
        assert!(matches!(reached.exit, Exit::FailedStart(_)));
        assert_eq!(a.puppet.starts(), 4);
    }
}

#[tokio::test(start_paused = true)]
async fn rule_8_a_temporary_child_whose_restart_fails_stays_down() {
    let log = Log::default();
    let temporary = Gated::new("temporary", &log);
    let (a, z) = (Puppet::new("a", &log), Puppet::new("z", &log));
    temporary.open();
    let spec = temporary.spec().restart(RestartPolicy::Temporary);
    let running =
        Supervisor::new(Strategy::OneForAll, limit(1)).children([a.spec(), spec, z.spec()]).start();
    settle().await;
    log.take();
    temporary.shut();
    a.fail("now");
    settle().await;
    temporary.puppet.fail("it cannot start");
    settle().await;
    assert_eq!(log.take(), "-a -z -temporary +a +temporary -temporary +z");
    running.shutdown().await.unwrap();
}

/// Those started before the one that failed stay up; the retry begins with it.
#[tokio::test(start_paused = true)]
async fn rule_15_the_retry_of_a_group_start_is_rooted_at_the_child_that_failed() {
    for strategy in [Strategy::OneForAll, Strategy::RestForOne] {
        let log = Log::default();
        let (a, c) = (Puppet::new("a", &log), Puppet::new("c", &log));
        let b = Gated::new("b", &log);
        b.open();
        let running =
            Supervisor::new(strategy, limit(3)).children([a.spec(), b.spec(), c.spec()]).start();
        settle().await;
        log.take();
        b.shut();
        a.fail("now");
        settle().await;
        assert_eq!(log.take(), "-a -c -b +a +b");
        b.puppet.fail("it cannot start");
        settle().await;
        assert_eq!(log.take(), "-b +b", "`a` stays up, `c` waits");
        b.open();
        settle().await;
        assert_eq!(log.take(), "+c");
        running.shutdown().await.unwrap();
    }
}

/// In a group start the exit of a member that is already up restarts the group start, and counts.
#[tokio::test(start_paused = true)]
async fn rule_8_a_member_that_ends_during_a_group_start_restarts_it() {
    let log = Log::default();
    let (a, c) = (Puppet::new("a", &log), Puppet::new("c", &log));
    let b = Gated::new("b", &log);
    b.open();
    let running = Supervisor::new(Strategy::OneForAll, limit(2))
        .children([a.spec(), b.spec(), c.spec()])
        .start();
    settle().await;
    b.shut();
    c.fail("now");
    settle().await;
    log.take();
    a.fail("while `b` starts");
    settle().await;
    assert_eq!(log.take(), "-a -b +a +b");
    b.open();
    settle().await;
    assert_eq!(log.take(), "+c");
    a.fail("one too many");
    running.wait().await.unwrap_err();
}

/// During the first start `one_for_one` restarts such a child in its place, and then goes on.
#[tokio::test(start_paused = true)]
async fn rule_8_a_child_that_ends_during_the_first_start_is_restarted_in_its_place() {
    let log = Log::default();
    let (a, c) = (Puppet::new("a", &log), Puppet::new("c", &log));
    let b = Gated::new("b", &log);
    let running = supervisor(Strategy::OneForOne).children([a.spec(), b.spec(), c.spec()]).start();
    settle().await;
    a.fail("while `b` starts");
    settle().await;
    assert_eq!(log.take(), "+a +b -a +a");
    b.open();
    settle().await;
    assert_eq!(log.take(), "+c");
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_27_a_start_that_waits_for_ever_is_stopped_at_once() {
    let log = Log::default();
    let (a, c) = (Puppet::new("a", &log), Puppet::new("c", &log));
    let b = Gated::new("b", &log);
    let inner = supervisor(Strategy::OneForOne).children([
        a.spec(),
        b.spec().ready_within(SECOND * 100_000),
        c.spec(),
    ]);
    let running = supervisor(Strategy::OneForOne).child("inner", inner).start();
    tokio::time::sleep(SECOND * 1_000).await;
    let before = tokio::time::Instant::now();
    running.shutdown().await.unwrap();
    assert!(before.elapsed() < SECOND);
    assert_eq!(log.take(), "+a +b -b -a");
    no_task_is_left().await;
}

#[tokio::test(start_paused = true)]
async fn rule_23_a_late_start_that_does_not_stop_is_killed_and_retried() {
    let log = Log::default();
    let b = Gated::with("b", &log, OnStop::Ignore);
    b.open();
    let spec = b.spec().shutdown(SECOND);
    let running = Supervisor::new(Strategy::OneForOne, limit(5)).children([spec]).start();
    settle().await;
    b.shut();
    b.puppet.fail("now");
    b.puppet.started(3).await;
    assert_eq!(b.puppet.peak(), 1);
    b.open();
    settle().await;
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_4_readiness_needs_a_context_and_some_time() {
    let deaf = ChildSpec::without_context("deaf", || async {}).ready_within(SECOND);
    let hasty = ChildSpec::new("hasty", async |_| {}).ready_within(Duration::ZERO);
    let nested = sage_supervisor::IntoChild::into_child(
        supervisor(Strategy::OneForOne),
        "nested".to_owned(),
    );
    for (child, expected) in [
        (deaf, InvalidRule::ReadyWithoutContext("deaf".to_owned())),
        (nested.ready_within(SECOND), InvalidRule::ReadyWithoutContext("nested".to_owned())),
        (hasty, InvalidRule::ZeroReadyWithin("hasty".to_owned())),
    ] {
        let error = supervisor(Strategy::OneForOne).children([child]).run().await.unwrap_err();
        let SageError::Invalid(invalid) = error else { panic!("{error}") };
        assert_eq!(invalid.rule, expected);
    }
}

/// A child without readiness that fails at once is no failed start: it is restarted.
#[tokio::test(start_paused = true)]
async fn rule_6_without_readiness_a_child_counts_as_started_when_it_is_spawned() {
    let child = ChildSpec::new("child", async |ctx: ChildContext| {
        if ctx.restarts() == 0 {
            return Err::<(), BoxError>("at once".into());
        }
        ctx.cancelled().await;
        Ok(())
    });
    let child = child.shutdown(Shutdown::Infinity);
    let running = supervisor(Strategy::OneForOne).children([child]).start();
    settle().await;
    assert!(!running.handle().has_ended());
    running.shutdown().await.unwrap();
}

/// The time to become ready is over for an instance that has been asked to stop meanwhile: that is
/// not the deadline of a later one.
#[tokio::test(start_paused = true)]
async fn rule_22_the_deadline_of_an_old_instance_is_not_kept_for_a_new_one() {
    let log = Log::default();
    let slow = Gated::with("slow", &log, OnStop::After(SECOND * 8));
    let trigger = Puppet::new("trigger", &log);
    let spec = slow.spec().shutdown(SECOND * 20);
    slow.open();
    let running =
        Supervisor::new(Strategy::OneForAll, limit(5)).children([trigger.spec(), spec]).start();
    settle().await;
    slow.shut();
    // At 0 s the second instance starts, to be ready within 10 s; at 5 s it is asked to stop, which
    // takes it until 13 s.
    trigger.fail("first");
    slow.puppet.started(2).await;
    tokio::time::sleep(SECOND * 5).await;
    trigger.fail("second");
    slow.open();
    slow.puppet.started(3).await;
    settle().await;
    // The third is asked to stop at once, and has 20 s from then on.
    let before = tokio::time::Instant::now();
    trigger.fail("third");
    slow.puppet.started(4).await;
    assert_eq!(before.elapsed().as_secs(), 8, "it was let to finish");
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_6_every_instance_has_its_own_time_to_become_ready() {
    let log = Log::default();
    let (a, b) = (Puppet::new("a", &log), Gated::new("b", &log));
    b.open();
    let running =
        Supervisor::new(Strategy::OneForAll, limit(5)).children([a.spec(), b.spec()]).start();
    settle().await;
    b.shut();
    a.fail("`b` starts, to be ready within 10 s");
    tokio::time::sleep(SECOND * 5).await;
    a.fail("`b` is stopped while it starts, and starts again");
    settle().await;
    assert_eq!(b.puppet.starts(), 3);
    tokio::time::sleep(SECOND * 7).await;
    assert_eq!(b.puppet.starts(), 3, "it has had 7 s of its 10");
    running.shutdown().await.unwrap();
}
