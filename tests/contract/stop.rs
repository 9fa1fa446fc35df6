//! The stop of children (rules 22 and 27).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sage_supervisor::{ChildContext, ChildSpec, RunningSupervisor, Shutdown, Strategy};
use sage_supervisor_tests::{Log, OnStop, Puppet, settle, supervisor};
use tokio::time::Instant;

async fn idle(ctx: ChildContext) {
    ctx.cancelled().await;
}

/// The duration of an orderly stop, in milliseconds. Timers tick once a millisecond.
async fn stop(running: RunningSupervisor) -> u128 {
    settle().await;
    let before = Instant::now();
    let handle = running.handle();
    let result = running.shutdown().await;
    let report = handle.report().unwrap();
    // Nobody fails, so the result tells if anybody was killed for being late.
    assert_eq!(report.shutdown_timeouts.count, report.stop_failures.count);
    assert_eq!(result.is_ok(), report.is_clean(), "{report}");
    before.elapsed().as_millis()
}

fn about(expected: u128) -> std::ops::Range<u128> {
    expected..expected + 5
}

#[tokio::test(start_paused = true)]
async fn rule_22_a_worker_has_five_seconds_then_it_is_killed() {
    let log = Log::default();
    let stubborn = Puppet::with("a", &log, OnStop::Ignore);
    let took = stop(supervisor(Strategy::OneForOne).children([stubborn.spec()]).start()).await;
    assert!(about(5_000).contains(&took), "{took}");
    assert_eq!(log.take(), "+a -a");
}

#[tokio::test(start_paused = true)]
async fn rule_22_a_time_is_kept_to_and_infinity_waits() {
    let log = Log::default();
    for (setting, on_stop, expected) in [
        (Shutdown::Timeout(Duration::from_secs(2)), OnStop::Ignore, 2_000),
        (Shutdown::Timeout(Duration::from_secs(2)), OnStop::Obey, 0),
        (Shutdown::Timeout(Duration::ZERO), OnStop::Ignore, 0),
        (Shutdown::Infinity, OnStop::After(Duration::from_secs(100_000)), 100_000_000),
        (Shutdown::Timeout(Duration::MAX), OnStop::After(Duration::from_secs(9)), 9_000),
        (Shutdown::BrutalKill, OnStop::Ignore, 0),
    ] {
        let child = Puppet::with("a", &log, on_stop).spec().shutdown(setting);
        let took = stop(supervisor(Strategy::OneForOne).children([child]).start()).await;
        assert!(about(expected).contains(&took), "{setting:?}, {on_stop:?}: {took}");
    }
}

/// The ready timeout and the shutdown timeout end in the same millisecond.
#[tokio::test(start_paused = true)]
async fn rule_22_a_time_is_kept_to_also_if_that_to_be_ready_is_over_with_it() {
    for others in [0, 1] {
        let log = Log::default();
        let time = Duration::from_secs(2);
        // The child is asked to stop a millisecond after its start.
        let ready = time + Duration::from_millis(1);
        let child = Puppet::with("a", &log, OnStop::Ignore).spec();
        let tree = supervisor(Strategy::OneForOne)
            .children((0..others).map(|_| ChildSpec::new("b", idle).heartbeat(time * 9)))
            .children([child.ready_within(ready).shutdown(time)]);
        let took = stop(tree.start()).await;
        assert!(about(2_000).contains(&took), "{took}");
        assert_eq!(log.take(), "+a -a");
    }
}

/// The destructor of the child reports whether the request was made.
#[tokio::test(start_paused = true)]
async fn rule_22_a_brutally_killed_child_is_not_asked() {
    struct Asked(ChildContext, tokio::sync::mpsc::UnboundedSender<bool>);
    impl Drop for Asked {
        fn drop(&mut self) {
            self.1.send(self.0.is_cancelled()).unwrap();
        }
    }
    for (shutdown, expected) in
        [(Shutdown::BrutalKill, false), (Duration::from_secs(1).into(), true)]
    {
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        let child = ChildSpec::new("a", move |ctx: ChildContext| {
            let asked = Asked(ctx, tell.clone());
            async move {
                let _asked = asked;
                std::future::pending::<()>().await;
            }
        });
        let child = child.shutdown(shutdown);
        stop(supervisor(Strategy::OneForOne).children([child]).start()).await;
        assert_eq!(told.recv().await, Some(expected));
    }
}

/// A child that takes no context cannot hear the request, so it is killed at once by default. A
/// timeout of its own lets the child end by itself.
#[tokio::test(start_paused = true)]
async fn rule_22_a_child_without_a_context_is_killed_unless_it_is_given_time() {
    let log = Log::default();
    let deaf = Puppet::new("a", &log);
    let took = stop(supervisor(Strategy::OneForOne).children([deaf.deaf()]).start()).await;
    assert!(about(0).contains(&took), "{took}");

    let given_time = ChildSpec::without_context("a", || async {
        tokio::time::sleep(Duration::from_secs(3)).await;
    });
    let given_time = given_time.shutdown(Duration::from_secs(10));
    let took = stop(supervisor(Strategy::OneForOne).children([given_time]).start()).await;
    assert!(about(2_999).contains(&took), "it ended by itself: {took}");
}

#[tokio::test(start_paused = true)]
async fn rule_22_children_stop_one_at_a_time_in_reverse_and_their_times_add_up() {
    let log = Log::default();
    let slow = |name, seconds| {
        Puppet::with(name, &log, OnStop::After(Duration::from_secs(seconds))).spec()
    };
    let children = [slow("a", 1), slow("b", 2), slow("c", 3)];
    let took = stop(supervisor(Strategy::OneForOne).children(children).start()).await;
    assert!(about(6_000).contains(&took), "{took}");
    assert_eq!(log.take(), "+a +b +c -c -b -a");
}

#[tokio::test(start_paused = true)]
async fn rule_22_a_nested_supervisor_has_all_the_time_it_needs() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(60)));
    let nested =
        supervisor(Strategy::OneForOne).children([slow.spec().shutdown(Duration::from_secs(100))]);
    let took = stop(supervisor(Strategy::OneForOne).child("nested", nested).start()).await;
    assert!(about(60_000).contains(&took), "{took}");
}

/// Killing a supervisor aborts every descendant at once, and joins them all.
#[tokio::test(start_paused = true)]
async fn rule_22_a_supervisor_out_of_time_aborts_every_descendant_and_joins_them() {
    let log = Log::default();
    let stubborn =
        |name| Puppet::with(name, &log, OnStop::Ignore).spec().shutdown(Shutdown::Infinity);
    let deep = supervisor(Strategy::OneForOne).children([stubborn("b"), stubborn("c")]);
    let nested = supervisor(Strategy::OneForOne).children([stubborn("a")]).child("deep", deep);
    let tree = supervisor(Strategy::OneForOne)
        .children([Puppet::new("first", &log).spec()])
        .child("nested", nested.into_spec().shutdown(Duration::from_secs(7)));
    let took = stop(tree.start()).await;
    assert!(about(7_000).contains(&took), "{took}");
    let log = log.take();
    let (starts, ends) = log.split_at("+first +a +b +c ".len());
    assert_eq!(starts, "+first +a +b +c ");
    assert!(ends.ends_with("-first"), "{ends}");
    assert_eq!(ends.split(' ').count(), 4, "{ends}");
}

/// A way to set the shutdown of a nested supervisor, which only a spec has.
trait IntoSpec {
    fn into_spec(self) -> ChildSpec;
}

impl IntoSpec for sage_supervisor::Supervisor {
    fn into_spec(self) -> ChildSpec {
        sage_supervisor::IntoChild::into_child(self, "nested".to_owned())
    }
}

#[tokio::test(start_paused = true)]
async fn rule_27_a_shutdown_during_a_group_restart_takes_effect_at_once() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(3)));
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let running =
        supervisor(Strategy::OneForAll).children([a.spec(), slow.spec(), b.spec()]).start();
    settle().await;
    log.take();
    b.fail("now");
    settle().await;
    let took = stop(running).await;
    assert!(took <= 3_000, "{took}");
    assert_eq!(log.take(), "-b -slow -a", "nothing was started any more");
}

#[tokio::test(start_paused = true)]
async fn rule_27_a_shutdown_in_the_middle_of_the_first_start_starts_nothing_further() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    // The tree is so deep that the request arrives before all of it is up.
    let deep = (0..50).fold(supervisor(Strategy::OneForOne).child("idle", idle), |inner, _| {
        supervisor(Strategy::OneForOne).child("inner", inner)
    });
    let running = supervisor(Strategy::OneForOne)
        .children([a.spec()])
        .child("deep", deep)
        .children([b.spec()])
        .start();
    a.started(1).await;
    running.shutdown().await.unwrap();
    assert_eq!(log.take(), "+a -a");
    assert_eq!(b.starts(), 0);
}

#[tokio::test(start_paused = true)]
async fn rule_27_a_shutdown_before_the_first_poll_starts_nothing() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    supervisor(Strategy::OneForOne).children([a.spec()]).start().shutdown().await.unwrap();
    assert_eq!(log.take(), "");
}

/// The start of a hundred thousand children takes long, and a request in the middle of it takes
/// effect.
#[tokio::test(start_paused = true)]
async fn rule_27_a_shutdown_in_the_middle_of_a_long_start_starts_nothing_further() {
    let log = Log::default();
    let first = Puppet::new("first", &log);
    let started = Arc::new(AtomicUsize::new(0));
    let children = (0..100_000).map(|number| {
        let started = Arc::clone(&started);
        ChildSpec::new(format!("child-{number}"), move |ctx: ChildContext| {
            started.fetch_add(1, Ordering::Relaxed);
            idle(ctx)
        })
    });
    let tree = supervisor(Strategy::OneForOne).children([first.spec()]).children(children);
    let running = tree.start();
    first.started(1).await;
    running.shutdown().await.unwrap();
    let started = started.load(Ordering::Relaxed);
    assert!(started < 1_000, "{started} were started");
}

#[tokio::test(start_paused = true)]
async fn rule_27_a_second_shutdown_changes_nothing() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(3)));
    let running = supervisor(Strategy::OneForOne).children([slow.spec()]).start();
    settle().await;
    let handle = running.handle();
    let (first, second, owner) =
        tokio::join!(handle.shutdown(), handle.shutdown(), running.shutdown());
    assert!(first.is_ok() && second.is_ok() && owner.is_ok());
    handle.shutdown().await.unwrap();
}
