//! Failed starts, and their consequences (rules 7, 8, 15 and 23).

use std::error::Error;
use std::time::Duration;

use sage_supervisor::{Exit, RestartPolicy, SageError, StartFailure, Strategy, Supervisor};
use sage_supervisor_tests::{
    Gated, Log, OnStop, Puppet, limit, quiet_panics, settle, supervisor, unclean,
};

const SECOND: Duration = Duration::from_secs(1);

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
                format!("{error:#}"),
                format!("child `root/c` did not start: the child ended before it was ready: {how}")
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

/// A failed start in a nested supervisor is the failed start of its entry, with the path as the
/// cause.
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
    assert_eq!(error.to_string(), "child `root/inner` did not start");
    assert_eq!(
        format!("{error:#}"),
        "child `root/inner` did not start: child `root/inner/b` did not start: the child ended before \
         it was ready: error: no license"
    );
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
        // The failures are the end of the first instance and two starts that do not become ready.
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

/// The children that were started before the failed one stay up. The retry begins with the failed
/// child.
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

/// The exit of a member that is already up restarts a group start that is in progress, and counts
/// as a restart.
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

/// During the first start, `one_for_one` restarts the child in its place, and the start then goes
/// on.
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
    assert_eq!(unclean(running.shutdown().await), "root/b: killed, its shutdown timed out");
}

/// The supervisor is still starting, but the child was already up, so its failed start is that of a
/// restart.
#[tokio::test(start_paused = true)]
async fn rule_8_a_restart_that_fails_during_the_first_start_is_retried() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Gated::new(name, &log));
    a.open();
    let running =
        Supervisor::new(Strategy::OneForOne, limit(2)).children([a.spec(), b.spec()]).start();
    settle().await;
    a.shut();
    a.puppet.fail("while `b` starts");
    settle().await;
    a.puppet.fail("it cannot start");
    settle().await;
    assert_eq!(log.take(), "+a +b -a +a -a +a");
    a.open();
    b.open();
    settle().await;
    running.shutdown().await.unwrap();
}

/// The child was stopped by hand before its turn, so its first start happens in a group restart.
#[tokio::test(start_paused = true)]
async fn rule_8_a_first_attempt_with_its_group_is_retried() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Gated::new(name, &log));
    let running =
        Supervisor::new(Strategy::OneForAll, limit(2)).children([a.spec(), b.spec()]).start();
    settle().await;
    running.handle().stop_child("b").await.unwrap();
    a.open();
    settle().await;
    a.puppet.fail("now");
    settle().await;
    assert_eq!(log.take(), "+a -a +a +b");
    b.puppet.fail("it cannot start");
    settle().await;
    assert_eq!(log.take(), "-b +b");
    b.open();
    settle().await;
    running.shutdown().await.unwrap();
}
