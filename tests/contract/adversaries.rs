//! User code at its worst: no exit is lost, no task is leaked or doubled, and nothing hangs.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sage_supervisor::{
    BoxError, ChildContext, ChildSpec, Exit, IntoChild, RestartPolicy, SageError, Shutdown,
    Strategy, Supervisor,
};
use sage_supervisor_tests::{
    Log, OnStop, Puppet, limit, no_task_is_left, quiet_panics, settle, supervisor, unclean,
};

/// A value that panics when it is dropped.
struct Bomb(&'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("expected: {}", self.0);
        }
    }
}

/// Runs one permanent child beside a sibling under a limit of two, and returns the final error.
async fn fails(child: ChildSpec) -> String {
    quiet_panics();
    let log = Log::default();
    let sibling = Puppet::new("sibling", &log);
    let running =
        Supervisor::new(Strategy::OneForOne, limit(2)).children([sibling.spec(), child]).start();
    let error = running.wait().await.unwrap_err();
    assert_eq!((sibling.starts(), sibling.live()), (1, 0));
    no_task_is_left().await;
    format!("{error:#}")
}

#[tokio::test(start_paused = true)]
async fn a_start_function_that_panics_is_contained() {
    let child =
        ChildSpec::new("child", |_| -> std::future::Ready<()> { panic!("expected: no start") });
    assert!(fails(child).await.ends_with("panic: expected: no start"));
    let child = ChildSpec::without_context("child", || -> std::future::Ready<()> {
        panic!("expected: no start")
    });
    assert!(fails(child).await.ends_with("panic: expected: no start"));
}

#[tokio::test(start_paused = true)]
async fn a_future_whose_destructor_panics_after_its_end_is_contained() {
    let child = ChildSpec::new("child", |_| {
        struct Ends(#[expect(dead_code, reason = "dropped with the future")] Bomb);
        impl Future for Ends {
            type Output = ();
            fn poll(
                self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
            ) -> std::task::Poll<()> {
                std::task::Poll::Ready(())
            }
        }
        Ends(Bomb("in its destructor"))
    });
    assert!(fails(child).await.ends_with("panic: expected: in its destructor"));
}

#[tokio::test(start_paused = true)]
async fn an_error_is_worth_more_than_the_destructor_that_panics_after_it() {
    let child = ChildSpec::new("child", async |_| {
        let _bomb = Bomb("in its destructor");
        Err::<(), BoxError>("the error".into())
    });
    let error = fails(child).await;
    // The destructor panics during the last poll of the future, before the future has returned its
    // error.
    assert!(error.ends_with("panic: expected: in its destructor"), "{error}");

    let child = ChildSpec::new("child", |_| {
        struct Fails(#[expect(dead_code, reason = "dropped with the future")] Bomb);
        impl Future for Fails {
            type Output = Result<(), BoxError>;
            fn poll(
                self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Self::Output> {
                std::task::Poll::Ready(Err("the error".into()))
            }
        }
        Fails(Bomb("in its destructor"))
    });
    assert!(fails(child).await.ends_with("error: the error"));
}

#[tokio::test(start_paused = true)]
async fn a_destructor_that_panics_on_abort_is_contained_and_its_message_kept() {
    quiet_panics();
    let log = Log::default();
    let trigger = Puppet::new("trigger", &log);
    let seen = Arc::new(std::sync::Mutex::new(None));
    let seen_by_child = Arc::clone(&seen);
    let child = ChildSpec::new("child", move |ctx: ChildContext| {
        *seen_by_child.lock().unwrap() = ctx.previous_exit().cloned();
        let bomb = (ctx.restarts() == 0).then(|| Bomb("on abort"));
        async move {
            let _bomb = bomb;
            std::future::pending::<()>().await;
        }
    });
    let running = supervisor(Strategy::OneForAll)
        .children([child.shutdown(Shutdown::BrutalKill), trigger.spec()])
        .start();
    settle().await;
    trigger.fail("now");
    trigger.started(2).await;
    let exit: Exit = seen.lock().unwrap().take().unwrap();
    assert_eq!(exit.to_string(), "panic: expected: on abort");
    running.shutdown().await.unwrap();
    no_task_is_left().await;
}

#[tokio::test(start_paused = true)]
async fn a_clone_that_panics_in_a_start_function_is_contained() {
    struct Rare(AtomicUsize);
    impl Clone for Rare {
        fn clone(&self) -> Self {
            let clones = self.0.fetch_add(1, Ordering::SeqCst);
            assert!(clones < 1, "expected: no more clones");
            Self(AtomicUsize::new(0))
        }
    }
    let rare = Rare(AtomicUsize::new(0));
    let child = ChildSpec::new("child", move |_| {
        let rare = rare.clone();
        async move {
            let _ = rare;
        }
    });
    assert!(fails(child).await.ends_with("panic: expected: no more clones"));
}

/// The captured value is dropped with its spec, and the engine may be the last owner of the spec.
#[tokio::test(start_paused = true)]
async fn a_captured_value_whose_destructor_panics_is_contained() {
    quiet_panics();
    let bomb = Bomb("captured");
    let child = ChildSpec::new("child", move |_| {
        let _ = &bomb;
        async {}
    });
    let tree = supervisor(Strategy::OneForOne).children([child.restart(RestartPolicy::Temporary)]);
    tree.start().wait().await.unwrap();
    no_task_is_left().await;
}

#[tokio::test(start_paused = true)]
async fn a_panic_payload_that_panics_when_dropped_is_contained() {
    struct Payload;
    impl Drop for Payload {
        fn drop(&mut self) {
            panic!("expected: the payload");
        }
    }
    let child = ChildSpec::new("child", async |_| {
        std::panic::panic_any(Payload);
    });
    let error = fails(child).await;
    assert!(error.ends_with("panic: a payload that is not a string"), "{error}");
}

#[derive(Debug)]
struct Rude;

impl fmt::Display for Rude {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("expected: in Display");
    }
}

impl Error for Rude {}

impl Drop for Rude {
    fn drop(&mut self) {
        panic!("expected: in the destructor of an error");
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_that_panics_when_shown_or_dropped_is_contained() {
    let child = ChildSpec::new("child", async |_| Err::<(), _>(Rude));
    let error = fails(child).await;
    assert!(error.ends_with("error: an error whose `Display` panics"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_waker_storm_of_one_child_starves_nobody() {
    let log = Log::default();
    let sibling = Puppet::new("sibling", &log);
    let spinner = ChildSpec::new("spinner", async |_| {
        loop {
            tokio::task::yield_now().await;
        }
    });
    let running = supervisor(Strategy::OneForOne)
        .children([spinner.shutdown(Shutdown::BrutalKill), sibling.spec()])
        .start();
    sibling.started(1).await;
    sibling.fail("now");
    sibling.started(2).await;
    running.shutdown().await.unwrap();
    no_task_is_left().await;
}

/// The children end by themselves, fail and panic while they are being stopped. The stop goes on,
/// in order.
#[tokio::test(start_paused = true)]
async fn children_that_end_badly_while_being_stopped_disturb_nobody() {
    quiet_panics();
    let log = Log::default();
    let children = [
        Puppet::new("a", &log).spec(),
        Puppet::with("b", &log, OnStop::Fail).spec(),
        Puppet::with("c", &log, OnStop::Panic).spec(),
        Puppet::with("d", &log, OnStop::Ignore).spec(),
        Puppet::with("e", &log, OnStop::After(Duration::from_secs(1))).spec(),
    ];
    let running = Supervisor::new(Strategy::OneForAll, limit(0)).children(children).start();
    settle().await;
    log.take();
    let failed = "root/d: killed, its shutdown timed out; root/c: panic: expected: panicked while \
                  stopping; root/b: error: failed while stopping";
    assert_eq!(unclean(running.shutdown().await), failed);
    assert_eq!(log.take(), "-e -d -c -b -a");
    no_task_is_left().await;
}

/// A sibling that ends during the shutdown, while another child is being stopped, is not restarted.
#[tokio::test(start_paused = true)]
async fn a_death_during_a_shutdown_restarts_nothing() {
    for strategy in [Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne] {
        let log = Log::default();
        let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(3)));
        let a = Puppet::new("a", &log);
        let running = supervisor(strategy).children([a.spec(), slow.spec()]).start();
        settle().await;
        let handle = running.handle();
        let stopping = tokio::spawn(running.shutdown());
        settle().await;
        a.fail("meanwhile");
        settle().await;
        assert!(!handle.has_ended());
        assert_eq!(unclean(stopping.await.unwrap()), "root/a: error: meanwhile");
        assert_eq!(log.take(), "+a +slow -a -slow");
    }
}

/// A child may run a supervisor of its own and wait for it, or drop that supervisor.
#[tokio::test(start_paused = true)]
async fn a_supervisor_run_inside_a_child_ends_with_it() {
    let log = Log::default();
    let inner = Puppet::with("inner", &log, OnStop::Ignore);
    let of_child = inner.clone();
    let child = ChildSpec::new("child", move |_: ChildContext| {
        let inner = of_child.clone();
        async move { supervisor(Strategy::OneForOne).children([inner.spec()]).run().await }
    });
    let running =
        supervisor(Strategy::OneForOne).children([child.shutdown(Shutdown::BrutalKill)]).start();
    inner.started(1).await;
    running.shutdown().await.unwrap();
    no_task_is_left().await;
    assert_eq!(inner.live(), 0);
}

/// An error of this crate's own type that a child returns is an ordinary error: the child is
/// restarted. Only the error of a nested supervisor is taken for that of a tree.
#[tokio::test(start_paused = true)]
async fn an_error_of_our_own_type_from_a_worker_is_an_ordinary_error() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let child = ChildSpec::new("child", async |ctx: ChildContext| {
        if ctx.restarts() == 0 {
            let rule = SageError::from(std::io::Error::other("from below"));
            return Err(rule);
        }
        ctx.cancelled().await;
        Ok(())
    });
    let running = supervisor(Strategy::OneForOne).children([a.spec(), child]).start();
    settle().await;
    assert!(!running.handle().has_ended());
    running.shutdown().await.unwrap();
}

/// Polls a future once, with a waker that panics.
fn poll_rudely(future: std::pin::Pin<&mut impl Future>) {
    struct Rude;
    impl std::task::Wake for Rude {
        fn wake(self: Arc<Self>) {
            panic!("expected: a rude waker");
        }
    }
    let waker = std::task::Waker::from(Arc::new(Rude));
    assert!(future.poll(&mut std::task::Context::from_waker(&waker)).is_pending());
}

/// The wakers of a child run where the request to stop is made. A waker that panics affects no
/// other child: the others are stopped in order.
#[tokio::test(start_paused = true)]
async fn a_waker_that_panics_is_contained() {
    quiet_panics();
    let log = Log::default();
    let others = ["a", "b"].map(|name| Puppet::new(name, &log));
    let rude = ChildSpec::new("rude", async |ctx: ChildContext| {
        let mut cancelled = Box::pin(ctx.cancelled());
        poll_rudely(cancelled.as_mut());
        std::future::pending::<()>().await;
    });
    let inner = supervisor(Strategy::OneForOne).children([others[1].spec(), rude]);
    let running =
        supervisor(Strategy::OneForOne).children([others[0].spec()]).child("inner", inner).start();
    settle().await;
    log.take();
    let failed = "root/inner/rude: killed, its shutdown timed out";
    assert_eq!(unclean(running.shutdown().await), failed);
    assert_eq!(log.take(), "-b -a");
    no_task_is_left().await;
}

/// Many tasks wait for the end of a tree or for its next event, and the waker of the first one
/// panics.
#[tokio::test(start_paused = true)]
async fn a_waker_that_panics_keeps_nobody_else_waiting() {
    quiet_panics();
    let log = Log::default();
    let running = supervisor(Strategy::OneForOne).children([Puppet::new("a", &log).spec()]).start();
    let (handle, mut events) = (running.handle(), running.handle().tree_events());
    let (mut rude_end, mut rude_event) = (Box::pin(handle.wait()), Box::pin(events.recv()));
    let mut rude_look = Box::pin(handle.tree());
    poll_rudely(rude_look.as_mut());
    poll_rudely(rude_end.as_mut());
    poll_rudely(rude_event.as_mut());
    let others: Vec<_> = (0..100)
        .map(|_| {
            let (handle, mut events) = (running.handle(), running.handle().tree_events());
            tokio::spawn(async move {
                events.recv().await.unwrap().unwrap();
                handle.wait().await
            })
        })
        .collect();
    settle().await;
    running.shutdown().await.unwrap();
    for other in others {
        tokio::time::timeout(Duration::from_secs(1), other)
            .await
            .expect("it is woken")
            .unwrap()
            .unwrap();
    }
    rude_look.await.unwrap();
    rude_end.await.unwrap();
    rude_event.await.unwrap().unwrap();
}

/// The timers of an engine that has stood idle for years still take a deadline.
#[tokio::test(start_paused = true)]
async fn years_of_uptime_are_survived() {
    let log = Log::default();
    let (a, b) = (Puppet::with("a", &log, OnStop::Ignore), Puppet::new("b", &log));
    let running = supervisor(Strategy::OneForAll).children([a.spec(), b.spec()]).start();
    settle().await;
    for times in 2..5 {
        b.fail("now");
        b.started(times).await;
        tokio::time::advance(Duration::from_secs(3 * 365 * 24 * 60 * 60)).await;
    }
    assert_eq!(unclean(running.shutdown().await), "root/a: killed, its shutdown timed out");
    assert_eq!((a.peak(), b.peak()), (1, 1));
}

#[test]
fn without_a_time_driver_the_caller_is_told_at_once() {
    quiet_panics();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let _entered = runtime.enter();
    let tree = supervisor(Strategy::OneForOne).child("a", async |_: ChildContext| {});
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(tree.start())));
    assert!(panic.is_err());
}

#[tokio::test(start_paused = true)]
async fn no_kill_grace_at_all_is_a_millisecond() {
    let log = Log::default();
    let a = Puppet::with("a", &log, OnStop::Ignore);
    let running = supervisor(Strategy::OneForOne)
        .kill_grace(Duration::ZERO)
        .children([a.spec().shutdown(Shutdown::BrutalKill)])
        .start();
    settle().await;
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn endless_nesting_is_refused() {
    let tree = (0..1_000).fold(supervisor(Strategy::OneForOne), |inner, _| {
        supervisor(Strategy::OneForOne).child("inner", inner)
    });
    let error = tree.start().wait().await.unwrap_err();
    assert!(
        error.to_string().ends_with("supervisors are nested more than 256 levels deep"),
        "{error}"
    );
}

/// A plan is refused at the start, as one that is a little too deep is, and neither its growth nor its end
/// needs more of the stack with every level.
#[test]
fn a_plan_of_any_depth_is_dropped_on_a_small_stack() {
    let plan = || {
        (0..100_000).fold(supervisor(Strategy::OneForOne), |inner, _| {
            supervisor(Strategy::OneForOne).child("inner", inner)
        })
    };
    let thread = std::thread::Builder::new().stack_size(512 * 1_024);
    let thread = thread.spawn(move || {
        assert!(format!("{:?}", plan()).starts_with("Supervisor"));
        drop(plan().name("a").keep_alive(true));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let error = runtime.unwrap().block_on(async { plan().run().await.unwrap_err() });
        error.to_string()
    });
    let error = thread.unwrap().join().expect("the stack is large enough");
    assert!(error.ends_with("`root`: supervisors are nested more than 256 levels deep"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_plan_of_256_levels_runs_and_one_more_is_too_deep() {
    let levels = |levels: u32, name: &str| {
        let leaf = supervisor(Strategy::OneForOne).keep_alive(true);
        (1..levels).fold(leaf, |inner, _| supervisor(Strategy::OneForOne).child(name, inner))
    };
    let running = levels(256, "inner").start();
    running.started().await.unwrap();
    // A plan that is too deep stays so, wherever it is listed and whatever is listed beside it.
    let handle = running.handle();
    let too_deep = levels(257, "deep").child("flat", levels(1, ""));
    let error = handle.start_child(too_deep.into_child("added".to_owned())).await.unwrap_err();
    assert!(error.to_string().contains("nested more than 256 levels deep"), "{error}");
    running.shutdown().await.unwrap();
    for deep in [levels(257, "inner"), levels(2, "outer").child("deep", levels(257, "inner"))] {
        let SageError::Invalid(invalid) = deep.start().wait().await.unwrap_err() else { panic!() };
        assert_eq!(invalid.kind, sage_supervisor::InvalidTreeKind::TooDeep(256));
    }
}

#[test]
fn public_types_cross_threads_and_run_is_send() {
    fn crosses<T: Send + Sync + Unpin + 'static>() {}
    fn is_send<T: Send>(_: &T) {}
    crosses::<Supervisor>();
    crosses::<sage_supervisor::RunningSupervisor>();
    crosses::<sage_supervisor::SupervisorHandle>();
    crosses::<ChildContext>();
    crosses::<ChildSpec>();
    crosses::<Exit>();
    crosses::<SageError>();
    crosses::<sage_supervisor::UntilSignal>();
    let tree = || supervisor(Strategy::OneForOne);
    is_send(&tree().run());
    is_send(&tree().run_until(async {}));
    is_send(&tree().run_until_signal());
    is_send(&tree().run_main());
}
