//! More mistakes of other supervisors: those that concern the runtime, its threads and its clock,
//! and the remains of a tree that has ended.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, ChildState, SageError, Shutdown, Strategy, Supervisor,
};
use sage_supervisor_tests::{
    Gated, Log, Puppet, limit, no_task_is_left, settle, supervisor, unclean,
};
use tokio::time::{Instant, timeout};

use crate::{SECOND, state, up};

/// Exits must not be lost, neither when they come together nor before the supervisor waits for
/// them: a permanent child that fails at once never leads to a normal end.
#[test]
fn a_failure_at_once_is_never_a_good_end() {
    let runtime = |threads| {
        let mut builder = match threads {
            0 => tokio::runtime::Builder::new_current_thread(),
            _ => tokio::runtime::Builder::new_multi_thread(),
        };
        builder.worker_threads(threads.max(1)).enable_all().build().unwrap()
    };
    for threads in [0, 2] {
        let runtime = runtime(threads);
        for children in [1, 2, 3] {
            for _ in 0..100 {
                let fail = async |_| Err::<(), _>(SageError::agent("at once"));
                let children = (0..children).map(|n| ChildSpec::new(format!("child-{n}"), fail));
                let mut tree = Supervisor::new(Strategy::OneForOne, limit(1)).children(children);
                let result = runtime.block_on(tree.run());
                assert!(matches!(result, Err(SageError::Supervisor(_))), "{result:?}");
            }
        }
    }
}

/// A value whose drop takes a while.
struct Slow(Arc<AtomicUsize>);

impl Drop for Slow {
    fn drop(&mut self) {
        std::thread::sleep(Duration::from_millis(5));
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A supervisor must not return before its children and their destructors have ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_a_supervisor_is_that_of_all_its_children() {
    for trips in [false, true] {
        let (up, mut all_up) = tokio::sync::mpsc::unbounded_channel();
        let ended = Arc::new(AtomicUsize::new(0));
        let children = (0..20).map(|number| {
            let (up, ended) = (up.clone(), Arc::clone(&ended));
            let child = ChildSpec::new(format!("child-{number}"), move |ctx: ChildContext| {
                let (up, slow) = (up.clone(), Slow(Arc::clone(&ended)));
                async move {
                    let _slow = slow;
                    up.send(()).unwrap();
                    ctx.cancelled().await;
                }
            });
            if number % 2 == 0 { child.shutdown(Shutdown::BrutalKill) } else { child }
        });
        let tree = Supervisor::new(Strategy::OneForOne, limit(0)).children(children);
        let failing = ChildSpec::new("failing", async |ctx: ChildContext| {
            ctx.token().cancelled().await;
            Err::<(), _>(SageError::agent("while it stops"))
        });
        let running = tree.children([failing]).start();
        for _ in 0..20 {
            all_up.recv().await.unwrap();
        }
        if trips {
            let failing = async |_| Err::<(), _>(SageError::agent("at once"));
            running.handle().start_child(ChildSpec::new("late", failing)).await.unwrap();
            running.wait().await.unwrap_err();
        } else {
            assert_eq!(
                unclean(running.shutdown().await),
                "root/failing: error: agent error: while it stops"
            );
        }
        assert_eq!(ended.load(Ordering::SeqCst), 20);
        no_task_is_left().await;
    }
}

/// Children must not live on when the owner or the future of a run is dropped.
#[tokio::test(start_paused = true)]
async fn nothing_outlives_what_is_dropped() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let inner = supervisor(Strategy::OneForOne).children([b.spec()]);
    let mut tree = supervisor(Strategy::OneForOne).children([a.spec()]).child("inner", inner);
    for _ in 0..5 {
        timeout(SECOND, tree.run()).await.unwrap_err();
    }
    no_task_is_left().await;
    assert_eq!((a.starts(), a.peak(), b.starts(), b.peak()), (5, 1, 5, 1));

    let (running, _) = up(tree).await;
    drop(running);
    no_task_is_left().await;
    assert_eq!((a.live(), b.live()), (0, 0));
}

/// A run must not start a second copy of the children of a dropped run: the next run waits until
/// the destructors of the last one have returned.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_waits_for_the_children_of_the_one_before() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let (puppet, ended) = (a.clone(), Arc::new(AtomicUsize::new(0)));
    let counter = Arc::clone(&ended);
    let child = ChildSpec::new("a", move |_| {
        let (alive, slow) = (puppet.alive(), Slow(Arc::clone(&counter)));
        async move {
            let _alive = alive;
            let _slow = slow;
            std::future::pending::<()>().await;
        }
    });
    let mut tree = supervisor(Strategy::OneForOne).children([child]);
    for run in 1..=5 {
        tokio::select! {
            result = tree.run() => panic!("{result:?}"),
            () = a.started(run) => {}
        }
    }
    no_task_is_left().await;
    assert_eq!((a.starts(), a.peak(), ended.load(Ordering::SeqCst)), (5, 1, 5));
}

/// A restart without a delay goes through no timer: ten thousand restarts take no time on a paused
/// clock.
#[tokio::test(start_paused = true)]
async fn a_restart_without_a_delay_takes_no_time() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let tree = supervisor(Strategy::OneForOne).unlimited_restarts().children([a.spec()]);
    let (running, _) = up(tree).await;
    let before = Instant::now();
    for _ in 0..10_000 {
        a.fail("again");
    }
    a.started(10_001).await;
    assert_eq!(before.elapsed(), Duration::ZERO);
    running.shutdown().await.unwrap();
}

/// A child that reports readiness and then blocks its thread does not stall its supervisor: the
/// next child starts, and ends the block.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_child_that_blocks_after_it_is_ready_does_not_stall_the_start() {
    let (open, gate) = mpsc::channel::<()>();
    let (gate, released) = (Arc::new(Mutex::new(gate)), tokio::sync::watch::Sender::new(None));
    let tell = released.clone();
    let blocking = ChildSpec::new("blocking", move |ctx: ChildContext| {
        let (gate, tell) = (Arc::clone(&gate), tell.clone());
        async move {
            ctx.ready().await;
            let opened = gate.lock().unwrap().recv_timeout(Duration::from_secs(60));
            tell.send_replace(Some(opened.is_ok()));
            ctx.cancelled().await;
        }
    });
    let next = ChildSpec::new("next", move |ctx: ChildContext| {
        let open = open.clone();
        async move {
            open.send(()).unwrap();
            ctx.cancelled().await;
        }
    });
    let running = supervisor(Strategy::OneForOne)
        .children([blocking.ready_within(Duration::from_secs(600)), next])
        .start();
    let opened = *released.subscribe().wait_for(Option::is_some).await.unwrap();
    assert_eq!(opened, Some(true));
    running.shutdown().await.unwrap();
}

/// Late reports of an instance that has ended must not be taken for those of the next instance, or
/// of another child in the place of a removed one.
#[tokio::test(start_paused = true)]
async fn an_instance_that_has_ended_is_not_heard() {
    let log = Log::default();
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    // Only the first instance ever becomes ready.
    let a = ChildSpec::new("a", move |ctx: ChildContext| {
        tell.send(ctx.clone()).unwrap();
        async move {
            if ctx.restarts() == 0 {
                ctx.ready().await;
            }
            ctx.cancelled().await;
        }
    });
    let (running, handle) = up(supervisor(Strategy::OneForOne).keep_alive(true)).await;
    handle.start_child(a.ready_within(SECOND * 100)).await.unwrap();
    let old = told.recv().await.unwrap();
    tokio::spawn({
        let handle = handle.clone();
        async move { handle.restart_child("a").await }
    });
    told.recv().await.unwrap();
    old.ready().await;
    old.decline().await;
    settle().await;
    assert_eq!(state(&handle, "a").await, ChildState::Starting);

    handle.stop_child("a").await.unwrap();
    handle.remove_child("a").await.unwrap();
    tokio::spawn({
        let (handle, b) = (handle.clone(), Gated::new("b", &log).spec());
        async move { handle.start_child(b).await }
    });
    settle().await;
    old.ready().await;
    old.decline().await;
    settle().await;
    assert_eq!(state(&handle, "b").await, ChildState::Starting);
    running.shutdown().await.unwrap();
}
