//! Places that are reserved in a dynamic supervisor before there is a child (rule 40).

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, CommandError, DynamicSupervisor, OnceChild, Permit, RestartPolicy,
    Strategy, SupervisorState,
};
use sage_supervisor_tests::{Log, Puppet, no_task_is_left, quiet_panics, settle, supervisor};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

const SECOND: Duration = Duration::from_secs(1);

async fn idle(ctx: ChildContext) {
    ctx.cancelled().await;
}

fn temporary(puppet: &Puppet) -> ChildSpec {
    puppet.spec().restart(RestartPolicy::Temporary)
}

fn reserve(pool: &DynamicSupervisor) -> JoinHandle<Result<Permit, CommandError>> {
    let pool = pool.clone();
    tokio::spawn(async move { pool.reserve().await })
}

/// Polls a future once, which must not be ready.
async fn begin<F: Future>(mut future: Pin<&mut F>) {
    let is_pending = poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_pending())).await;
    assert!(is_pending, "it waits");
}

async fn reserved(pool: &DynamicSupervisor) -> (usize, usize) {
    let counts = pool.counts().await.unwrap();
    (counts.specs, counts.reserved)
}

#[tokio::test(start_paused = true)]
async fn rule_40_callers_get_room_in_the_order_in_which_they_came() {
    let log = Log::default();
    let pool = DynamicSupervisor::new().max_children(2);
    let running = pool.clone().start();
    settle().await;
    let [a, b, c] = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
    pool.start_named("a", temporary(&a)).await.unwrap();
    pool.start_named("b", temporary(&b)).await.unwrap();
    let (first, second) = (reserve(&pool), reserve(&pool));
    settle().await;
    assert!(!first.is_finished() && !second.is_finished());
    a.finish();
    settle().await;
    assert!(first.is_finished() && !second.is_finished());
    let permit = first.await.unwrap().unwrap();
    assert_eq!(permit.start_child(temporary(&c)).await.unwrap(), "c-3");
    pool.stop_child("b").await.unwrap();
    drop(second.await.unwrap().unwrap());
    assert_eq!(reserved(&pool).await, (1, 0));
    running.shutdown().await.unwrap();
    no_task_is_left().await;
}

#[tokio::test(start_paused = true)]
async fn rule_40_a_place_counts_until_it_is_used_or_given_back() {
    let pool = DynamicSupervisor::new().max_children(2);
    let running = pool.clone().start();
    settle().await;
    let (first, second) = (pool.reserve().await.unwrap(), pool.try_reserve().await.unwrap());
    assert_eq!(reserved(&pool).await, (0, 2));
    let error = pool.start_child(ChildSpec::new("a", idle)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "supervisor `root` has no room: its maximum is 2 children, with those for which a place is \
         reserved; wait with `reserve`, or set a larger `max_children`"
    );
    let CommandError::MaxChildren { max_children, reserved: held, .. } = error else { panic!() };
    assert_eq!((max_children, held), (2, 2));
    let refused = pool.try_reserve().await;
    assert!(matches!(refused, Err(CommandError::MaxChildren { .. })));
    first.start_named("a", ChildSpec::new("a", idle)).await.unwrap();
    assert_eq!(reserved(&pool).await, (1, 1));
    drop(second);
    assert_eq!(reserved(&pool).await, (1, 0));
    pool.start_child(ChildSpec::new("b", idle)).await.unwrap();
    running.shutdown().await.unwrap();
}

/// A start that is refused for another reason than its room gives the place back, before the answer.
#[tokio::test(start_paused = true)]
async fn rule_40_a_refused_start_gives_its_place_back() {
    let pool = DynamicSupervisor::new().max_children(2);
    let running = pool.clone().start();
    settle().await;
    pool.start_named("a", ChildSpec::new("a", idle)).await.unwrap();
    for name in ["a", "b/c"] {
        let permit = pool.reserve().await.unwrap();
        permit.start_named(name, ChildSpec::new("a", idle)).await.unwrap_err();
        assert_eq!(reserved(&pool).await, (1, 0), "{name}");
    }
    // A permit that is not used at all holds nothing either.
    let unused = pool.reserve().await.unwrap();
    drop(unused.start_child(ChildSpec::new("b", idle)));
    assert_eq!(reserved(&pool).await, (1, 0));
    running.shutdown().await.unwrap();
}

/// The exit and the start of somebody else reach the supervisor in the same turn.
#[tokio::test(start_paused = true)]
async fn rule_40_nobody_overtakes_those_who_wait() {
    let log = Log::default();
    let pool = DynamicSupervisor::new().max_children(1);
    let running = pool.clone().start();
    settle().await;
    let a = Puppet::new("a", &log);
    pool.start_child(temporary(&a)).await.unwrap();
    let waits = reserve(&pool);
    settle().await;
    a.finish();
    let others = pool.clone();
    let overtakes =
        tokio::spawn(async move { others.start_child(ChildSpec::new("b", idle)).await });
    let refused = overtakes.await.unwrap();
    assert!(matches!(refused, Err(CommandError::MaxChildren { .. })), "{refused:?}");
    let permit = waits.await.unwrap().unwrap();
    // The same holds for a place that is given back.
    let waits = reserve(&pool);
    settle().await;
    drop(permit);
    let refused = pool.try_reserve().await;
    assert!(matches!(refused, Err(CommandError::MaxChildren { .. })), "{refused:?}");
    drop(waits.await.unwrap().unwrap());
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_40_a_caller_that_gives_up_loses_no_place() {
    let pool = DynamicSupervisor::new().max_children(1);
    let running = pool.clone().start();
    settle().await;
    let name = pool.start_child(ChildSpec::new("a", idle)).await.unwrap();
    let mut given_up = Box::pin(pool.reserve());
    let mut too_late = Box::pin(pool.reserve());
    begin(given_up.as_mut()).await;
    begin(too_late.as_mut()).await;
    let third = reserve(&pool);
    settle().await;
    drop(given_up);
    pool.stop_child(&name).await.unwrap();
    settle().await;
    // The place is granted, and its caller does not look any more.
    assert!(!third.is_finished());
    assert_eq!(reserved(&pool).await, (0, 1));
    drop(too_late);
    drop(third.await.unwrap().unwrap());
    assert_eq!(reserved(&pool).await, (0, 0));
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_40_those_who_wait_hear_of_the_end() {
    let pool = DynamicSupervisor::new().max_children(1);
    assert!(matches!(
        pool.reserve().await,
        Err(CommandError::NotRunning { state: SupervisorState::NotStarted, .. })
    ));
    let running = pool.clone().start();
    let _held = pool.reserve().await.unwrap();
    let slow = OnceChild::new("slow", async |ctx: ChildContext| {
        ctx.cancelled().await;
        tokio::time::sleep(SECOND).await;
    });
    _held.start_child(slow).await.unwrap();
    // There are more callers than are answered in one turn.
    let waiting: Vec<_> = (0..3_000).map(|_| reserve(&pool)).collect();
    settle().await;
    let asked = Instant::now();
    let ends = tokio::spawn(running.shutdown());
    for waits in waiting {
        let refused = waits.await.unwrap();
        assert!(matches!(
            refused,
            Err(CommandError::NotRunning { state: SupervisorState::Ending, .. })
        ));
    }
    assert!(asked.elapsed() < SECOND, "they do not wait for the end");
    assert!(matches!(pool.try_reserve().await, Err(CommandError::NotRunning { .. })));
    ends.await.unwrap().unwrap();
    assert!(matches!(pool.reserve().await, Err(CommandError::NotRunning { .. })));
}

/// The supervisor is killed, or its run is dropped, while somebody waits.
#[tokio::test(start_paused = true)]
async fn rule_40_those_who_wait_hear_of_a_kill() {
    for drops in [false, true] {
        let pool = DynamicSupervisor::new().max_children(1);
        let running = pool.clone().start();
        let held = pool.reserve().await.unwrap();
        let waits = reserve(&pool);
        settle().await;
        if drops {
            drop(running);
        } else {
            running.kill().await.unwrap();
        }
        assert!(matches!(waits.await.unwrap(), Err(CommandError::NotRunning { .. })), "{drops}");
        let refused = held.start_child(ChildSpec::new("a", idle)).await;
        assert!(matches!(refused, Err(CommandError::NotRunning { .. })), "{refused:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn rule_40_a_permit_of_an_earlier_run_is_an_ordinary_start() {
    let pool = DynamicSupervisor::new().max_children(2);
    let app = supervisor(Strategy::OneForOne).child("pool", pool.clone()).start();
    app.started().await.unwrap();
    let (first, second) = (pool.reserve().await.unwrap(), pool.reserve().await.unwrap());
    app.handle().restart_child("pool").await.unwrap();
    assert_eq!(reserved(&pool).await, (0, 0));
    let held = pool.reserve().await.unwrap();
    assert_eq!(first.start_child(ChildSpec::new("a", idle)).await.unwrap(), "a-1");
    let refused = second.start_child(ChildSpec::new("b", idle)).await;
    assert!(matches!(refused, Err(CommandError::MaxChildren { reserved: 1, .. })), "{refused:?}");
    held.start_child(ChildSpec::new("c", idle)).await.unwrap();
    assert_eq!(reserved(&pool).await, (2, 0));
    app.shutdown().await.unwrap();
}

/// A child that waits for room in its own supervisor holds up no shutdown.
#[tokio::test(start_paused = true)]
async fn rule_40_a_child_may_wait_for_room_in_its_own_supervisor() {
    let pool = DynamicSupervisor::new().max_children(1);
    let running = pool.clone().start();
    settle().await;
    let inside = pool.clone();
    let (tell, told) = tokio::sync::oneshot::channel();
    let waits = OnceChild::new("waits", async move |_| {
        drop(tell.send(inside.reserve().await.map(drop)));
    });
    pool.start_child(waits).await.unwrap();
    settle().await;
    let asked = Instant::now();
    running.shutdown().await.unwrap();
    assert_eq!(asked.elapsed(), Duration::ZERO);
    assert!(matches!(told.await.unwrap(), Err(CommandError::NotRunning { .. })));
    no_task_is_left().await;
}

#[tokio::test(start_paused = true)]
async fn rule_40_without_a_maximum_there_is_room_and_with_none_there_never_is() {
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    let mut permits = Vec::new();
    for _ in 0..100 {
        permits.push(timeout(SECOND, pool.reserve()).await.unwrap().unwrap());
    }
    assert_eq!(reserved(&pool).await, (0, 100));
    drop(permits);
    assert_eq!(reserved(&pool).await, (0, 0));
    running.shutdown().await.unwrap();

    let none = DynamicSupervisor::new().max_children(0);
    let running = none.clone().start();
    let refused = timeout(SECOND, none.reserve()).await.unwrap();
    assert!(matches!(refused, Err(CommandError::MaxChildren { max_children: 0, .. })));
    running.shutdown().await.unwrap();
}

/// Callers on two threads come, give up, start children and give places back. In the end no place is
/// missing, and there were never too many children.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_40_no_place_is_lost_between_threads() {
    const MOST: usize = 3;
    let pool = DynamicSupervisor::new().max_children(MOST);
    let running = pool.clone().start();
    running.started().await.unwrap();
    let (alive, peak) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let callers = (0..8_u32).map(|caller| {
        let (pool, alive, peak) = (pool.clone(), Arc::clone(&alive), Arc::clone(&peak));
        tokio::spawn(async move {
            for round in 0..200 {
                let permit = tokio::select! {
                    biased;
                    permit = pool.reserve() => permit.unwrap(),
                    () = tokio::task::yield_now(), if (caller + round) % 3 == 0 => continue,
                };
                if round % 5 == 0 {
                    continue;
                }
                let (alive, peak) = (Arc::clone(&alive), Arc::clone(&peak));
                let job = OnceChild::new("job", async move |_| {
                    peak.fetch_max(alive.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    tokio::task::yield_now().await;
                    alive.fetch_sub(1, Ordering::SeqCst);
                });
                permit.start_child(job).await.unwrap();
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.unwrap();
    }
    let mut permits = Vec::new();
    for _ in 0..MOST {
        permits.push(pool.reserve().await.unwrap());
    }
    assert_eq!(reserved(&pool).await, (0, MOST));
    assert!(peak.load(Ordering::SeqCst) <= MOST, "{peak:?}");
    running.shutdown().await.unwrap();
}

/// The waker of a caller panics when its place is there, and when the supervisor ends.
#[tokio::test(start_paused = true)]
async fn rule_40_a_waker_that_panics_harms_nobody_who_waits() {
    struct Panics;
    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("expected: a waker");
        }
    }
    quiet_panics();
    let pool = DynamicSupervisor::new().max_children(1);
    let running = pool.clone().start();
    settle().await;
    let name = pool.start_child(ChildSpec::new("a", idle)).await.unwrap();
    let (mut rude, mut ruder) = (Box::pin(pool.reserve()), Box::pin(pool.reserve()));
    let waker = Waker::from(Arc::new(Panics));
    let mut cx = Context::from_waker(&waker);
    assert!(rude.as_mut().poll(&mut cx).is_pending());
    let waits = reserve(&pool);
    settle().await;
    assert!(ruder.as_mut().poll(&mut cx).is_pending());
    pool.stop_child(&name).await.unwrap();
    settle().await;
    assert_eq!(reserved(&pool).await, (0, 1));
    drop(rude);
    let permit = waits.await.unwrap().unwrap();
    let task = permit.spawn_task("task", async |ctx: ChildContext| ctx.cancelled().await);
    let mut task = Box::pin(task.await.unwrap());
    assert!(task.as_mut().poll(&mut cx).is_pending());
    running.shutdown().await.unwrap();
    assert!(matches!(ruder.await, Err(CommandError::NotRunning { .. })));
    task.await.unwrap();
}
