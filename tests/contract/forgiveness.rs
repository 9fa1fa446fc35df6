//! Restarts that an instance makes up for (rules 17, 20 and 21).

use std::time::Duration;

use sage_supervisor::{
    ChildState, DynamicSupervisor, IntoChild, InvalidTreeKind, RestartConfig, RestartPolicy,
    SageError, Strategy, Supervisor, supervisor,
};
use sage_supervisor_tests::{Gated, Log, Puppet, limit, settle, supervisor};
use tokio::time::{Instant, sleep};

use crate::backoff::backoff;

const SECOND: Duration = Duration::from_secs(1);
const MILLI: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// The limit of this number of restarts in an hour.
fn hourly(max_restarts: u32) -> RestartConfig {
    RestartConfig { max_restarts, within: HOUR }
}

async fn used(running: &sage_supervisor::RunningSupervisor) -> u32 {
    running.handle().tree().await.unwrap().root.limit.unwrap().used
}

/// An instance makes up for the restarts before it at the very moment at which it has been up for long
/// enough, and one that ends a millisecond earlier does not.
#[tokio::test(start_paused = true)]
async fn rule_17_an_instance_that_is_up_for_long_makes_up_for_earlier_restarts() {
    for (up_for, is_forgiven) in [(SECOND * 10 - MILLI, false), (SECOND * 10, true)] {
        let a = Puppet::new("a", &Log::default());
        let running = Supervisor::new(Strategy::OneForOne, hourly(2))
            .forgive_after(SECOND * 10)
            .children([a.spec()])
            .start();
        settle().await;
        for starts in 2..=3 {
            a.fail("again");
            a.started(starts).await;
        }
        let began = Instant::now();
        sleep(up_for - MILLI).await;
        assert_eq!(used(&running).await, 2);
        tokio::time::sleep_until(began + up_for).await;
        assert_eq!(used(&running).await, if is_forgiven { 0 } else { 2 });
        a.fail("after a while");
        settle().await;
        assert_eq!(running.handle().has_ended(), !is_forgiven);
        if is_forgiven {
            a.started(4).await;
            assert_eq!(used(&running).await, 1);
            running.shutdown().await.unwrap();
        }
    }
}

/// The limit is shared, and one child does not make up for another.
#[tokio::test(start_paused = true)]
async fn rule_17_only_restarts_of_that_child_are_forgiven() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let running = Supervisor::new(Strategy::OneForOne, hourly(3))
        .forgive_after(SECOND * 10)
        .children([a.spec(), b.spec()])
        .start();
    settle().await;
    a.fail("first");
    a.started(2).await;
    sleep(SECOND * 9).await;
    for starts in 2..=3 {
        b.fail("again");
        b.started(starts).await;
    }
    assert_eq!(used(&running).await, 3);
    sleep(SECOND).await;
    assert_eq!(used(&running).await, 2, "`a` has been up for long, and `b` has not");
    // The next restart of `b` finds room, because `a` is forgiven while it is up.
    b.fail("again");
    b.started(4).await;
    b.fail("one too many");
    let error = running.wait().await.unwrap_err();
    assert!(matches!(error, SageError::Supervisor(_)), "{error}");
}

/// A member that was up for long makes up for its restarts also if it is then stopped with its group.
#[tokio::test(start_paused = true)]
async fn rule_17_a_member_of_a_group_makes_up_for_its_own_restarts() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let running = Supervisor::new(Strategy::OneForAll, hourly(3))
        .forgive_after(SECOND * 10)
        .children([a.spec(), b.spec()])
        .start();
    settle().await;
    b.fail("first");
    b.started(2).await;
    sleep(SECOND * 10).await;
    // The restart of the group counts as one of `a`, which fails after it has been up for long as well.
    a.fail("takes b along");
    b.started(3).await;
    assert_eq!(used(&running).await, 1);
    a.fail("again");
    b.started(4).await;
    assert_eq!(used(&running).await, 2, "`b` was forgiven for good");
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_17_the_time_before_readiness_forgives_nothing() {
    let gated = Gated::new("a", &Log::default());
    let child = gated.spec().ready_within(SECOND * 100).forgive_after(SECOND * 10);
    let running = Supervisor::new(Strategy::OneForOne, hourly(3)).children([child]).start();
    gated.open();
    settle().await;
    gated.shut();
    gated.puppet.fail("first");
    gated.puppet.started(2).await;
    sleep(SECOND * 99).await;
    assert_eq!(used(&running).await, 1, "it is not ready yet");
    // The third instance begins after the second was not ready in time.
    gated.puppet.started(3).await;
    assert_eq!(used(&running).await, 2);
    gated.open();
    settle().await;
    sleep(SECOND * 10).await;
    assert_eq!(used(&running).await, 0);
    running.shutdown().await.unwrap();
}

/// An instance that is stopped with its group before it is ready has not been up either.
#[tokio::test(start_paused = true)]
async fn rule_17_an_instance_that_never_was_ready_forgives_nothing() {
    let log = Log::default();
    let (gated, b) = (Gated::new("a", &log), Puppet::new("b", &log));
    let running = Supervisor::new(Strategy::OneForAll, hourly(9))
        .forgive_after(SECOND * 10)
        .children([b.spec(), gated.spec().ready_within(SECOND * 100)])
        .start();
    gated.open();
    settle().await;
    gated.shut();
    gated.puppet.fail("first");
    gated.puppet.started(2).await;
    sleep(SECOND * 20).await;
    b.fail("takes along what is not ready");
    gated.puppet.started(3).await;
    assert_eq!(used(&running).await, 2);
    running.shutdown().await.unwrap();
}

/// A nested supervisor is up once its children have started, and its end is a failure like any other.
#[tokio::test(start_paused = true)]
async fn rule_17_a_nested_supervisor_is_forgiven_like_a_child() {
    let a = Puppet::new("a", &Log::default());
    let inner = Supervisor::new(Strategy::OneForOne, limit(0)).children([a.spec()]);
    let inner = inner.into_child("inner".to_owned()).forgive_after(SECOND * 10);
    let running = Supervisor::new(Strategy::OneForOne, hourly(1)).children([inner]).start();
    settle().await;
    for starts in 2..6 {
        a.fail("ends its supervisor");
        a.started(starts).await;
        sleep(SECOND * 10).await;
    }
    a.fail("first");
    a.started(6).await;
    a.fail("one too many");
    running.wait().await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn rule_20_the_limit_of_a_child_forgives_too() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    // The setting of the child takes the place of that of its supervisor.
    let child = a.spec().restart_limit(hourly(1)).forgive_after(SECOND * 10);
    let running = Supervisor::new(Strategy::OneForOne, hourly(9))
        .forgive_after(SECOND)
        .children([child, b.spec()])
        .start();
    settle().await;
    let own = async || {
        let tree = running.handle().tree().await.unwrap();
        tree.root.children[0].own_limit.unwrap().used
    };
    for starts in 2..6 {
        a.fail("now and then");
        a.started(starts).await;
        sleep(SECOND * 9).await;
        assert_eq!((own().await, used(&running).await), (1, 1));
        sleep(SECOND).await;
        assert_eq!((own().await, used(&running).await), (0, 0));
    }
    a.fail("first");
    a.started(6).await;
    a.fail("too often");
    settle().await;
    let state = running.handle().child("a").await.unwrap().state;
    assert_eq!(state, ChildState::GivenUp);
    running.shutdown().await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn rule_21_the_delays_of_a_forgiven_child_begin_anew() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let running = supervisor(Strategy::OneForOne)
        .backoff(backoff())
        .forgive_after(SECOND * 10)
        .children([a.spec(), b.spec().backoff(backoff().reset_after(SECOND))])
        .start();
    settle().await;
    for (puppet, up_for, delay) in
        [(&a, 0, 1), (&a, 9, 2), (&a, 10, 1), (&a, 0, 2), (&b, 0, 1), (&b, 0, 2), (&b, 1, 1)]
    {
        sleep(SECOND * up_for).await;
        let (began, starts) = (Instant::now(), puppet.starts());
        puppet.fail("again");
        puppet.started(starts + 1).await;
        assert_eq!(began.elapsed(), SECOND * delay);
    }
    running.shutdown().await.unwrap();
}

/// An instance that was stopped with its group after it was up for long also counts.
#[tokio::test(start_paused = true)]
async fn rule_21_an_instance_before_the_last_may_have_been_up_for_long() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let running =
        supervisor(Strategy::OneForAll).backoff(backoff()).children([a.spec(), b.spec()]).start();
    settle().await;
    let fail = async |puppet: &Puppet| {
        let (began, starts) = (Instant::now(), puppet.starts());
        puppet.fail("again");
        b.started(starts + 1).await;
        began.elapsed().as_secs()
    };
    assert_eq!([fail(&b).await, fail(&b).await], [1, 2]);
    sleep(SECOND * 60).await;
    assert_eq!(fail(&a).await, 1);
    assert_eq!(fail(&b).await, 1, "`b` was up for a minute before `a` took it along");
    running.shutdown().await.unwrap();
}

/// A normal end of a permanent child is a restart, and is forgiven like one.
#[tokio::test(start_paused = true)]
async fn rule_17_a_normal_end_counts_and_is_forgiven_like_a_failure() {
    let a = Puppet::new("a", &Log::default());
    let running = Supervisor::new(Strategy::OneForOne, hourly(1))
        .forgive_after(SECOND * 10)
        .children([a.spec()])
        .start();
    settle().await;
    a.finish();
    a.started(2).await;
    assert_eq!(used(&running).await, 1);
    sleep(SECOND * 10).await;
    a.finish();
    a.started(3).await;
    a.finish();
    let error = running.wait().await.unwrap_err();
    assert!(matches!(error, SageError::Supervisor(_)), "{error}");
}

/// The id of a removed child may be given to another, which makes up for nothing of the first.
#[tokio::test(start_paused = true)]
async fn rule_17_nobody_makes_up_for_a_child_that_is_gone() {
    let pool = DynamicSupervisor::new().restart_limit(hourly(2)).forgive_after(SECOND * 10);
    let running = pool.clone().start();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &Log::default()));
    let name = pool.start_child(a.spec()).await.unwrap();
    for starts in 2..=3 {
        a.fail("again");
        a.started(starts).await;
    }
    pool.stop_child(&name).await.unwrap();
    pool.start_child(b.spec()).await.unwrap();
    sleep(SECOND * 60).await;
    assert_eq!(used(&running).await, 2);
    b.fail("one too many");
    running.wait().await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn rule_17_a_block_forgives_as_a_tree_by_hand_does() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let tree = supervisor! {
        max_restarts = 1,
        within = "1h",
        forgive_after = "10s",

        #[child]
        a = a.spec(),

        #[child(forgive_after = "20s")]
        b = b.spec(),
    };
    let running = tree.start();
    settle().await;
    for (puppet, seconds) in [(&a, 10), (&b, 20), (&a, 10)] {
        let starts = puppet.starts();
        puppet.fail("again");
        puppet.started(starts + 1).await;
        sleep(SECOND * seconds - MILLI).await;
        assert_eq!(used(&running).await, 1);
        sleep(MILLI * 2).await;
        assert_eq!(used(&running).await, 0);
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_4_forgiveness_takes_some_time() {
    let child = || Puppet::new("a", &Log::default()).spec().restart(RestartPolicy::Transient);
    let tree = supervisor(Strategy::OneForOne).forgive_after(Duration::ZERO).children([child()]);
    let SageError::Invalid(invalid) = tree.start().wait().await.unwrap_err() else { panic!() };
    assert_eq!(invalid.kind, InvalidTreeKind::ZeroForgiveAfter);
    let tree = supervisor(Strategy::OneForOne).children([child().forgive_after(Duration::ZERO)]);
    let SageError::Invalid(invalid) = tree.start().wait().await.unwrap_err() else { panic!() };
    assert_eq!(invalid.kind, InvalidTreeKind::ZeroChildForgiveAfter("a".to_owned()));
}
