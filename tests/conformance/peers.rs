//! Mistakes of other supervisors, each made by at least two of them.
//!
//! Three kinds of mistakes are left out. A backoff or its timer that outlives a stop, a removal or
//! a shutdown, and a backoff of zero that goes through a timer, are tested under rule 21. Costs
//! that grow with the number of siblings or with the length of the history are measured and not
//! tested. Hooks for tests in the product are no matter of tests.

use sage_supervisor::{
    ChildSpec, ChildState, RestartConfig, RestartPolicy, Strategy, Supervisor, TemporarySiblings,
};
use sage_supervisor_tests::{
    Gated, Log, OnStop, Puppet, limit, no_task_is_left, quiet_panics, settle, supervisor, unclean,
};
use tokio::time::{Instant, sleep, timeout};

use crate::{SECOND, counts, idle, state, up};

/// Timers must not outlive their purpose: the shutdown timeout and the ready timeout of one
/// instance affect neither the next instance nor another child in the place of a removed one.
#[tokio::test(start_paused = true)]
async fn a_timer_does_not_outlive_its_instance() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(SECOND));
    let ready = Gated::new("ready", &log);
    ready.open();
    let (running, handle) = up(supervisor(Strategy::OneForOne).keep_alive(true)).await;
    handle.start_child(slow.spec().shutdown(SECOND * 2)).await.unwrap();
    handle.start_child(ready.spec()).await.unwrap();

    handle.restart_child("slow").await.unwrap();
    ready.shut();
    ready.puppet.fail("now");
    sleep(SECOND * 5).await;
    assert_eq!(state(&handle, "ready").await, ChildState::Starting);
    ready.open();
    sleep(SECOND * 100).await;
    assert_eq!((slow.starts(), ready.puppet.starts()), (2, 2));

    ready.shut();
    ready.puppet.fail("now");
    sleep(SECOND * 5).await;
    for (old, new) in [("slow", "new"), ("ready", "newer")] {
        handle.stop_child(old).await.unwrap();
        handle.remove_child(old).await.unwrap();
        handle.start_child(ChildSpec::new(new, idle)).await.unwrap();
    }
    sleep(SECOND * 100).await;
    for new in ["new", "newer"] {
        let child = handle.child(new).await.unwrap();
        assert_eq!((child.state, child.restarts), (ChildState::Running, 0));
    }
    running.shutdown().await.unwrap();
}

/// A group must not start before all of the old one has gone, and two instances of one child must
/// never be alive: not in a group restart, not if the child is restarted by hand in the meantime,
/// and not if the supervisor is rebuilt.
#[tokio::test(start_paused = true)]
async fn never_two_instances_of_one_child() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::with(name, &log, OnStop::After(SECOND * 2)));
    let stuck = Puppet::with("stuck", &log, OnStop::Ignore);
    let c = Puppet::new("c", &log);
    let inner = supervisor(Strategy::OneForAll).children([b.spec(), stuck.spec(), c.spec()]);
    let tree = supervisor(Strategy::OneForAll).children([a.spec()]).child("inner", inner);
    let (running, handle) = up(tree).await;
    for wait in [0, 1, 3, 6, 8] {
        c.fail("now");
        sleep(SECOND * wait).await;
        let (b, stuck, inner) = tokio::join!(
            handle.restart_child("inner/b"),
            handle.restart_child("inner/stuck"),
            handle.restart_child("inner"),
        );
        let _ = (b, stuck, inner);
        sleep(SECOND * 30).await;
        assert_eq!(counts(&handle).await, [2, 2, 0, 1, 1]);
    }
    let late = "root/inner/stuck: killed, its shutdown timed out";
    assert_eq!(unclean(running.shutdown().await), late);
    assert_eq!([&a, &b, &stuck, &c].map(Puppet::peak), [1; 4]);
}

/// A group restart that revives temporary children: ours does so by default (rule 13), and not if
/// it is set so. The exit of a temporary child never leads to a restart, neither of its own nor of
/// a group.
#[tokio::test(start_paused = true)]
async fn a_group_restart_leaves_temporary_children_down_if_told_so() {
    for strategy in [Strategy::OneForAll, Strategy::RestForOne] {
        let log = Log::default();
        let [a, up_then, over] = ["a", "up", "over"].map(|name| Puppet::new(name, &log));
        let tree = supervisor(strategy).temporary_siblings(TemporarySiblings::Remove).children([
            a.spec(),
            up_then.spec().restart(RestartPolicy::Temporary),
            over.spec().restart(RestartPolicy::Temporary),
        ]);
        let (running, _) = up(tree).await;
        over.fail("for good");
        settle().await;
        for _ in 0..2 {
            a.fail("now");
            settle().await;
        }
        assert_eq!((a.starts(), up_then.starts(), over.starts()), (3, 1, 1));
        running.shutdown().await.unwrap();
    }
}

/// Every wait for something that has already ended returns.
#[tokio::test(start_paused = true)]
async fn what_has_ended_is_not_waited_for() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let tree = supervisor(Strategy::OneForOne)
        .keep_alive(true)
        .children([a.spec().restart(RestartPolicy::Temporary)]);
    let (running, handle) = up(tree).await;
    a.finish();
    settle().await;
    let waiting = async {
        handle.stop_child("a").await.unwrap();
        handle.stop_child("a").await.unwrap();
        running.shutdown().await.unwrap();
        handle.wait().await.unwrap();
        handle.shutdown().await.unwrap();
        handle.stop_child("a").await.unwrap_err();
    };
    timeout(SECOND * 60, waiting).await.unwrap();
}

/// The limit must be a window and not a count for life, on the clock of the runtime. Twenty exits a
/// day apart do not reach a limit of one within 23 hours, and no real day passes.
#[tokio::test(start_paused = true)]
async fn the_limit_is_a_window_on_the_runtimes_clock() {
    let hour = SECOND * 60 * 60;
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let config = RestartConfig { max_restarts: 1, within: hour * 23 };
    let tree = Supervisor::new(Strategy::OneForOne, config).children([a.spec()]);
    let (running, _) = up(tree).await;
    for _ in 0..20 {
        a.fail("today");
        sleep(hour * 24).await;
    }
    assert_eq!(a.starts(), 21);
    a.fail("today");
    sleep(hour * 22).await;
    a.fail("today again");
    running.wait().await.unwrap_err();
}

/// Panics in user code around the child: in the clone of a captured value, in the call of the start
/// function, in the drop of the future, and in the drop of the function. All siblings live on, and
/// the message is kept.
#[tokio::test(start_paused = true)]
async fn panics_in_user_code_are_the_childs_own_and_keep_their_message() {
    struct Brittle;
    impl Clone for Brittle {
        fn clone(&self) -> Self {
            panic!("expected: no clone");
        }
    }
    struct Bomb(&'static str);
    impl Drop for Bomb {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                panic!("expected: {}", self.0);
            }
        }
    }
    quiet_panics();
    let brittle = Brittle;
    let cloning = ChildSpec::new("child", move |_| {
        let brittle = brittle.clone();
        async move {
            let _brittle = brittle;
        }
    });
    let calling =
        ChildSpec::new("child", |_| -> std::future::Ready<()> { panic!("expected: no call") });
    let dropping = ChildSpec::new("child", |_| async {
        let _bomb = Bomb("no drop");
        tokio::task::yield_now().await;
    });
    let buried = Bomb("no burial");
    let function = ChildSpec::new("child", move |_| {
        let _ = &buried;
        async { panic!("expected: no life") }
    });
    for (child, message) in
        [(cloning, "no clone"), (calling, "no call"), (dropping, "no drop"), (function, "no life")]
    {
        let log = Log::default();
        let sibling = Puppet::new("sibling", &log);
        let tree = supervisor(Strategy::OneForOne)
            .keep_alive(true)
            .children([sibling.spec(), child.restart(RestartPolicy::Temporary)]);
        let (running, handle) = up(tree).await;
        let exit = handle.child("child").await.unwrap().last_exit.unwrap();
        assert_eq!(exit.to_string(), format!("panic: expected: {message}"));
        assert_eq!((sibling.starts(), sibling.live()), (1, 1));
        running.shutdown().await.unwrap();
        no_task_is_left().await;
    }
}

/// Names and places must be given back.
#[tokio::test(start_paused = true)]
async fn names_are_free_when_their_child_is_gone() {
    let (running, handle) = up(supervisor(Strategy::OneForOne).keep_alive(true)).await;
    for _ in 0..1_000 {
        handle.start_child(ChildSpec::new("a", idle)).await.unwrap();
        handle.stop_child("a").await.unwrap();
        handle.remove_child("a").await.unwrap();
        assert_eq!(counts(&handle).await, [0; 5]);
    }
    running.shutdown().await.unwrap();
}

/// Starts must be in order: at the first start and at a restart of the group, each child waits for
/// the one before it, and a child that never becomes ready is awaited no longer than its timeout.
#[tokio::test(start_paused = true)]
async fn starts_are_in_order_and_limited_in_time() {
    let log = Log::default();
    let children = ["a", "b", "c"].map(|name| Gated::new(name, &log));
    let tree = Supervisor::new(Strategy::OneForAll, limit(1))
        .children(children.each_ref().map(Gated::spec));
    let (running, handle) = up(tree).await;
    for round in 0..2 {
        for child in &children {
            settle().await;
            assert_eq!(log.take(), format!("+{}", child.puppet.name()));
            child.open();
        }
        settle().await;
        assert_eq!(state(&handle, "c").await, ChildState::Running);
        children.iter().for_each(Gated::shut);
        if round == 0 {
            children[0].puppet.fail("now");
            children[0].puppet.started(2).await;
            assert_eq!(log.take(), "-a -c -b +a");
            log.push("+a");
        }
    }
    // A restart is used up already, so a start that is not ready in time is one too many.
    let before = Instant::now();
    children[2].puppet.fail("now");
    running.wait().await.unwrap_err();
    assert!(before.elapsed() < SECOND * 11);

    let never = Gated::new("never", &log);
    let before = Instant::now();
    let tree = supervisor(Strategy::OneForOne).children([never.spec()]);
    tree.start().wait().await.unwrap_err();
    assert_eq!(before.elapsed().as_secs(), 10);
}

/// A stop must have an end: a child that does not obey is killed at its timeout, alone, with its
/// group, and with its supervisor.
#[tokio::test(start_paused = true)]
async fn no_stop_takes_longer_than_it_may() {
    let log = Log::default();
    let stuck = Puppet::with("stuck", &log, OnStop::Ignore);
    let deaf = Puppet::new("deaf", &log);
    let a = Puppet::new("a", &log);
    let tree = supervisor(Strategy::OneForAll).children([
        a.spec(),
        stuck.spec().shutdown(SECOND),
        deaf.deaf().shutdown(SECOND),
    ]);
    let (running, handle) = up(tree).await;
    let before = Instant::now();
    handle.stop_child("stuck").await.unwrap();
    assert_eq!(before.elapsed().as_secs(), 1);
    handle.restart_child("stuck").await.unwrap();
    a.fail("now");
    a.started(2).await;
    assert_eq!(before.elapsed().as_secs(), 3);
    settle().await;
    let late = ["deaf", "stuck"].map(|name| format!("root/{name}: killed, its shutdown timed out"));
    assert_eq!(unclean(running.shutdown().await), late.join("; "));
    assert_eq!(before.elapsed().as_secs(), 5);
}
