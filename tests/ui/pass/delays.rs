//! Backoff, limits of single children, and heartbeats, as they arrive.

#![deny(warnings)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sage_supervisor::{Backoff, BoxError, ChildContext, ChildState, Exit, child, supervisor};
use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);

#[child(
    heartbeat = "10s",
    max_restarts = 3,
    within = "5m",
    backoff(initial = "2s", max = "30s", factor = 3, jitter = 0.5, reset_after = "2m"),
)]
async fn full(ctx: ChildContext) {
    ctx.cancelled().await;
}

#[child(max_restarts = 7)]
async fn counted(ctx: ChildContext) {
    ctx.cancelled().await;
}

#[child(within = SECOND)]
async fn windowed(ctx: ChildContext) {
    ctx.cancelled().await;
}

#[child]
async fn plain(ctx: ChildContext) {
    ctx.cancelled().await;
}

#[child(backoff(initial = "2s"))]
async fn shortest(ctx: ChildContext) {
    ctx.cancelled().await;
}

fn what_a_function_says() {
    let spec = full();
    assert_eq!(spec.heartbeat_setting(), Some(SECOND * 10));
    let limit = spec.restart_limit_setting().expect("it has a limit");
    assert_eq!((limit.max_restarts, limit.within), (3, SECOND * 300));
    let built = Backoff::exponential(SECOND * 2).max(SECOND * 30).factor(3.0).jitter(0.5);
    let built = built.reset_after(SECOND * 120);
    assert_eq!(format!("{:?}", spec.backoff_setting()), format!("{:?}", Some(&built)));

    // A part of the limit that is not written has its default.
    let limit = counted().restart_limit_setting().expect("it has a limit");
    assert_eq!((limit.max_restarts, limit.within), (7, SECOND * 60));
    let limit = windowed().restart_limit_setting().expect("it has a limit");
    assert_eq!((limit.max_restarts, limit.within), (5, SECOND));
    let built = Backoff::exponential(SECOND * 2);
    let spec = shortest();
    assert_eq!(format!("{:?}", spec.backoff_setting()), format!("{:?}", Some(&built)));

    let spec = plain();
    assert_eq!(spec.heartbeat_setting(), None);
    assert_eq!(spec.restart_limit_setting(), None);
    assert!(spec.backoff_setting().is_none());
}

/// When each of them was started, in seconds.
static STARTS: Mutex<Vec<(String, u64)>> = Mutex::new(Vec::new());
static MISSED: AtomicUsize = AtomicUsize::new(0);

async fn fails(ctx: ChildContext, began: Instant) -> Result<(), BoxError> {
    let start = (ctx.name().to_owned(), began.elapsed().as_secs());
    STARTS.lock().expect("nobody panics").push(start);
    Err("away".into())
}

#[child(backoff(initial = "4s", factor = 1, jitter = 0))]
async fn kept(ctx: ChildContext, began: Instant) -> Result<(), BoxError> {
    fails(ctx, began).await
}

fn starts(name: &str) -> Vec<u64> {
    let starts = STARTS.lock().expect("nobody panics");
    starts.iter().filter(|(child, _)| child == name).map(|(_, at)| *at).collect()
}

/// The child reaches its limit on the shortest way that the compiler has found.
async fn a_limit_that_is_just_in_reach() {
    let failing = async |_: ChildContext| -> Result<(), BoxError> { Err("away".into()) };
    let began = Instant::now();
    let mut app = supervisor! {
        max_restarts = 3,
        within = "7001ms",
        backoff(initial = "1s", max = "1m", factor = 2, jitter = 0),

        #[child]
        bot = async |_| Err("away"),
    };
    app.run().await.expect_err("1 s, 2 s and 4 s are within it");
    assert_eq!(began.elapsed().as_secs(), 7);

    // Written in the block this would be refused.
    let within = SECOND * 7 - Duration::from_millis(1);
    let app = supervisor! {
        max_restarts = 3,
        within = within,
        backoff(initial = "1s", max = "1m", factor = 2, jitter = 0),

        #[child]
        bot = failing,
    };
    let running = app.start();
    sleep(SECOND * 600).await;
    assert!(!running.handle().has_ended());
    running.shutdown().await.expect("it was never out of restarts");

    // 1 s, and again after 3 s up; to fail at once takes 10 s and 100 s.
    let began = Instant::now();
    let mut app = supervisor! {
        max_restarts = 3,
        within = "9001ms",
        backoff(initial = "1s", max = "1h", factor = 10, reset_after = "3s", jitter = 0),

        #[child]
        bot = async |ctx| {
            if (1..3).contains(&ctx.restarts()) {
                sleep(SECOND * 3).await;
            }
            Err("away")
        },
    };
    app.run().await.expect_err("three delays, and twice up");
    assert_eq!(began.elapsed().as_secs(), 9);
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    what_a_function_says();
    a_limit_that_is_just_in_reach().await;

    let began = Instant::now();
    let app = supervisor! {
        max_restarts = "unlimited",
        backoff(initial = "1s", max = "5s", factor = 2, jitter = 0),

        #[child(clone(began))]
        inherits = async move |ctx| fails(ctx, began).await,

        #[child(clone(began), backoff(initial = "3s", jitter = 0))]
        own = async move |ctx| fails(ctx, began).await,

        #[child(clone(began), backoff = |failures| SECOND * 10 * failures)]
        function = async move |ctx| fails(ctx, began).await,

        // An entry that says nothing leaves a function its own, and otherwise overrides it.
        #[child]
        kept = kept(began),

        #[child(backoff(initial = "6s", factor = 1, jitter = 0))]
        overridden = kept(began),

        #[child(clone(began), max_restarts = 2)]
        limited = async move |ctx| fails(ctx, began).await,

        #[child(heartbeat = "7s", backoff(initial = "1ms"))]
        hangs = async |ctx| {
            if let Some(Exit::HeartbeatMissed(within)) = ctx.previous_exit() {
                assert_eq!(*within, SECOND * 7);
                MISSED.fetch_add(1, Ordering::SeqCst);
            }
            ctx.cancelled().await;
        },
    };
    let running = app.start();
    let spec = running.handle().spec("hangs").await.expect("it is there");
    assert_eq!(spec.heartbeat_setting(), Some(SECOND * 7));
    // A timer ticks once in a millisecond.
    sleep(SECOND * 20 + SECOND / 2).await;
    assert_eq!(starts("inherits"), [0, 1, 3, 7, 12, 17]);
    assert_eq!(starts("own"), [0, 3, 9]);
    assert_eq!(starts("function"), [0, 10]);
    assert_eq!(starts("kept"), [0, 4, 8, 12, 16, 20]);
    assert_eq!(starts("overridden"), [0, 6, 12, 18]);
    assert_eq!(starts("limited"), [0, 1, 3]);
    assert_eq!(MISSED.load(Ordering::SeqCst), 2);
    let limited = running.handle().child("limited").await.expect("it is there");
    assert_eq!(limited.state, ChildState::GivenUp);
    running.kill().await.expect_err("one was given up");
}
