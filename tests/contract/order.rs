//! Children that start or stop together, and supervisors whose time to stop is bounded (rule 36).

use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, ChildState, EventKind, Order, SageError, Shutdown, Strategy,
    Supervisor, supervisor as block,
};
use sage_supervisor_tests::{Gated, Log, OnStop, Puppet, limit, settle, supervisor};
use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);

/// A child that needs this time to become ready, and this time to stop.
fn slow(name: &str, log: &Log, ready: u32, stop: u32) -> ChildSpec {
    let (log, label) = (log.clone(), name.to_owned());
    ChildSpec::new(name, move |ctx: ChildContext| {
        let (log, label) = (log.clone(), label.clone());
        async move {
            log.push(format!("+{label}"));
            tokio::time::sleep(SECOND * ready).await;
            ctx.ready().await;
            ctx.cancelled().await;
            log.push(format!("?{label}"));
            tokio::time::sleep(SECOND * stop).await;
            log.push(format!("-{label}"));
        }
    })
    .ready_within(SECOND * 100)
    .shutdown(SECOND * 100)
}

fn together() -> Supervisor {
    supervisor(Strategy::OneForOne).start_order(Order::Together).stop_order(Order::Together)
}

#[tokio::test(start_paused = true)]
async fn rule_36_children_that_start_together_take_as_long_as_the_slowest() {
    let log = Log::default();
    let after = Puppet::new("after", &log);
    let pool =
        together().children([slow("a", &log, 3, 0), slow("b", &log, 1, 0), slow("c", &log, 2, 0)]);
    let began = Instant::now();
    let running =
        supervisor(Strategy::OneForOne).child("pool", pool).children([after.spec()]).start();
    tokio::time::sleep(SECOND * 2 + SECOND / 2).await;
    assert_eq!(log.take(), "+a +b +c", "in the order of their declaration, and at once");
    assert_eq!(running.handle().child("pool").await.unwrap().state, ChildState::Starting);
    running.started().await.unwrap();
    assert_eq!(began.elapsed().as_secs(), 3);
    assert_eq!(log.take(), "+after", "what comes next waits for all of them");
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_36_children_that_stop_together_take_as_long_as_the_slowest() {
    let log = Log::default();
    let tree =
        together().children([slow("a", &log, 0, 3), slow("b", &log, 0, 1), slow("c", &log, 0, 2)]);
    let running = tree.start();
    running.started().await.unwrap();
    log.take();
    let (began, handle) = (Instant::now(), running.handle());
    running.shutdown().await.unwrap();
    assert_eq!(began.elapsed().as_secs(), 3);
    assert_eq!(log.take(), "?a ?b ?c -b -c -a");
    let report = handle.report().unwrap();
    let took: Vec<_> =
        report.root.children.iter().map(|child| child.took.unwrap().as_secs()).collect();
    assert_eq!(took, [3, 1, 2]);
    assert!(report.is_clean(), "{report}");
}

#[tokio::test(start_paused = true)]
async fn rule_36_each_of_those_that_stop_together_has_its_own_time() {
    let log = Log::default();
    let rude = |name: &str| Puppet::with(name, &log, OnStop::Ignore).spec();
    let tree = together().children([
        rude("a").shutdown(SECOND * 2),
        rude("b").shutdown(SECOND * 4),
        rude("c").shutdown(Shutdown::BrutalKill),
        slow("d", &log, 0, 5).shutdown(Shutdown::Infinity),
    ]);
    let running = tree.start();
    let mut events = running.handle().tree_events();
    running.started().await.unwrap();
    let (began, handle) = (Instant::now(), running.handle());
    let error = running.shutdown().await.unwrap_err();
    assert!(matches!(error, SageError::UncleanStop(_)), "{error:#}");
    let mut kills = Vec::new();
    while let Some(event) = events.recv().await {
        let event = event.unwrap();
        if let EventKind::Killed { .. } = event.kind {
            kills.push((event.child.unwrap(), (event.at - began).as_secs()));
        }
    }
    let expected = [("c", 0), ("a", 2), ("b", 4)].map(|(name, at)| (name.to_owned(), at));
    assert_eq!(kills, expected);
    assert_eq!(began.elapsed().as_secs(), 5);
    assert_eq!(handle.report().unwrap().shutdown_timeouts.count, 2);
}

#[tokio::test(start_paused = true)]
async fn rule_36_the_two_orders_are_set_apart() {
    let log = Log::default();
    let children = || [slow("a", &log, 1, 1), slow("b", &log, 1, 1)];
    for (start, stop, up, down) in [
        (Order::InOrder, Order::InOrder, 2, 2),
        (Order::Together, Order::InOrder, 1, 2),
        (Order::InOrder, Order::Together, 2, 1),
        (Order::Together, Order::Together, 1, 1),
    ] {
        let began = Instant::now();
        let tree = supervisor(Strategy::OneForOne).start_order(start).stop_order(stop);
        let running = tree.children(children()).start();
        running.started().await.unwrap();
        assert_eq!(began.elapsed().as_secs(), up, "{start:?} {stop:?}");
        let began = Instant::now();
        running.shutdown().await.unwrap();
        assert_eq!(began.elapsed().as_secs(), down, "{start:?} {stop:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn rule_36_a_group_goes_down_and_up_together() {
    let log = Log::default();
    let first = Puppet::new("first", &log);
    let running = Supervisor::new(Strategy::RestForOne, limit(9))
        .start_order(Order::Together)
        .stop_order(Order::Together)
        .children([
            slow("before", &log, 0, 0),
            first.spec(),
            slow("b", &log, 3, 2),
            slow("c", &log, 1, 1),
        ])
        .start();
    running.started().await.unwrap();
    log.take();
    let began = Instant::now();
    first.fail("boom");
    settle().await;
    while running.handle().child("b").await.unwrap().state != ChildState::Running {
        tokio::time::sleep(SECOND / 2).await;
    }
    assert_eq!(began.elapsed().as_secs(), 2 + 3);
    assert_eq!(log.take(), "-first ?b ?c -c -b +first +b +c");
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_36_a_first_start_that_fails_stops_those_that_have_started() {
    let log = Log::default();
    let late = Gated::new("late", &log);
    let tree = together().children([
        slow("a", &log, 1, 1),
        late.spec().ready_within(SECOND * 2),
        slow("c", &log, 5, 1),
    ]);
    let report = { tree }.run_with_report().await;
    assert!(matches!(report.into_result(), Err(SageError::FailedStart(_))));
    assert_eq!(log.take(), "+a +late +c -late ?a -a ?c -c");
}

#[tokio::test(start_paused = true)]
async fn rule_36_a_child_that_is_added_to_those_that_start_together_waits_for_none() {
    let log = Log::default();
    let began = Instant::now();
    let running = together().children([slow("a", &log, 9, 0)]).start();
    settle().await;
    let handle = running.handle();
    handle.start_child(slow("late", &log, 1, 0)).await.unwrap();
    assert_eq!(began.elapsed().as_secs(), 1);
    // Another one is removed while the start waits for `a`.
    handle.stop_child("late").await.unwrap();
    handle.remove_child("late").await.unwrap();
    running.started().await.unwrap();
    assert_eq!(began.elapsed().as_secs(), 9);
    running.shutdown().await.unwrap();
}

/// When each child was asked, and when killed, in seconds from the shutdown on.
async fn stopped(tree: Supervisor) -> (Vec<(String, u64)>, Vec<(String, u64)>) {
    let running = tree.start();
    let mut events = running.handle().tree_events();
    running.started().await.unwrap();
    settle().await;
    let began = Instant::now();
    let _ = running.shutdown().await;
    let (mut asked, mut killed) = (Vec::new(), Vec::new());
    while let Some(event) = events.recv().await {
        let event = event.unwrap();
        let at = || (event.child.clone().unwrap(), (event.at - began).as_secs());
        match event.kind {
            EventKind::Stopping { .. } => asked.push(at()),
            EventKind::Killed { .. } => killed.push(at()),
            _ => {}
        }
    }
    (asked, killed)
}

fn named<const N: usize>(facts: [(&str, u64); N]) -> Vec<(String, u64)> {
    facts.map(|(name, at)| (name.to_owned(), at)).into()
}

/// Children that do not stop, with these shutdown times in seconds, in a supervisor that is given 10 s.
fn bounded(order: Order, times: &[(&str, Shutdown)]) -> Supervisor {
    let log = Log::default();
    let children = times
        .iter()
        .map(|&(name, time)| Puppet::with(name, &log, OnStop::Ignore).spec().shutdown(time));
    let inner = supervisor(Strategy::OneForOne).stop_order(order).children(children);
    let inner = sage_supervisor::IntoChild::into_child(inner, "inner".to_owned());
    supervisor(Strategy::OneForOne).children([inner.shutdown(SECOND * 10)])
}

fn time(seconds: u64) -> Shutdown {
    Shutdown::Timeout(Duration::from_secs(seconds))
}

#[tokio::test(start_paused = true)]
async fn rule_36_a_supervisor_with_a_bounded_time_keeps_its_order_if_that_fits() {
    let tree = bounded(Order::InOrder, &[("a", time(4)), ("b", time(2)), ("c", time(3))]);
    let (asked, killed) = stopped(tree).await;
    assert_eq!(asked, named([("inner", 0), ("c", 0), ("b", 3), ("a", 5)]));
    assert_eq!(killed, named([("c", 3), ("b", 5), ("a", 9)]));
}

#[tokio::test(start_paused = true)]
async fn rule_36_a_supervisor_with_a_bounded_time_asks_everyone_before_it_kills_anyone() {
    // `c` takes all of its 8 s. The others are asked when they have the longest of their times left.
    let tree = bounded(Order::InOrder, &[("a", time(4)), ("b", time(3)), ("c", time(8))]);
    let (asked, killed) = stopped(tree).await;
    assert_eq!(asked, named([("inner", 0), ("c", 0), ("a", 6), ("b", 6)]));
    assert_eq!(killed, named([("c", 8), ("b", 9), ("inner", 10), ("a", 10)]));

    // Times that do not fit, or have no bound: after half of the time at the latest.
    for long in [time(30), Shutdown::Infinity] {
        let tree = bounded(Order::InOrder, &[("a", long), ("b", time(1)), ("c", long)]);
        let (asked, killed) = stopped(tree).await;
        assert_eq!(asked, named([("inner", 0), ("c", 0), ("a", 5), ("b", 5)]));
        assert_eq!(killed[0], ("b".to_owned(), 6));
        assert_eq!(killed[1].1, 10);
    }

    // The order is kept for longer when the one that needed the most has been asked.
    let tree = bounded(Order::InOrder, &[("a", time(1)), ("b", time(5)), ("c", time(4))]);
    let (asked, _) = stopped(tree).await;
    assert_eq!(asked, named([("inner", 0), ("c", 0), ("b", 4), ("a", 9)]));
}

#[tokio::test(start_paused = true)]
async fn rule_36_the_time_of_a_supervisor_is_handed_down() {
    let log = Log::default();
    let rude = |name: &str| Puppet::with(name, &log, OnStop::Ignore).spec().shutdown(SECOND * 30);
    let deepest = supervisor(Strategy::OneForOne).children([rude("a"), rude("b")]);
    let inner = supervisor(Strategy::OneForOne).child("deepest", deepest).children([rude("c")]);
    let inner = sage_supervisor::IntoChild::into_child(inner, "inner".to_owned());
    let tree = supervisor(Strategy::OneForOne).children([inner.shutdown(SECOND * 12)]);
    let (asked, killed) = stopped(tree).await;
    // `inner` asks all that are left after 6 s, and `deepest` after half of what is left then.
    assert_eq!(asked, named([("inner", 0), ("c", 0), ("deepest", 6), ("b", 6), ("a", 9)]));
    assert!(killed.iter().all(|(_, at)| *at == 12), "{killed:?}");
}

/// `deepest` was stopping for another reason when the time of the supervisor above it began.
#[tokio::test(start_paused = true)]
async fn rule_36_the_time_is_handed_down_to_a_supervisor_that_is_stopping_already() {
    let log = Log::default();
    let rude = |name: &str| Puppet::with(name, &log, OnStop::Ignore).spec().shutdown(SECOND * 30);
    let deepest = supervisor(Strategy::OneForOne).children([rude("a"), rude("b")]);
    let middle = supervisor(Strategy::OneForOne).child("deepest", deepest);
    let inner = supervisor(Strategy::OneForOne).child("middle", middle);
    let inner = sage_supervisor::IntoChild::into_child(inner, "inner".to_owned());
    let running = supervisor(Strategy::OneForOne).children([inner.shutdown(SECOND * 10)]).start();
    running.started().await.unwrap();
    let (handle, mut events) = (running.handle(), running.handle().tree_events());
    let restart = tokio::spawn(async move { handle.restart_child("inner/middle").await });
    settle().await;
    let began = Instant::now();
    assert!(running.shutdown().await.is_err());
    assert!(restart.await.unwrap().is_err());
    let mut asked = Vec::new();
    while let Some(Ok(event)) = events.recv().await {
        if matches!(event.kind, EventKind::Stopping { .. }) && event.at >= began {
            asked.push((event.child.clone().unwrap(), (event.at - began).as_secs()));
        }
    }
    assert_eq!(asked, named([("inner", 0), ("a", 5)]), "the others were stopping before");
}

#[tokio::test(start_paused = true)]
async fn rule_36_a_block_declares_the_orders() {
    let log = Log::default();
    let order = Order::Together;
    for tree in [
        block! {
            start = "together",
            stop = "together",

            #[child]
            a = slow("a", &log, 2, 2),

            #[child]
            b = slow("b", &log, 2, 2),
        },
        block! {
            start = order,
            stop = order,

            #[child]
            a = slow("a", &log, 2, 2),

            #[child]
            b = slow("b", &log, 2, 2),
        },
    ] {
        let began = Instant::now();
        let running = tree.start();
        running.started().await.unwrap();
        running.shutdown().await.unwrap();
        assert_eq!(began.elapsed().as_secs(), 4);
    }
}
