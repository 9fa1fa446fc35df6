//! Behaviour that OTP's own suite leaves untested: limits, simultaneous exits, groups, and
//! timeouts.

use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, ChildState, IntoChild, RestartConfig, RestartPolicy, SageError,
    Strategy, Supervisor, TemporarySiblings,
};
use sage_supervisor_tests::{Log, OnStop, Puppet, limit, settle, supervisor, unclean};
use tokio::time::{Instant, sleep, sleep_until};

use crate::{POLICIES, SECOND, counts, state, up};

/// The window is exact and closed: a restart that is exactly as old as the window counts, and one
/// that is a millisecond older does not. (OTP counts in whole seconds, so that its window is up to
/// a second longer.)
#[tokio::test(start_paused = true)]
async fn the_limit_is_exact_at_its_boundary() {
    for phase in [0, 1, 450, 500, 999] {
        for (apart, trips) in [(900, true), (1000, true), (1001, false), (1150, false)] {
            let log = Log::default();
            let a = Puppet::new("a", &log);
            let config = RestartConfig { max_restarts: 1, within: SECOND };
            let tree = Supervisor::new(Strategy::OneForOne, config).children([a.spec()]);
            let (running, handle) = up(tree).await;
            let first = Instant::now() + Duration::from_millis(phase);
            sleep_until(first).await;
            a.fail("first");
            sleep_until(first + Duration::from_millis(apart)).await;
            a.fail("second");
            settle().await;
            assert_eq!(handle.has_ended(), trips, "{apart} ms apart");
            drop(running);
        }
    }
}

/// Two children that end together are two restarts under `one_for_one`, and one under a group
/// strategy.
#[tokio::test(start_paused = true)]
async fn simultaneous_deaths_count_once_for_a_group_and_each_alone() {
    for (strategy, survives) in
        [(Strategy::OneForOne, false), (Strategy::OneForAll, true), (Strategy::RestForOne, true)]
    {
        let log = Log::default();
        let [a, b, c] = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
        let tree = Supervisor::new(strategy, limit(1)).children([a.spec(), b.spec(), c.spec()]);
        let (running, handle) = up(tree).await;
        c.fail("now");
        b.fail("now");
        settle().await;
        assert_eq!(handle.has_ended(), !survives, "{strategy:?}");
        if survives {
            let before = if strategy == Strategy::OneForAll { 2 } else { 1 };
            assert_eq!([a.starts(), b.starts(), c.starts()], [before, 2, 2]);
        }
        drop(running);
    }
}

/// `rest_for_one` is stopping the children after the failed one when a child before it fails. The
/// restart then begins with that child, and is still a single one.
#[tokio::test(start_paused = true)]
async fn a_death_before_the_root_during_a_group_restart_widens_it() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(SECOND * 3));
    let [first, a, b] = ["first", "a", "b"].map(|name| Puppet::new(name, &log));
    let tree = Supervisor::new(Strategy::RestForOne, limit(1)).children([
        first.spec(),
        a.spec(),
        b.spec(),
        slow.spec(),
    ]);
    let (running, handle) = up(tree).await;
    log.take();
    b.fail("now");
    sleep(SECOND).await;
    a.fail("meanwhile");
    sleep(SECOND * 3).await;
    assert_eq!(log.take(), "-b -a -slow +a +b +slow");
    assert!(!handle.has_ended());
    assert_eq!([&first, &a, &b, &slow].map(Puppet::peak), [1; 4]);
    running.shutdown().await.unwrap();
}

/// A group restart means the whole group: siblings that have finished, have declined or were
/// stopped by hand are started again with it. Only temporary children are left out, if the
/// supervisor is set so.
#[tokio::test(start_paused = true)]
async fn a_group_restart_revives_what_was_down() {
    for (siblings, expected) in [
        (TemporarySiblings::Restart, "-a +a +done +gone +stopped"),
        (TemporarySiblings::Remove, "-a +a +done +stopped"),
    ] {
        for strategy in [Strategy::OneForAll, Strategy::RestForOne] {
            let log = Log::default();
            let [a, done, gone, stopped] =
                ["a", "done", "gone", "stopped"].map(|name| Puppet::new(name, &log));
            let asked = Puppet::new("asked", &Log::default());
            let puppet = asked.clone();
            let declines = ChildSpec::new("declines", move |ctx: ChildContext| {
                let alive = puppet.alive();
                async move {
                    let _alive = alive;
                    ctx.decline().await;
                    ctx.cancelled().await;
                }
            });
            let tree = supervisor(strategy).temporary_siblings(siblings).children([
                a.spec(),
                done.spec().restart(RestartPolicy::Transient),
                gone.spec().restart(RestartPolicy::Temporary),
                stopped.spec(),
                declines.ready_within(SECOND),
            ]);
            let (running, handle) = up(tree).await;
            done.finish();
            gone.fail("for good");
            handle.stop_child("stopped").await.unwrap();
            settle().await;
            log.take();
            a.fail("now");
            settle().await;
            assert_eq!(log.take(), expected, "{strategy:?}");
            assert_eq!(asked.starts(), 2);
            assert_eq!(state(&handle, "stopped").await, ChildState::Running);
            running.shutdown().await.unwrap();
        }
    }
}

/// Only the owner, a handle or a parent stops a supervisor. A child that cancels its own token does
/// not, and neither does a handle or a context that is dropped. (OTP ignores an exit signal from
/// anyone but the parent.)
#[tokio::test(start_paused = true)]
async fn what_others_end_is_not_the_supervisors_end() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let loner = ChildSpec::new("loner", async |ctx: ChildContext| {
        ctx.token().cancel();
        assert!(!ctx.is_cancelled());
        drop((ctx.supervisor(), ctx.clone()));
        ctx.cancelled().await;
    });
    let (running, handle) = up(supervisor(Strategy::OneForAll).children([a.spec(), loner])).await;
    drop(handle.clone());
    drop(running.handle());
    sleep(SECOND * 100).await;
    assert_eq!(counts(&handle).await, [2, 2, 0, 0, 2]);
    assert_eq!(a.starts(), 1);
    running.shutdown().await.unwrap();
}

/// A transient supervisor that gives up is restarted, and escalates; only a temporary one is gone
/// for good. (In OTP it exits with `shutdown`, so that a transient one vanishes silently.) The
/// limits multiply.
#[tokio::test(start_paused = true)]
async fn a_supervisor_that_gives_up_is_a_failure_in_its_parent() {
    for policy in POLICIES {
        let log = Log::default();
        let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
        let inner = Supervisor::new(Strategy::OneForOne, limit(2)).children([a.spec()]);
        let tree = Supervisor::new(Strategy::OneForOne, limit(3))
            .children([b.spec(), inner.into_child("inner".to_owned()).restart(policy)]);
        let (running, handle) = up(tree).await;
        for _ in 0..12 {
            a.fail("again");
        }
        settle().await;
        if policy == RestartPolicy::Temporary {
            assert_eq!((a.starts(), b.live()), (3, 1));
            assert_eq!(state(&handle, "inner").await, ChildState::Finished);
            running.shutdown().await.unwrap();
        } else {
            assert_eq!((a.starts(), b.starts()), ((2 + 1) * (3 + 1), 1));
            let error = running.wait().await.unwrap_err();
            let SageError::Supervisor(reached) = error else { panic!("{error}") };
            assert_eq!(reached.child, "inner");
        }
    }
}

/// Two children that fail at once, for ever, are restarted in turn, and do not delay a third one.
#[tokio::test(start_paused = true)]
async fn two_failing_children_have_their_turns() {
    let log = Log::default();
    let [a, b, calm] = ["a", "b", "calm"].map(|name| Puppet::new(name, &log));
    let failing = |puppet: &Puppet| {
        let puppet = puppet.clone();
        ChildSpec::new(puppet.name().to_owned(), move |_| {
            let alive = puppet.alive();
            async move {
                let _alive = alive;
                Err::<(), _>(SageError::agent("at once"))
            }
        })
    };
    let tree = supervisor(Strategy::OneForOne).unlimited_restarts();
    let running = tree.children([failing(&a), failing(&b)]).start();
    let handle = running.handle();
    a.started(1_000).await;
    assert!(a.starts().abs_diff(b.starts()) <= 2, "{} {}", a.starts(), b.starts());
    handle.start_child(calm.spec()).await.unwrap();
    handle.restart_child("calm").await.unwrap();
    b.started(2_000).await;
    assert!(a.starts().abs_diff(b.starts()) <= 2, "{} {}", a.starts(), b.starts());
    running.shutdown().await.unwrap();
    assert_eq!((a.peak(), b.peak(), calm.starts(), calm.live()), (1, 1, 2, 0));
}

/// Children are stopped one at a time, so their shutdown times add up, in a shutdown as in a group
/// restart.
#[tokio::test(start_paused = true)]
async fn shutdown_times_add_up() {
    let log = Log::default();
    let stuck = ["b", "c", "d", "e"].map(|name| Puppet::with(name, &log, OnStop::Ignore));
    let a = Puppet::new("a", &log);
    let time = Duration::from_millis(200);
    let tree = supervisor(Strategy::OneForAll)
        .children([a.spec()])
        .children(stuck.each_ref().map(|stuck| stuck.spec().shutdown(time)));
    let (running, _) = up(tree).await;
    let before = Instant::now();
    a.fail("now");
    a.started(2).await;
    let took = before.elapsed().as_millis();
    assert!((800..820).contains(&took), "{took}");
    settle().await;
    let before = Instant::now();
    let late =
        ["e", "d", "c", "b"].map(|name| format!("root/{name}: killed, its shutdown timed out"));
    assert_eq!(unclean(running.shutdown().await), late.join("; "));
    let took = before.elapsed().as_millis();
    assert!((800..820).contains(&took), "{took}");
}
