//! Children that run on a thread of their own. These tests run on the real clock and are paced by
//! gates; `paused_time.rs` is about threads on a paused clock.

mod lent;
mod thread_locals;
mod unresponsive;

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use sage_supervisor::{
    BlockingContext, ChildSpec, ChildState, EventKind, Exit, RestartPolicy, SageError, Shutdown,
    Strategy,
};
use sage_supervisor_tests::{Log, Puppet, quiet_panics, supervisor};
use tokio::runtime::Handle;

const GRACE: Duration = Duration::from_millis(50);
/// A time limit that is reached only if something is broken.
const FAR: Duration = Duration::from_secs(300);

/// A thread that waits until it is asked to stop.
fn polite(puppet: &Puppet) -> ChildSpec {
    let puppet = puppet.clone();
    ChildSpec::blocking(puppet.name().to_owned(), move |ctx: BlockingContext| {
        let _alive = puppet.alive();
        assert!(ctx.wait_cancelled(FAR), "asked in time");
    })
}

#[tokio::test]
async fn rule_1_a_thread_ends_like_a_task() {
    quiet_panics();
    let ends: [(ChildSpec, &str); 4] = [
        (ChildSpec::blocking("unit", |_| {}), "normal"),
        (ChildSpec::blocking("ok", |_| Ok::<(), String>(())), "normal"),
        (ChildSpec::blocking("error", |_| Err("disk full")), "error: disk full"),
        (
            ChildSpec::blocking("panic", |_| -> () { panic!("expected: no way") }),
            "panic: expected: no way",
        ),
    ];
    for (spec, expected) in ends {
        let running = supervisor(Strategy::OneForOne)
            .children([spec.restart(RestartPolicy::Temporary)])
            .start();
        let mut events = running.handle().tree_events();
        running.wait().await.unwrap();
        let mut exits = vec![];
        while let Some(event) = events.recv().await {
            match event.unwrap() {
                event if event.child.is_none() => {}
                event => {
                    if let EventKind::Exited { exit, asked: false, .. } = event.kind {
                        exits.push(exit.to_string());
                    }
                }
            }
        }
        assert_eq!(exits, [expected]);
    }
}

/// The process is started again with a stack size at which no thread but the main one can be
/// spawned.
#[test]
fn rule_1_a_thread_that_cannot_be_spawned_is_an_error() {
    const NAME: &str = "blocking::rule_1_a_thread_that_cannot_be_spawned_is_an_error";
    if std::env::var_os("RUST_MIN_STACK").is_none() {
        let again = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", NAME, "--test-threads=1", "--nocapture"])
            .env("RUST_MIN_STACK", (1_u64 << 60).to_string())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&again.stdout);
        assert!(again.status.success() && told.contains("1 passed"), "{again:?}");
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let child = ChildSpec::blocking("child", |_| {});
    let mut tree = supervisor(Strategy::OneForOne).children([child]);
    let error = runtime.block_on(tree.run()).unwrap_err();
    let SageError::Supervisor(reached) = error else { panic!("{error}") };
    let cause = reached.exit.cause().unwrap().downcast_ref::<std::io::Error>();
    assert!(cause.unwrap().raw_os_error().is_some(), "{reached}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blocking_child_has_a_thread_of_its_name_inside_the_runtime() {
    let (tell, told) = tokio::sync::oneshot::channel();
    let tell = Mutex::new(Some(tell));
    let child = ChildSpec::blocking("crunch", move |ctx: BlockingContext| {
        let name = thread::current().name().map(str::to_owned);
        let spawned = Handle::current().block_on(async { tokio::spawn(async { 7 }).await });
        let told = (name, spawned.unwrap(), ctx.path());
        tell.lock().unwrap().take().unwrap().send(told).unwrap();
    });
    let child = child.restart(RestartPolicy::Transient);
    supervisor(Strategy::OneForOne).children([child]).run().await.unwrap();
    assert_eq!(told.await.unwrap(), (Some("crunch".to_owned()), 7, "root/crunch".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_22_a_thread_is_asked_to_stop_and_waited_for() {
    let log = Log::default();
    let [first, last] = ["first", "last"].map(|name| Puppet::new(name, &log));
    let specs = [polite(&first), polite(&last)];
    let default = Shutdown::Timeout(Duration::from_secs(5));
    assert_eq!(specs.each_ref().map(ChildSpec::shutdown_setting), [default; 2]);
    assert_eq!(specs[0].restart_policy(), RestartPolicy::Permanent);
    let specs = specs.map(|spec| spec.shutdown(Shutdown::Infinity));
    let running = supervisor(Strategy::OneForOne).children(specs).start();
    last.started(1).await;
    first.started(1).await;
    log.take();
    running.shutdown().await.unwrap();
    assert_eq!(log.take(), "-last -first", "one after the other");
}

/// A kill cannot abort a thread: the thread is asked to stop, and may return within the grace.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_22_a_thread_that_is_killed_may_still_return() {
    let log = Log::default();
    let child = Puppet::new("child", &log);
    for brutally in [true, false] {
        let spec = polite(&child).shutdown(Shutdown::BrutalKill);
        let running = supervisor(Strategy::OneForOne).kill_grace(FAR).children([spec]).start();
        let handle = running.handle();
        while !handle.child("child").await.is_ok_and(|child| child.state == ChildState::Running) {}
        let ended = if brutally { running.kill().await } else { running.shutdown().await };
        ended.unwrap();
        assert_eq!(child.live(), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_14_a_thread_is_over_when_all_it_had_is_gone() {
    const STARTS: usize = 30;
    quiet_panics();
    struct Slow<T>(Option<T>);
    impl<T> Drop for Slow<T> {
        fn drop(&mut self) {
            thread::sleep(Duration::from_millis(2));
            self.0 = None;
        }
    }
    let log = Log::default();
    let child = Puppet::new("child", &log);
    let puppet = child.clone();
    let spec = ChildSpec::blocking("child", move |_: BlockingContext| {
        let _alive = Slow(Some(puppet.alive()));
        assert!(puppet.starts() == STARTS, "expected: again");
    });
    let mut tree = supervisor(Strategy::OneForOne)
        .unlimited_restarts()
        .children([spec.restart(RestartPolicy::Transient)]);
    tree.run().await.unwrap();
    assert_eq!((child.starts(), child.live(), child.peak()), (STARTS, 0, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_26_a_thread_is_told_that_its_tree_is_dropped() {
    let log = Log::default();
    let child = Puppet::new("child", &log);
    let inner = supervisor(Strategy::OneForOne).children([polite(&child)]);
    let running = supervisor(Strategy::OneForOne).kill_grace(FAR).child("inner", inner).start();
    let handle = running.handle();
    child.started(1).await;
    drop(running);
    handle.wait().await.unwrap();
    assert_eq!(child.live(), 0);
}

#[test]
fn rule_26_a_thread_is_told_that_its_runtime_is_dropped() {
    let log = Log::default();
    let child = Puppet::new("child", &log);
    let (ended, end) = channel();
    let (puppet, ended) = (child.clone(), Mutex::new(ended));
    let spec = ChildSpec::blocking("child", move |ctx: BlockingContext| {
        let alive = puppet.alive();
        let asked = ctx.wait_cancelled(FAR);
        drop(alive);
        ended.lock().unwrap().send(asked).unwrap();
    });
    let mut tree = supervisor(Strategy::OneForOne).children([spec]);
    for run in 1..=2 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            // The supervisor never handles the drop of the run, because the runtime is dropped
            // before any task is woken.
            tokio::select! {
                result = tree.run() => panic!("it ended: {result:?}"),
                () = child.started(run) => {}
            }
        });
        drop(runtime);
        assert_eq!(end.recv_timeout(FAR), Ok(true));
    }
    assert_eq!((child.starts(), child.peak()), (2, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_6_a_thread_says_that_it_is_ready_or_declines() {
    let log = Log::default();
    let next = Puppet::new("next", &log);
    let (open, gate) = channel::<()>();
    let gate = Mutex::new(gate);
    let ready = ChildSpec::blocking("ready", move |ctx: BlockingContext| {
        gate.lock().unwrap().recv().unwrap();
        ctx.ready();
        assert!(ctx.wait_cancelled(FAR));
    });
    let declines = ChildSpec::blocking("declines", |ctx: BlockingContext| {
        ctx.decline();
        assert!(ctx.wait_cancelled(FAR), "asked to stop");
    });
    let running = supervisor(Strategy::OneForOne)
        .children([ready, declines].map(|spec| spec.ready_within(FAR)))
        .children([next.spec()])
        .start();
    let handle = running.handle();
    tokio::time::sleep(GRACE).await;
    assert_eq!(handle.child("ready").await.unwrap().state, ChildState::Starting);
    assert_eq!(next.starts(), 0);
    open.send(()).unwrap();
    next.started(1).await;
    let states = handle.children().await.unwrap().into_iter().map(|child| child.state);
    let expected = [ChildState::Running, ChildState::Finished, ChildState::Running];
    assert_eq!(states.collect::<Vec<_>>(), expected);
    running.shutdown().await.unwrap();
}

/// `wait_cancelled` neither consumes the unpark token of the child's own `park` nor returns early
/// because of that token.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_for_a_request_leaves_parking_to_the_child() {
    let child = ChildSpec::blocking("child", |ctx: BlockingContext| {
        let began = Instant::now();
        thread::current().unpark();
        assert!(!ctx.wait_cancelled(GRACE), "nobody asks");
        assert!(began.elapsed() >= GRACE, "not in time");
        thread::park_timeout(FAR);
        assert!(began.elapsed() < FAR, "the token was taken");
        assert!(!ctx.wait_cancelled(Duration::ZERO));
        ctx.token().cancel();
        assert!(!ctx.wait_cancelled(Duration::ZERO), "its own token is not a request");
    });
    let child = child.restart(RestartPolicy::Temporary);
    let running = supervisor(Strategy::OneForOne).children([child]).keep_alive(true).start();
    let handle = running.handle();
    let exit = loop {
        let child = handle.child("child").await;
        if let Some(exit) = child.ok().and_then(|child| child.last_exit) {
            break exit;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    };
    assert!(matches!(exit, Exit::Normal), "{exit}");
    running.shutdown().await.unwrap();
}

/// The end of a thread cancels the contexts that the thread has passed on, as with a task.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_context_that_outlives_its_thread_hears_of_the_end() {
    let leaked = Arc::new(Mutex::new(None));
    let leak = Arc::clone(&leaked);
    let child = ChildSpec::blocking("child", move |ctx: BlockingContext| {
        *leak.lock().unwrap() = Some(ctx);
    });
    let child = child.restart(RestartPolicy::Temporary);
    supervisor(Strategy::OneForOne).children([child]).run().await.unwrap();
    let ctx = leaked.lock().unwrap().take().unwrap();
    assert!(ctx.is_cancelled() && ctx.wait_cancelled(Duration::ZERO));
    ctx.cancelled().await;
}
