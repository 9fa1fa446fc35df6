//! Children that report when they are ready (rules 4, 6, 22 and 27).

use std::time::Duration;

use sage_supervisor::{
    BoxError, ChildContext, ChildSpec, InvalidTreeKind, RestartPolicy, SageError, Shutdown,
    Strategy, Supervisor,
};
use sage_supervisor_tests::{
    Gated, Log, OnStop, Puppet, limit, no_task_is_left, settle, supervisor,
};

const SECOND: Duration = Duration::from_secs(1);

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
async fn rule_6_declining_after_ready_is_ignored() {
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

/// A context that has outlived its instance cannot report readiness for the next one.
#[tokio::test(start_paused = true)]
async fn rule_6_the_messages_of_an_old_instance_are_ignored() {
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
async fn rule_4_readiness_needs_a_context_and_some_time() {
    let deaf = ChildSpec::without_context("deaf", || async {}).ready_within(SECOND);
    let hasty = ChildSpec::new("hasty", async |_| {}).ready_within(Duration::ZERO);
    let nested = sage_supervisor::IntoChild::into_child(
        supervisor(Strategy::OneForOne),
        "nested".to_owned(),
    );
    for (child, expected) in [
        (deaf, InvalidTreeKind::ReadyWithoutContext("deaf".to_owned())),
        (nested.ready_within(SECOND), InvalidTreeKind::ReadyWithoutContext("nested".to_owned())),
        (hasty, InvalidTreeKind::ZeroReadyWithin("hasty".to_owned())),
    ] {
        let error = supervisor(Strategy::OneForOne).children([child]).run().await.unwrap_err();
        let SageError::Invalid(invalid) = error else { panic!("{error}") };
        assert_eq!(invalid.kind, expected);
    }
}

/// A child without readiness that fails at once is not a failed start; it is restarted.
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

/// The ready timeout of an instance ends after that instance was asked to stop. It must not be
/// applied to a later instance.
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
    // The second instance starts at 0 s and has to be ready within 10 s. At 5 s it is asked to
    // stop, which takes until 13 s.
    trigger.fail("first");
    slow.puppet.started(2).await;
    tokio::time::sleep(SECOND * 5).await;
    trigger.fail("second");
    slow.open();
    slow.puppet.started(3).await;
    settle().await;
    // The third instance is asked to stop at once, and has 20 s from then on.
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

/// A ready timeout of more than a year counts as infinite, like all other times.
#[tokio::test(start_paused = true)]
async fn rule_6_no_time_to_be_ready_is_too_long() {
    for days in [1_000, u64::MAX / 86_400] {
        let a = ChildSpec::new("a", async |ctx: ChildContext| ctx.cancelled().await);
        let time = Duration::from_secs(days * 86_400);
        let running = supervisor(Strategy::OneForOne)
            .children([a.ready_within(time).heartbeat(time)])
            .start();
        settle().await;
        running.shutdown().await.unwrap();
    }
}
