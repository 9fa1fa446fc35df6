//! Group restarts that wait for a delay, and stops during such a wait (rules 21 and 27).

use std::time::Duration;

use sage_supervisor::{
    AutoShutdown, ChildContext, ChildSpec, ChildState, CommandError, DynamicSupervisor,
    RestartPolicy, Strategy, Supervisor,
};
use sage_supervisor_tests::{Log, OnStop, Puppet, limit, no_task_is_left, settle, supervisor};
use tokio::time::{Instant, sleep};

use crate::backoff::backoff;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn rule_21_a_shutdown_does_not_wait() {
    for strategy in [Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne] {
        let a = Puppet::new("a", &Log::default());
        let running =
            Supervisor::new(strategy, limit(10)).backoff(backoff()).children([a.spec()]).start();
        settle().await;
        a.fail("again");
        settle().await;
        let asked = Instant::now();
        running.shutdown().await.unwrap();
        assert_eq!((asked.elapsed(), a.starts()), (Duration::ZERO, 1), "{strategy:?}");
        no_task_is_left().await;
    }
}

#[tokio::test(start_paused = true)]
async fn rule_21_a_group_waits_down() {
    let log = Log::default();
    let [a, b, c] = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
    let running = Supervisor::new(Strategy::RestForOne, limit(10))
        .backoff(backoff())
        .children([a.spec(), b.spec(), c.spec()])
        .start();
    let handle = running.handle();
    settle().await;
    log.take();
    let began = Instant::now();
    b.fail("again");
    settle().await;
    assert_eq!(log.take(), "-b -c");
    for (path, expected) in
        [("a", ChildState::Running), ("b", ChildState::Restarting), ("c", ChildState::Restarting)]
    {
        let status = handle.child(path).await.unwrap();
        assert_eq!((status.state, status.restarts_at.is_some()), (expected, path != "a"));
    }
    c.started(2).await;
    assert_eq!((log.take().as_str(), began.elapsed()), ("+b +c", SECOND));
    running.shutdown().await.unwrap();
}

/// The delay counts from the failure, not from the end of the stop.
#[tokio::test(start_paused = true)]
async fn rule_21_a_group_that_stops_slowly_waits_no_longer() {
    let log = Log::default();
    for (stop, starts_after) in [(SECOND / 2, SECOND), (SECOND * 3, SECOND * 3)] {
        let a = Puppet::new("a", &log);
        let slow = Puppet::with("slow", &log, OnStop::After(stop));
        let running = Supervisor::new(Strategy::OneForAll, limit(10))
            .backoff(backoff())
            .children([a.spec(), slow.spec()])
            .start();
        settle().await;
        let began = Instant::now();
        a.fail("again");
        a.started(2).await;
        assert_eq!(began.elapsed(), starts_after);
        running.shutdown().await.unwrap();
    }
}

/// The exit of a child before the root widens the restart while its group waits. The wait goes on.
#[tokio::test(start_paused = true)]
async fn rule_21_a_group_that_waits_is_widened() {
    let log = Log::default();
    let [a, b, c] = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
    let running = Supervisor::new(Strategy::RestForOne, limit(1))
        .backoff(backoff())
        .children([a.spec(), b.spec(), c.spec()])
        .start();
    settle().await;
    let began = Instant::now();
    c.fail("again");
    sleep(SECOND / 2).await;
    log.take();
    a.fail("too");
    settle().await;
    assert_eq!(log.take(), "-a -b");
    c.started(2).await;
    assert_eq!((log.take().as_str(), began.elapsed()), ("+a +b +c", SECOND));
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_21_a_restart_by_hand_ends_the_wait_of_its_group() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let running = Supervisor::new(Strategy::OneForAll, limit(10))
        .backoff(backoff())
        .children([a.spec(), b.spec()])
        .start();
    let handle = running.handle();
    settle().await;
    a.fail("again");
    settle().await;
    log.take();
    let asked = Instant::now();
    handle.restart_child("b").await.unwrap();
    assert_eq!((log.take().as_str(), asked.elapsed()), ("+a +b", Duration::ZERO));
    sleep(SECOND * 100).await;
    assert_eq!(log.take(), "");
    running.shutdown().await.unwrap();
}

/// The heartbeat keeps another deadline pending, so the cancelled deadline of the first wait is
/// still in the heap.
#[tokio::test(start_paused = true)]
async fn rule_21_a_wait_that_was_ended_by_hand_does_not_end_the_next() {
    let log = Log::default();
    let [beats, a, b] = ["beats", "a", "b"].map(|name| Puppet::new(name, &log));
    let running = Supervisor::new(Strategy::RestForOne, limit(10))
        .backoff(backoff())
        .children([beats.spec().heartbeat(SECOND * 1_000), a.spec(), b.spec()])
        .start();
    settle().await;
    a.fail("again");
    settle().await;
    running.handle().restart_child("b").await.unwrap();
    a.started(2).await;
    let failed = Instant::now();
    a.fail("again");
    a.started(3).await;
    assert_eq!(failed.elapsed(), SECOND * 2);
    running.shutdown().await.unwrap();
}

/// A child of a dynamic supervisor still counts towards `max_children` while it waits, and leaves
/// nothing behind when it is stopped.
#[tokio::test(start_paused = true)]
async fn rule_21_dynamic_children_wait_alone() {
    let pool = DynamicSupervisor::new().backoff(backoff()).max_children(2);
    let running = pool.clone().start();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &Log::default()));
    for puppet in [&a, &b] {
        pool.start_child(puppet.spec()).await.unwrap();
    }
    settle().await;
    a.fail("again");
    settle().await;
    assert_eq!(pool.child("a-1").await.unwrap().state, ChildState::Restarting);
    let full = pool.start_child(ChildSpec::new("c", async |_: ChildContext| {})).await;
    assert!(matches!(full, Err(CommandError::MaxChildren { .. })));
    pool.stop_child("a-1").await.unwrap();
    assert_eq!(pool.counts().await.unwrap().specs, 1);
    sleep(SECOND * 10).await;
    assert_eq!((a.starts(), b.starts()), (1, 1));
    running.shutdown().await.unwrap();
}

/// The sibling stops slowly, so the delay of the restart ends in the middle of the stop.
#[tokio::test(start_paused = true)]
async fn rule_27_a_wait_that_ends_during_a_stop_starts_nothing() {
    for nested in [false, true] {
        let log = Log::default();
        let slow = Puppet::with("slow", &log, OnStop::After(SECOND * 5));
        let a = Puppet::new("a", &log);
        let mut tree = Supervisor::new(Strategy::OneForOne, limit(10))
            .children([slow.spec().shutdown(SECOND * 60), a.spec().backoff(backoff())]);
        if nested {
            tree = supervisor(Strategy::OneForOne).child("inner", tree);
        }
        let running = tree.start();
        settle().await;
        a.fail("waits");
        sleep(SECOND / 2).await;
        let handle = running.handle();
        let stop = tokio::spawn(running.shutdown());
        settle().await;
        let path = if nested { "inner/a" } else { "a" };
        assert_eq!(handle.child(path).await.unwrap().state, ChildState::Finished);
        stop.await.unwrap().unwrap();
        assert_eq!((a.starts(), log.take().as_str()), (1, "+slow +a -a -slow"));
        no_task_is_left().await;
    }
}

#[tokio::test(start_paused = true)]
async fn rule_27_a_wait_that_ends_while_dynamic_children_stop_starts_nothing() {
    let log = Log::default();
    let pool = DynamicSupervisor::new().backoff(backoff());
    let running = pool.clone().start();
    let slow = Puppet::with("slow", &log, OnStop::After(SECOND * 5));
    let a = Puppet::new("a", &log);
    pool.start_child(slow.spec().shutdown(SECOND * 60)).await.unwrap();
    pool.start_child(a.spec()).await.unwrap();
    settle().await;
    a.fail("waits");
    sleep(SECOND / 2).await;
    tokio::time::timeout(SECOND * 60, running.shutdown()).await.expect("it ends").unwrap();
    assert_eq!(a.starts(), 1);
}

/// The root of the group is removed. The other children wait on, and the wait leaves nothing
/// behind.
#[tokio::test(start_paused = true)]
async fn rule_21_a_group_waits_on_without_the_child_that_failed() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let running = Supervisor::new(Strategy::RestForOne, limit(10))
        .children([a.spec().backoff(|_: u32| SECOND * 30), b.spec()])
        .start();
    let handle = running.handle();
    settle().await;
    let failed = Instant::now();
    a.fail("waits");
    settle().await;
    handle.stop_child("a").await.unwrap();
    handle.remove_child("a").await.unwrap();
    b.started(2).await;
    assert_eq!(failed.elapsed(), SECOND * 30);
    // Nothing is left of that wait: `b` itself has no backoff.
    let failed = Instant::now();
    b.fail("at once");
    b.started(3).await;
    assert_eq!(failed.elapsed(), Duration::ZERO);
    running.shutdown().await.unwrap();
}

/// The child will be started again, so it has not ended for good.
#[tokio::test(start_paused = true)]
async fn rule_24_all_a_significant_child_that_waits_to_be_restarted_is_left() {
    let log = Log::default();
    let [a, b, c] = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
    let significant =
        |puppet: &Puppet| puppet.spec().restart(RestartPolicy::Transient).significant();
    let running = Supervisor::new(Strategy::OneForOne, limit(10))
        .auto_shutdown(AutoShutdown::AllSignificant)
        .children([significant(&a).backoff(backoff()), significant(&b), c.spec()])
        .start();
    settle().await;
    a.fail("waits");
    settle().await;
    b.finish();
    settle().await;
    assert!(!running.handle().has_ended());
    a.started(2).await;
    // Both children end again, now in the same turn; then `a` ends for good.
    running.handle().restart_child("b").await.unwrap();
    a.fail("waits");
    b.finish();
    settle().await;
    assert!(!running.handle().has_ended());
    a.started(3).await;
    a.finish();
    running.wait().await.unwrap();
    assert_eq!((a.starts(), b.starts(), c.starts()), (3, 2, 1));
}

/// A child that is stopped by hand while it waits has ended for good.
#[tokio::test(start_paused = true)]
async fn rule_24_all_a_significant_child_whose_wait_is_cancelled_is_not_left() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let significant =
        |puppet: &Puppet| puppet.spec().restart(RestartPolicy::Transient).significant();
    let running = Supervisor::new(Strategy::OneForOne, limit(10))
        .auto_shutdown(AutoShutdown::AllSignificant)
        .keep_alive(true)
        .children([significant(&a).backoff(backoff()), significant(&b)])
        .start();
    settle().await;
    a.fail("waits");
    settle().await;
    running.handle().stop_child("a").await.unwrap();
    b.finish();
    running.wait().await.unwrap();
}

/// Deadlines that are always cancelled and never pass do no harm, even after years.
#[tokio::test(start_paused = true)]
async fn rule_21_endless_waits_that_are_cut_short_for_years_do_no_harm() {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let log = Log::default();
    let names = ["a", "b", "c", "d", "e"];
    let puppets = names.map(|name| Puppet::new(name, &log));
    let running = Supervisor::new(Strategy::OneForOne, limit(10))
        .backoff(|_: u32| Duration::MAX)
        .children(puppets.iter().map(Puppet::spec))
        .start();
    settle().await;
    puppets[0].fail("waits");
    for index in 1..5 {
        sleep(DAY * 300).await;
        puppets[index].fail("waits");
        settle().await;
        running.handle().restart_child(names[index - 1]).await.unwrap();
    }
    running.shutdown().await.unwrap();
}
