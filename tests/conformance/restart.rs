//! The group `restart`: the children that are restarted, their groups, and the limit.

use std::time::Duration;

use sage_supervisor::{RestartConfig, RunningSupervisor, SageError, Strategy, Supervisor};
use sage_supervisor_tests::{Gated, Log, Puppet, limit, no_task_is_left, quiet_panics, settle};

use crate::{SECOND, up};

/// Three puppets under a limit of two, all up.
async fn three(strategy: Strategy, log: &Log) -> (RunningSupervisor, [Puppet; 3]) {
    quiet_panics();
    let puppets = ["a", "b", "c"].map(|name| Puppet::new(name, log));
    let children = puppets.each_ref().map(Puppet::spec);
    let (running, _) = up(Supervisor::new(strategy, limit(2)).children(children)).await;
    log.take();
    (running, puppets)
}

/// Waits for the end of a supervisor that reaches its limit, and returns the child that reached it.
async fn gives_up(running: RunningSupervisor) -> String {
    let error = running.wait().await.unwrap_err();
    let SageError::Supervisor(reached) = error else { panic!("{error}") };
    no_task_is_left().await;
    reached.child
}

/// Exits that are 2.1 s apart never reach a limit of one within a second.
#[tokio::test(start_paused = true)]
async fn multiple_restarts() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let config = RestartConfig { max_restarts: 1, within: SECOND };
    let (running, _) = up(Supervisor::new(Strategy::OneForOne, config).children([a.spec()])).await;
    for restarts in 1..=20 {
        a.fail("again");
        tokio::time::sleep(Duration::from_millis(2100)).await;
        assert_eq!(a.starts(), restarts + 1);
    }
    running.shutdown().await.unwrap();
}

/// Only the failed child is replaced; the third restart under a limit of two ends all children.
#[tokio::test(start_paused = true)]
async fn one_for_one() {
    let log = Log::default();
    let (running, [a, b, c]) = three(Strategy::OneForOne, &log).await;
    a.panic("expected: now");
    settle().await;
    assert_eq!(log.take(), "-a +a");
    b.fail("now");
    settle().await;
    assert_eq!(log.take(), "-b +b");
    b.fail("one too many");
    assert_eq!(gives_up(running).await, "b");
    assert_eq!(log.take(), "-b -c -a");
    assert_eq!(c.starts(), 1);
}

/// A child whose restart keeps failing ends its supervisor and its siblings when the limit is
/// reached. Exactly the four attempts that are allowed are made.
#[tokio::test(start_paused = true)]
async fn one_for_one_escalation() {
    let log = Log::default();
    let (a, b) = (Gated::new("a", &log), Puppet::new("b", &log));
    a.open();
    let tree = Supervisor::new(Strategy::OneForOne, limit(4)).children([a.spec(), b.spec()]);
    let (running, _) = up(tree).await;
    log.take();
    a.shut();
    for _ in 0..5 {
        a.puppet.fail("it cannot start");
    }
    assert_eq!(gives_up(running).await, "a");
    assert_eq!(log.take(), "-a +a -a +a -a +a -a +a -a -b");
}

/// All children are replaced, in order, and no old instance lives beside a new one; the limit
/// counts group restarts.
#[tokio::test(start_paused = true)]
async fn one_for_all() {
    let log = Log::default();
    let (running, [a, b, c]) = three(Strategy::OneForAll, &log).await;
    b.panic("expected: now");
    settle().await;
    assert_eq!(log.take(), "-b -c -a +a +b +c");
    a.fail("now");
    settle().await;
    assert_eq!(log.take(), "-a -c -b +a +b +c");
    assert_eq!([a.peak(), b.peak(), c.peak()], [1; 3]);
    c.fail("one too many");
    assert_eq!(gives_up(running).await, "c");
    assert_eq!(log.take(), "-c -b -a");
}

/// Another child of the group cannot be restarted. Its attempts count, and the limit ends all
/// children.
#[tokio::test(start_paused = true)]
async fn one_for_all_escalation() {
    let log = Log::default();
    let (a, b) = (Puppet::new("a", &log), Gated::new("b", &log));
    b.open();
    let tree = Supervisor::new(Strategy::OneForAll, limit(4)).children([a.spec(), b.spec()]);
    let (running, _) = up(tree).await;
    log.take();
    b.shut();
    a.fail("now");
    a.started(2).await;
    for _ in 0..4 {
        b.puppet.fail("it cannot start");
    }
    assert_eq!(gives_up(running).await, "b");
    assert_eq!(log.take(), "-a -b +a +b -b +b -b +b -b +b -b -a");
}

/// A later child of the group fails to start. OTP then stops the children that are up again and
/// retries from the first; ours leaves them up, and the retry begins with the failed child (rule
/// 15).
#[tokio::test(start_paused = true)]
async fn one_for_all_other_child_fails_restart() {
    let log = Log::default();
    let (a, b, c) = (Puppet::new("a", &log), Gated::new("b", &log), Puppet::new("c", &log));
    b.open();
    let tree =
        Supervisor::new(Strategy::OneForAll, limit(3)).children([a.spec(), b.spec(), c.spec()]);
    let (running, _) = up(tree).await;
    log.take();
    b.shut();
    c.fail("now");
    settle().await;
    assert_eq!(log.take(), "-c -b -a +a +b");
    b.puppet.fail("it cannot start");
    settle().await;
    assert_eq!(log.take(), "-b +b");
    b.open();
    settle().await;
    assert_eq!(log.take(), "+c");
    // The retry is over: the next restart is one of the whole group.
    b.puppet.fail("later");
    settle().await;
    assert_eq!(log.take(), "-b -c -a +a +b +c");
    running.shutdown().await.unwrap();
}

/// The children after the failed one are replaced with it, and the one before is not touched. The
/// limit ends all children.
#[tokio::test(start_paused = true)]
async fn rest_for_one() {
    let log = Log::default();
    let (running, [a, b, c]) = three(Strategy::RestForOne, &log).await;
    b.panic("expected: now");
    settle().await;
    assert_eq!(log.take(), "-b -c +b +c");
    c.fail("now");
    settle().await;
    assert_eq!(log.take(), "-c +c");
    assert_eq!([a.starts(), b.peak(), c.peak()], [1; 3]);
    a.fail("one too many");
    assert_eq!(gives_up(running).await, "a");
    assert_eq!(log.take(), "-a -c -b");
}

/// A later child cannot be restarted. Its attempts count, and the limit ends all children.
#[tokio::test(start_paused = true)]
async fn rest_for_one_escalation() {
    let log = Log::default();
    let (a, b) = (Puppet::new("a", &log), Gated::new("b", &log));
    b.open();
    let tree = Supervisor::new(Strategy::RestForOne, limit(2)).children([a.spec(), b.spec()]);
    let (running, _) = up(tree).await;
    log.take();
    b.shut();
    a.fail("now");
    a.started(2).await;
    b.puppet.fail("it cannot start");
    b.puppet.fail("it cannot start");
    assert_eq!(gives_up(running).await, "b");
    assert_eq!(log.take(), "-a -b +a +b -b +b -b -a");
}

/// A later child fails to start. The child before it, which is already restarted, is not restarted
/// again.
#[tokio::test(start_paused = true)]
async fn rest_for_one_other_child_fails_restart() {
    let log = Log::default();
    let [a, d] = ["a", "d"].map(|name| Puppet::new(name, &log));
    let (b, c) = (Puppet::new("b", &log), Gated::new("c", &log));
    c.open();
    let tree = Supervisor::new(Strategy::RestForOne, limit(3)).children([
        a.spec(),
        b.spec(),
        c.spec(),
        d.spec(),
    ]);
    let (running, _) = up(tree).await;
    log.take();
    c.shut();
    b.fail("now");
    settle().await;
    assert_eq!(log.take(), "-b -d -c +b +c");
    c.puppet.fail("it cannot start");
    settle().await;
    assert_eq!(log.take(), "-c +c");
    c.open();
    settle().await;
    assert_eq!(log.take(), "+d");
    assert_eq!([a.starts(), b.starts(), c.puppet.starts(), d.starts()], [1, 2, 3, 2]);
    running.shutdown().await.unwrap();
}
