//! Nothing is left of a tree that is dropped (rules 14 and 26).

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use sage_supervisor::{ChildContext, ChildSpec, RestartPolicy, Shutdown, Strategy, Supervisor};
use sage_supervisor_tests::{Log, OnStop, Puppet, limit, no_task_is_left, settle, supervisor};

/// Polls a run until the tree has settled, then drops it.
async fn run_and_drop(tree: &mut Supervisor) {
    let mut run = pin!(tree.run());
    tokio::select! {
        biased;
        result = &mut run => panic!("it ended: {result:?}"),
        () = settle() => {}
    }
}

#[tokio::test(start_paused = true)]
async fn rule_26_dropping_run_ends_everything_below_grandchildren_too() {
    let log = Log::default();
    let stubborn =
        |name| Puppet::with(name, &log, OnStop::Ignore).spec().shutdown(Shutdown::Infinity);
    let deepest = supervisor(Strategy::OneForOne).children([stubborn("c"), stubborn("d")]);
    let inner = supervisor(Strategy::OneForOne).children([stubborn("b")]).child("x", deepest);
    let mut tree = supervisor(Strategy::OneForOne).children([stubborn("a")]).child("y", inner);
    run_and_drop(&mut tree).await;
    assert_eq!(log.take(), "+a +b +c +d");
    settle().await;
    let mut ended: Vec<_> = log.take().split(' ').map(str::to_owned).collect();
    ended.sort_unstable();
    assert_eq!(ended, ["-a", "-b", "-c", "-d"]);
    no_task_is_left().await;
}

#[tokio::test(start_paused = true)]
async fn rule_26_dropping_the_owner_ends_everything_handles_do_not_keep_it() {
    let log = Log::default();
    let a = Puppet::with("a", &log, OnStop::Ignore);
    let running = supervisor(Strategy::OneForOne).children([a.spec()]).start();
    let handle = running.handle();
    settle().await;
    drop(running);
    handle.wait().await.unwrap();
    assert_eq!(a.live(), 0);
    no_task_is_left().await;
}

/// Children that are ready to be polled at the moment of the drop are not polled again either.
#[tokio::test(start_paused = true)]
async fn rule_26_after_the_drop_no_child_is_polled_again() {
    let polls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&polls);
    let spinner = move |_: ChildContext| {
        let polls = Arc::clone(&counted);
        async move {
            loop {
                polls.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
            }
        }
    };
    let inner = supervisor(Strategy::OneForOne).child("inner", spinner.clone());
    let running =
        supervisor(Strategy::OneForOne).child("outer", spinner).child("nested", inner).start();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    drop(running);
    let before = polls.load(Ordering::SeqCst);
    assert!(before > 10);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(polls.load(Ordering::SeqCst), before);
    no_task_is_left().await;
}

/// A poll that another thread was about to begin when the tree was dropped may still begin: one for each
/// thread, and none after that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_26_on_many_threads_at_most_one_poll_for_each_begins_after_the_drop() {
    for _ in 0..200 {
        let is_dropped = Arc::new(AtomicBool::new(false));
        let (polls, late) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let of_child = (Arc::clone(&is_dropped), Arc::clone(&polls), Arc::clone(&late));
        let spinner = move |_: ChildContext| {
            let (is_dropped, polls, late) = of_child.clone();
            async move {
                loop {
                    late.fetch_add(
                        usize::from(is_dropped.load(Ordering::SeqCst)),
                        Ordering::SeqCst,
                    );
                    polls.fetch_add(1, Ordering::SeqCst);
                    tokio::task::yield_now().await;
                }
            }
        };
        let inner =
            supervisor(Strategy::OneForOne).child("c", spinner.clone()).child("d", spinner.clone());
        let running = supervisor(Strategy::OneForOne)
            .child("a", spinner.clone())
            .child("b", spinner)
            .child("inner", inner)
            .start();
        while polls.load(Ordering::SeqCst) < 100 {
            tokio::task::yield_now().await;
        }
        let handle = running.handle();
        drop(running);
        is_dropped.store(true, Ordering::SeqCst);
        handle.joined().await;
        let late = late.load(Ordering::SeqCst);
        assert!(late <= 2, "{late} polls on two threads");
    }
}

/// The second run is ended while it waits for the first, of which a thread is alive.
#[tokio::test]
async fn rule_26_joined_waits_for_what_dropped_runs_have_left() {
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let log = Log::default();
    let thread = Puppet::new("thread", &log);
    let of_child = thread.clone();
    let deaf = ChildSpec::blocking_lending("thread", gate, move |_, gate| {
        let _alive = of_child.alive();
        let _ = gate.recv();
    });
    let mut tree = supervisor(Strategy::OneForOne).children([deaf]);
    {
        let mut run = pin!(tree.run());
        tokio::select! {
            result = &mut run => panic!("it ended: {result:?}"),
            () = thread.started(1) => {}
        }
    }
    {
        let mut run = pin!(tree.run());
        tokio::select! {
            biased;
            result = &mut run => panic!("it does not wait: {result:?}"),
            () = tokio::task::yield_now() => {}
        }
    }
    let joined = tokio::spawn(async move {
        tree.joined().await;
        tree
    });
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert!(!joined.is_finished());
    assert_eq!(thread.live(), 1);
    drop(open);
    let tree = joined.await.unwrap();
    assert_eq!((thread.live(), thread.starts()), (0, 1));
    tree.joined().await;
    // A tree that was refused has no run.
    let refused = supervisor(Strategy::OneForOne).child("", async |_: ChildContext| {}).start();
    refused.handle().joined().await;
}

/// A child whose destructor takes half a second of real time is run and dropped five times. Two
/// instances are never alive together.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_14_five_dropped_runs_of_a_child_with_a_slow_destructor_never_two_alive() {
    struct SlowDrop(Arc<(AtomicUsize, AtomicUsize)>);
    impl SlowDrop {
        fn new(counters: &Arc<(AtomicUsize, AtomicUsize)>) -> Self {
            let live = counters.0.fetch_add(1, Ordering::SeqCst) + 1;
            counters.1.fetch_max(live, Ordering::SeqCst);
            Self(Arc::clone(counters))
        }
    }
    impl Drop for SlowDrop {
        fn drop(&mut self) {
            std::thread::sleep(Duration::from_millis(300));
            self.0.0.fetch_sub(1, Ordering::SeqCst);
        }
    }

    let counters = Arc::default();
    let starts = tokio::sync::watch::Sender::new(0);
    let (of_child, child_starts) = (Arc::clone(&counters), starts.clone());
    let child = move |_: ChildContext| {
        let alive = SlowDrop::new(&of_child);
        child_starts.send_modify(|starts| *starts += 1);
        async move {
            let _alive = alive;
            std::future::pending::<()>().await;
        }
    };
    let inner = supervisor(Strategy::OneForOne).child("child", child);
    let mut tree = supervisor(Strategy::OneForOne).child("inner", inner);
    let mut started = starts.subscribe();
    for round in 1..=5 {
        let mut run = pin!(tree.run());
        tokio::select! {
            result = &mut run => panic!("it ended: {result:?}"),
            _ = started.wait_for(|starts| *starts == round) => {}
        }
    }
    assert_eq!(*starts.borrow(), 5);
    assert_eq!(counters.1.load(Ordering::SeqCst), 1, "never two alive");
    no_task_is_left().await;
    assert_eq!(counters.0.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn rule_14_a_run_that_waits_for_the_one_before_can_be_dropped_or_stopped() {
    let log = Log::default();
    let slow = Puppet::new("slow", &log);
    let mut tree = supervisor(Strategy::OneForOne).children([slow.spec()]);
    for _ in 0..3 {
        // The run is dropped after a single poll.
        let mut run = pin!(tree.run());
        let polled = std::future::poll_fn(|cx| {
            std::task::Poll::Ready(Future::poll(run.as_mut(), cx).is_pending())
        });
        assert!(polled.await);
    }
    run_and_drop(&mut tree).await;
    assert_eq!(slow.peak(), 1);
    let running = tree.start();
    running.shutdown().await.unwrap();
    no_task_is_left().await;
    assert_eq!(slow.live(), 0);
}

/// The run is dropped at every step in the life of a tree: during the start, a restart, and the
/// shutdown.
#[tokio::test(start_paused = true)]
async fn rule_26_dropped_in_the_middle_of_any_phase_nothing_is_left() {
    for steps in 0..60 {
        let log = Log::default();
        let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(3)));
        let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
        for _ in 0..4 {
            b.fail("again");
        }
        let inner = Supervisor::new(Strategy::OneForAll, limit(1))
            .children([slow.spec(), b.spec().restart(RestartPolicy::Transient)]);
        let mut tree = Supervisor::new(Strategy::RestForOne, limit(0))
            .children([a.spec()])
            .child("inner", inner);
        {
            let mut run = pin!(tree.run());
            for step in 0..steps {
                let yielding = async {
                    if step % 5 == 4 {
                        tokio::time::sleep(Duration::from_millis(1_100)).await;
                    } else {
                        tokio::task::yield_now().await;
                    }
                };
                tokio::select! {
                    biased;
                    _ = &mut run => break,
                    () = yielding => {}
                }
            }
        }
        no_task_is_left().await;
        assert_eq!([a.live(), b.live(), slow.live()], [0, 0, 0], "after {steps} steps");
        assert!(a.peak() <= 1 && b.peak() <= 1 && slow.peak() <= 1);
    }
}

#[test]
fn rule_26_dropping_the_runtime_ends_everything_and_hangs_nobody() {
    let log = Log::default();
    let a = Puppet::with("a", &log, OnStop::Ignore);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let inner = supervisor(Strategy::OneForOne).unlimited_restarts().children([a.spec()]);
    let running = runtime.block_on(async {
        let running =
            supervisor(Strategy::OneForOne).unlimited_restarts().child("inner", inner).start();
        a.started(1).await;
        running
    });
    let handle = running.handle();
    drop(runtime);
    assert_eq!(a.live(), 0);
    assert!(handle.has_ended());
    let elsewhere = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let error = elsewhere.block_on(running.wait()).unwrap_err();
    assert!(matches!(error, sage_supervisor::SageError::RuntimeShutdown));
}

#[tokio::test(start_paused = true)]
async fn rule_26_a_leaked_context_or_handle_holds_up_nobody() {
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let child = ChildSpec::new("child", move |ctx: ChildContext| {
        tell.send(ctx.clone()).unwrap();
        async {}
    })
    .restart(RestartPolicy::Temporary);
    let mut tree = supervisor(Strategy::OneForOne).children([child]);
    tree.run().await.unwrap();
    let leaked = told.try_recv().unwrap();
    // The end of the instance cancels every context that it has passed on.
    leaked.cancelled().await;
    tree.run().await.unwrap();
    assert_eq!(leaked.path(), "root/child");
}

/// A task finds that the tree is dropped before its own supervisor does. The exit of such a task is
/// not a failure: nothing is restarted, and no restart limit is reached, at any depth.
#[tokio::test(start_paused = true)]
async fn rule_26_a_killed_task_is_not_taken_for_a_failed_one() {
    let spinner = ChildSpec::new("spinner", async |ctx: ChildContext| {
        assert_eq!(ctx.restarts(), 0, "restarted after the drop");
        loop {
            tokio::task::yield_now().await;
        }
    });
    let events = sage_supervisor_tests::Recorder::default();
    let _recording = tracing::subscriber::set_default(events.clone());
    let inner = Supervisor::new(Strategy::OneForOne, limit(0)).children([spinner]);
    let tree = (0..4).fold(inner, |inner, _| {
        let entry = sage_supervisor::IntoChild::into_child(inner, "n".to_owned());
        supervisor(Strategy::OneForOne).children([entry.restart(RestartPolicy::Permanent)])
    });
    let running = tree.start();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    events.take();
    drop(running);
    settle().await;
    let told = events.take();
    assert!(told.iter().any(|event| event.contains("child=spinner exit=killed")), "{told:#?}");
    let wrong =
        |event: &String| event.contains("event=restart") || event.contains("event=restart_limit");
    assert!(!told.iter().any(wrong), "{told:#?}");
}
