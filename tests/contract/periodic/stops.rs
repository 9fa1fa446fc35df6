//! Stops of children whose work is periodic.

use sage_supervisor::{
    ChildContext, ChildSpec, ChildState, DynamicSupervisor, Every, IntoChild, Shutdown, Strategy,
};
use sage_supervisor_tests::{Recorder, settle, supervisor};
use tokio::time::{Instant, sleep};

use super::{Runs, SECOND};

#[tokio::test(start_paused = true)]
async fn rule_38_a_stop_ends_a_wait_at_once() {
    let events = Recorder::default();
    let _guard = tracing::subscriber::set_default(events.clone());
    let runs = Runs::new();
    let late = Every::new(SECOND * 10).first_after_period();
    let running = supervisor(Strategy::OneForOne)
        .children([
            runs.child(&[]).every(SECOND * 10),
            ChildSpec::new("late", |_| std::future::pending::<()>()).every(late),
            ChildSpec::without_context("plain", || std::future::ready(()))
                .shutdown(SECOND * 5)
                .every(SECOND * 10),
            // A child without a context is killed, unless it has time to stop.
            ChildSpec::without_context("killed", || std::future::ready(())).every(SECOND * 10),
        ])
        .start();
    sleep(SECOND * 5).await;
    let began = Instant::now();
    running.shutdown().await.unwrap();
    assert_eq!(began.elapsed().as_secs(), 0);
    assert_eq!(
        events.exits(),
        ["killed: killed", "plain: shutdown", "late: shutdown", "a: shutdown"]
    );
    assert_eq!(runs.seconds(), [0]);
}

#[tokio::test(start_paused = true)]
async fn rule_38_a_stop_during_a_run_asks_the_run_and_no_other_begins() {
    let runs = Runs::new();
    let hears = {
        let runs = runs.clone();
        ChildSpec::new("hears", move |ctx: ChildContext| {
            runs.note();
            async move {
                ctx.cancelled().await;
                sleep(SECOND * 2).await;
            }
        })
    };
    // This run takes no notice of the request, and its next tick is over when it ends.
    let ignores = runs.child(&[5]).every(SECOND);
    let running = supervisor(Strategy::OneForOne).children([hears.every(SECOND), ignores]).start();
    let handle = running.handle();
    sleep(SECOND).await;
    for name in ["hears", "a"] {
        let began = Instant::now();
        handle.stop_child(name).await.unwrap();
        assert_eq!(began.elapsed().as_secs(), 2);
        let status = handle.child(name).await.unwrap();
        assert_eq!(status.state, ChildState::Stopped);
        assert_eq!(status.last_exit.unwrap().to_string(), "shutdown");
    }
    assert_eq!(runs.seconds(), [0, 0]);
    running.shutdown().await.unwrap();
}

/// The request comes before the first poll of the instance.
#[tokio::test(start_paused = true)]
async fn rule_38_no_run_begins_after_the_request_to_stop() {
    let runs = Runs::new();
    let jobs = DynamicSupervisor::new();
    let running = jobs.clone().start();
    running.started().await.unwrap();
    let spec = runs.child(&[]).every(SECOND);
    let (started, stopped) = tokio::join!(jobs.start_named("a", spec), jobs.stop_child("a"));
    started.unwrap();
    stopped.unwrap();
    settle().await;
    assert!(runs.take().is_empty());
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_38_a_run_is_killed_when_its_time_to_stop_is_over() {
    let runs = Runs::new();
    let spec = runs.child(&[0, 100]).every(SECOND * 10);
    let brutal = runs
        .child(&[100])
        .into_child("b".to_owned())
        .every(SECOND * 10)
        .shutdown(Shutdown::BrutalKill);
    let running = supervisor(Strategy::OneForOne).children([spec, brutal]).start();
    sleep(SECOND * 11).await;
    let began = Instant::now();
    let error = running.shutdown().await.unwrap_err();
    assert_eq!(began.elapsed().as_secs(), 5);
    assert!(error.to_string().contains("root/a"), "{error}");
    sleep(SECOND * 100).await;
    assert_eq!(runs.seconds(), [0, 0, 10]);
}
