#![deny(warnings)]

use std::time::Duration;

use sage_supervisor::{
    AutoShutdown, Backoff, ChildContext, ChildSpec, Every, Order, SageError, TemporarySiblings, child,
    supervisor,
};

#[child(restart = "transient", ready_within = "5s", significant)]
async fn import(ctx: ChildContext) {
    ctx.ready().await;
}

#[child(ready_within = Duration::from_secs(1))]
async fn listen(ctx: ChildContext) {
    ctx.ready().await;
    ctx.cancelled().await;
}

#[child(
    heartbeat = "10s",
    max_restarts = 3,
    within = "1m",
    forgive_after = "30s",
    backoff(initial = "1s", max = "1m", factor = 2, jitter = 0.1, reset_after = "1m"),
)]
async fn bot(ctx: ChildContext) {
    ctx.heartbeat();
}

#[child(every = "5m")]
async fn sweep(_: ChildContext) -> Result<(), String> {
    Ok(())
}

/// Half a second longer from failure to failure.
fn slower(failures: u32) -> Duration {
    Duration::from_millis(500) * failures
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), SageError> {
    // The significant child ends the tree. It waits until the others are ready.
    let mut app = supervisor! {
        strategy = "rest_for_one",
        start = "in_order",
        stop = "together",
        auto_shutdown = "any_significant",
        temporary_siblings = "remove",
        forgive_after = "10s",
        backoff(initial = "1s", max = "1m", factor = 1.5, jitter = 1, reset_after = "30s"),
        kill_grace = "2s",
        unresponsive_timeout = "1m",
        child_spans = false,
        tolerate_unclean_stop = true,

        #[child]
        listen = listen(),

        #[child(restart = "transient", ready_within = "1s", significant)]
        import = async |ctx| ctx.ready().await,
    };
    app.run().await?;

    // A function may bring the mark itself, and a nested supervisor is transient.
    supervisor! {
        auto_shutdown = "all_significant",

        #[child]
        listen = listen(),

        #[child]
        import = import(),

        #[child(significant)]
        jobs = supervisor! {
            #[child(restart = "temporary")]
            job = |_| async {},
        },
    }
    .run()
    .await?;

    // Nothing in it yet, and it stays up.
    let waiting = supervisor! { keep_alive = true };
    assert!(tokio::time::timeout(Duration::from_secs(60), waiting.start().wait()).await.is_err());
    let waiting = supervisor! { keep_alive = cfg!(not(unix)) || cfg!(unix) }.children([import()]);
    drop(waiting);

    // Expressions in the place of words and times.
    let grace = Duration::from_secs(1);
    drop(supervisor! {
        strategy = "one_for_all",
        start = Order::Together,
        stop = Order::default(),
        auto_shutdown = AutoShutdown::Never,
        keep_alive = false,
        temporary_siblings = TemporarySiblings::Restart,
        kill_grace = grace,
        unresponsive_timeout = grace * 30,
        child_spans = cfg!(unix),
        tolerate_unclean_stop = cfg!(unix),

        #[child(ready_within = grace)]
        listen = listen(),
    });

    // Delays, limits of single children, and heartbeats; temporary ones may beat as well.
    let (first, factor, part, count) = (Duration::from_millis(1), 3.0, 0.5, 2);
    drop(supervisor! {
        backoff = Backoff::exponential(grace).max(grace * 10),

        #[child(heartbeat = "1m", max_restarts = 0, backoff(initial = "10ms"))]
        bot = bot(),

        #[child(
            heartbeat = grace,
            max_restarts = count,
            within = grace * 60,
            backoff(initial = first, max = grace, factor = factor, jitter = part, reset_after = grace),
        )]
        other = bot(),

        #[child(restart = "temporary", heartbeat = "5s")]
        once = bot(),

        #[child(restart = "transient", within = "5m", backoff = slower)]
        again = bot(),

        #[child(max_restarts = 2, backoff = move |failures: u32| grace * failures)]
        jobs = supervisor! {
            backoff = slower,

            #[child]
            listen = listen(),
        },
    });

    // Periods, as times, durations and values with settings of their own.
    drop(supervisor! {
        #[child]
        sweep = sweep(),

        #[child(every = "90s", heartbeat = "5s", instances = 2)]
        beat = async |ctx| ctx.heartbeat(),

        #[child(every = grace, clone(mut count))]
        count = async move |_| {
            count += 1;
            println!("{count}");
        },

        #[child(every = Every::new(grace).first_after_period().jitter(part))]
        other = sweep(),

        #[child(every = "1h", restart = "temporary")]
        thread = ChildSpec::blocking("thread", |_| println!("an hour is over")),

        #[child(every = "1m", shutdown = "1s")]
        plain = ChildSpec::without_context("plain", async || ()),
    });

    // The macro does not know the value of an expression, so it reports nothing as missing.
    drop(supervisor! {
        auto_shutdown = AutoShutdown::AnySignificant,

        #[child]
        listen = |_| async {},
    });
    drop(supervisor! { keep_alive = true, auto_shutdown = "never" });
    Ok(())
}
