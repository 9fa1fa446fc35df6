//! Restarts that wait for a delay (rule 21).

use std::time::Duration;

use sage_supervisor::{
    Backoff, ChildContext, ChildSpec, ChildState, CommandError, DynamicSupervisor, EventKind,
    IntoChild, InvalidTreeKind, RestartPolicy, SageError, Strategy, Supervisor, SupervisorHandle,
};
use sage_supervisor_tests::{Gated, Log, Puppet, limit, settle, supervisor};
use tokio::time::{Instant, sleep, sleep_until};

const SECOND: Duration = Duration::from_secs(1);
const MILLI: Duration = Duration::from_millis(1);

/// A backoff of one second, then two, four, and so on.
pub(crate) fn backoff() -> Backoff {
    Backoff::exponential(SECOND).jitter(0.0)
}

async fn state(handle: &SupervisorHandle, path: &str) -> ChildState {
    handle.child(path).await.unwrap().state
}

#[tokio::test(start_paused = true)]
async fn rule_21_delays_grow_from_failure_to_failure() {
    let a = Puppet::new("a", &Log::default());
    let running = Supervisor::new(Strategy::OneForOne, limit(10))
        .children([a.spec().backoff(backoff())])
        .start();
    settle().await;
    for (starts, seconds) in [(1, 1), (2, 2), (3, 4), (4, 8)] {
        let began = Instant::now();
        a.fail("again");
        sleep(SECOND * seconds - MILLI).await;
        assert_eq!(a.starts(), starts, "not before its time is over");
        a.started(starts + 1).await;
        assert_eq!(began.elapsed().as_millis(), u128::from(seconds) * 1_000);
    }
    running.shutdown().await.unwrap();
}

/// With jitter, the seed decides the delays.
#[tokio::test(start_paused = true)]
async fn rule_21_jitter_is_repeated_by_its_seed() {
    let mut runs = vec![];
    for seed in [1, 1, 2] {
        let a = Puppet::new("a", &Log::default());
        let backoff = Backoff::exponential(SECOND * 10).factor(1.0).jitter(0.5).seed(seed);
        let running = Supervisor::new(Strategy::OneForOne, limit(10))
            .children([a.spec().backoff(backoff)])
            .start();
        let mut delays = vec![];
        for starts in 1..6 {
            a.started(starts).await;
            let began = Instant::now();
            a.fail("again");
            a.started(starts + 1).await;
            delays.push(began.elapsed());
        }
        assert!(
            delays.iter().all(|delay| (SECOND * 5..=SECOND * 10).contains(delay)),
            "{delays:?}"
        );
        runs.push(delays);
        running.shutdown().await.unwrap();
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
}

#[tokio::test(start_paused = true)]
async fn rule_21_a_child_that_was_up_for_long_begins_anew() {
    let a = Puppet::new("a", &Log::default());
    let child = a.spec().backoff(backoff().reset_after(SECOND * 30));
    let running = Supervisor::new(Strategy::OneForOne, limit(10)).children([child]).start();
    settle().await;
    for (up_for, delay) in [(0, 1), (29, 2), (30, 1), (29, 2)] {
        sleep(SECOND * up_for).await;
        let (began, starts) = (Instant::now(), a.starts());
        a.fail("again");
        a.started(starts + 1).await;
        assert_eq!(began.elapsed(), SECOND * delay, "after {up_for} s");
    }
    running.shutdown().await.unwrap();
}

/// The time that an instance waits before it is ready does not count as uptime.
#[tokio::test(start_paused = true)]
async fn rule_21_the_time_before_readiness_makes_up_for_nothing() {
    let gated = Gated::new("a", &Log::default());
    let child = gated.spec().ready_within(SECOND * 100).backoff(backoff().reset_after(SECOND * 30));
    let running = Supervisor::new(Strategy::OneForOne, limit(10)).children([child]).start();
    gated.open();
    settle().await;
    gated.shut();
    gated.puppet.fail("first");
    gated.puppet.started(2).await;
    // The second instance never becomes ready, although it lives longer than `reset_after`.
    let began = Instant::now();
    gated.puppet.started(3).await;
    assert_eq!(began.elapsed(), SECOND * (100 + 2));
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_21_of_a_supervisor_each_child_counts_its_own_and_may_have_another() {
    let log = Log::default();
    let [a, b, c] = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
    let running = Supervisor::new(Strategy::OneForOne, limit(10))
        .backoff(backoff())
        .children([a.spec(), b.spec(), c.spec().backoff(|failures: u32| SECOND * 10 * failures)])
        .start();
    settle().await;
    let mut delays = vec![];
    for puppet in [&a, &a, &b, &c, &c] {
        let (began, starts) = (Instant::now(), puppet.starts());
        puppet.fail("again");
        puppet.started(starts + 1).await;
        delays.push(began.elapsed().as_secs());
    }
    assert_eq!(delays, [1, 2, 1, 10, 20]);
    running.shutdown().await.unwrap();
}

/// A timer would delay every restart to the next millisecond.
#[tokio::test(start_paused = true)]
async fn rule_21_a_delay_of_zero_touches_no_timer() {
    let a = Puppet::new("a", &Log::default());
    let running = supervisor(Strategy::OneForOne)
        .unlimited_restarts()
        .backoff(|_: u32| Duration::ZERO)
        .children([a.spec()])
        .start();
    let began = Instant::now();
    for _ in 0..1_000 {
        a.fail("again");
    }
    a.started(1_001).await;
    assert_eq!(began.elapsed(), Duration::ZERO);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_21_while_it_waits_it_is_restarting_until_then() {
    let a = Puppet::new("a", &Log::default());
    let running = Supervisor::new(Strategy::OneForOne, limit(10))
        .children([a.spec().backoff(backoff())])
        .start();
    let handle = running.handle();
    let mut events = handle.tree_events();
    settle().await;
    a.fail("again");
    settle().await;
    let (failed, status) = (Instant::now(), handle.child("a").await.unwrap());
    assert_eq!(status.state, ChildState::Restarting);
    let at = status.restarts_at.expect("it waits");
    assert!(at - failed <= SECOND && at - failed >= SECOND - MILLI, "{:?}", at - failed);
    let counts = handle.counts().await.unwrap();
    assert_eq!((counts.running, counts.restarting), (0, 1));
    let tree = handle.tree().await.unwrap();
    assert!(tree.root.children[0].restart_in.is_some());
    assert!(tree.to_string().contains("restarting"), "{tree}");
    let mut delay = None;
    while delay.is_none() {
        if let EventKind::Restarting { delay: waits, .. } =
            events.recv().await.unwrap().unwrap().kind
        {
            delay = Some(waits);
        }
    }
    assert_eq!(delay, Some(SECOND));
    assert!(!handle.has_ended(), "it waits for its last child");
    a.started(2).await;
    let status = handle.child("a").await.unwrap();
    assert_eq!((status.state, status.restarts_at), (ChildState::Running, None));
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_21_a_stop_by_hand_cancels_the_wait() {
    let a = Puppet::new("a", &Log::default());
    let running = Supervisor::new(Strategy::OneForOne, limit(10))
        .children([a.spec().backoff(backoff())])
        .start();
    let handle = running.handle();
    settle().await;
    a.fail("again");
    settle().await;
    assert!(matches!(handle.remove_child("a").await, Err(CommandError::Restarting { .. })));
    let asked = Instant::now();
    handle.stop_child("a").await.unwrap();
    assert_eq!(asked.elapsed(), Duration::ZERO);
    assert_eq!(state(&handle, "a").await, ChildState::Stopped);
    sleep(SECOND * 100).await;
    assert_eq!(a.starts(), 1, "a stale deadline starts nothing");
    handle.remove_child("a").await.unwrap();
    running.shutdown().await.unwrap();
}

/// The supervisor receives the command in the same turn in which the deadline passes.
#[tokio::test(start_paused = true)]
async fn rule_21_a_stop_at_the_end_of_the_wait_wins() {
    for early in [Duration::ZERO, MILLI] {
        let a = Puppet::new("a", &Log::default());
        let running = Supervisor::new(Strategy::OneForOne, limit(10))
            .children([a.spec().backoff(backoff())])
            .start();
        let handle = running.handle();
        settle().await;
        a.fail("again");
        settle().await;
        let at = handle.child("a").await.unwrap().restarts_at.unwrap();
        sleep_until(at - early).await;
        handle.stop_child("a").await.unwrap();
        assert_eq!(state(&handle, "a").await, ChildState::Stopped);
        let starts = a.starts();
        sleep(SECOND * 100).await;
        assert_eq!(a.starts(), starts, "it stays down");
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn rule_21_a_restart_by_hand_does_not_wait() {
    let a = Puppet::new("a", &Log::default());
    let running = Supervisor::new(Strategy::OneForOne, limit(10))
        .children([a.spec().backoff(backoff())])
        .start();
    let handle = running.handle();
    settle().await;
    a.fail("again");
    settle().await;
    let asked = Instant::now();
    handle.restart_child("a").await.unwrap();
    assert_eq!((asked.elapsed(), a.starts()), (Duration::ZERO, 2));
    sleep(SECOND * 100).await;
    assert_eq!(a.starts(), 2, "the wait is over, and starts nothing");
    running.shutdown().await.unwrap();
}

/// A restart is counted when it is decided, and stays counted when it is cancelled.
#[tokio::test(start_paused = true)]
async fn rule_17_a_restart_that_waits_is_counted_at_once() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let running = Supervisor::new(Strategy::OneForOne, limit(1))
        .backoff(backoff())
        .children([a.spec(), b.spec()])
        .start();
    settle().await;
    a.fail("waits");
    settle().await;
    running.handle().stop_child("a").await.unwrap();
    b.fail("one too many");
    let error = running.wait().await.unwrap_err();
    assert!(matches!(error, SageError::Supervisor(_)), "{error}");
    assert_eq!((a.starts(), b.starts()), (1, 1));
}

/// A failed start of a restart is retried after the next delay, and the supervisor answers commands
/// in the meantime.
#[tokio::test(start_paused = true)]
async fn rule_8_a_retry_waits_and_everybody_is_served() {
    let log = Log::default();
    let gated = Gated::new("a", &log);
    let b = Puppet::new("b", &log);
    let running = Supervisor::new(Strategy::OneForOne, limit(10))
        .children([gated.spec().ready_within(SECOND).backoff(backoff()), b.spec()])
        .start();
    gated.open();
    settle().await;
    gated.shut();
    let began = Instant::now();
    gated.puppet.fail("first");
    gated.puppet.started(2).await;
    sleep(SECOND + MILLI).await;
    assert_eq!(state(&running.handle(), "a").await, ChildState::Restarting);
    b.fail("meanwhile");
    b.started(2).await;
    gated.puppet.started(3).await;
    // The sum is the first delay, the ready timeout, and the second delay.
    assert_eq!(began.elapsed(), SECOND * (1 + 1 + 2));
    running.shutdown().await.unwrap();
}

/// A command to a child below a nested supervisor that waits for its restart gets the answer
/// `Restarting`.
#[tokio::test(start_paused = true)]
async fn rule_28_below_a_supervisor_that_waits_the_answer_is_that_it_restarts() {
    let a = Puppet::new("a", &Log::default());
    let inner = Supervisor::new(Strategy::OneForOne, limit(0)).children([a.spec()]);
    let inner = IntoChild::into_child(inner, "inner".into()).backoff(backoff());
    let running = Supervisor::new(Strategy::OneForOne, limit(10)).children([inner]).start();
    settle().await;
    a.fail("again");
    settle().await;
    let stop = running.handle().stop_child("inner/a").await;
    assert!(matches!(stop, Err(CommandError::Restarting { .. })), "{stop:?}");
    a.started(2).await;
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_4_an_invalid_backoff_is_refused() {
    let child =
        || ChildSpec::new("a", async |_: ChildContext| {}).restart(RestartPolicy::Transient);
    let shrinks = Backoff::exponential(SECOND).factor(0.5);
    let error = supervisor(Strategy::OneForOne).backoff(shrinks.clone()).children([child()]);
    let SageError::Invalid(invalid) = error.start().wait().await.unwrap_err() else { panic!() };
    assert!(matches!(invalid.kind, InvalidTreeKind::InvalidBackoff(_)), "{invalid}");
    let error = supervisor(Strategy::OneForOne).children([child().backoff(shrinks)]);
    let SageError::Invalid(invalid) = error.start().wait().await.unwrap_err() else { panic!() };
    assert!(matches!(invalid.kind, InvalidTreeKind::InvalidChildBackoff(..)), "{invalid}");
}

#[tokio::test(start_paused = true)]
async fn rule_1_the_destructor_of_a_backoff_is_contained() {
    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("expected: a destructor");
        }
    }

    sage_supervisor_tests::quiet_panics();
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    let others = Puppet::new("other", &Log::default());
    pool.start_child(others.spec()).await.unwrap();
    let bomb = Bomb;
    let child = Puppet::new("a", &Log::default()).spec().backoff(move |_: u32| {
        let _held = &bomb;
        SECOND
    });
    let name = pool.start_child(child).await.unwrap();
    pool.stop_child(&name).await.unwrap();
    settle().await;
    assert_eq!(pool.counts().await.unwrap().running, 1);
    running.shutdown().await.unwrap();
}
