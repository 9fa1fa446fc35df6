//! The readiness and the heartbeats of children whose work is periodic.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sage_supervisor::{ChildContext, ChildSpec, ChildState, EventKind, Every, SageError, Strategy};
use sage_supervisor_tests::{Log, Puppet, limit, settle, supervisor};
use tokio::time::sleep;

use super::{Runs, SECOND};

/// A child `a` whose run with this number, from 0 on, does what the function says.
fn numbered<Fut>(run: impl Fn(ChildContext, u32) -> Fut + Send + Sync + 'static) -> ChildSpec
where
    Fut: Future<Output = ()> + Send + 'static,
{
    let next = Arc::new(AtomicU32::new(0));
    ChildSpec::new("a", move |ctx| run(ctx, next.fetch_add(1, Ordering::Relaxed)))
}

#[tokio::test(start_paused = true)]
async fn rule_38_a_heartbeat_is_needed_during_a_run_only() {
    for late in [false, true] {
        let runs = Runs::new();
        let spec = {
            let runs = runs.clone();
            numbered(move |ctx, number| {
                runs.note();
                async move {
                    sleep(SECOND * 4).await;
                    ctx.heartbeat();
                    sleep(SECOND * 4).await;
                    if number == 2 {
                        // Four seconds of silence are over.
                        std::future::pending::<()>().await;
                    }
                }
            })
        };
        let every = Every::new(SECOND * 60);
        let every = if late { every.first_after_period() } else { every };
        let running = supervisor(Strategy::OneForOne)
            .children([spec.every(every).heartbeat(SECOND * 5)])
            .start();
        let mut events = running.handle().tree_events();
        sleep(SECOND * 250).await;
        let first = if late { 60 } else { 0 };
        let killed = first + 120 + 9;
        let expected: Vec<_> = [first, first + 60, first + 120, killed]
            .into_iter()
            .chain((1..).map(|number| killed + 60 * number).take_while(|&at| at < 250))
            .collect();
        assert_eq!(runs.seconds(), expected, "{late}");
        assert_eq!(running.handle().child("a").await.unwrap().restarts, 1);
        running.kill().await.unwrap();
        let mut exits = vec![];
        while let Some(event) = events.recv().await {
            if let EventKind::Exited { exit, asked: false, .. } = event.unwrap().kind {
                exits.push(exit.to_string());
            }
        }
        assert_eq!(exits[0], "no heartbeat within 5s");
    }
}

#[tokio::test(start_paused = true)]
async fn rule_38_the_heartbeat_of_a_run_is_counted_from_its_begin() {
    let runs = Runs::new();
    let spec = {
        let runs = runs.clone();
        numbered(move |_, number| {
            runs.note();
            async move {
                if number == 1 {
                    std::future::pending::<()>().await;
                }
            }
        })
    };
    let spec = spec.every(SECOND * 7).heartbeat(SECOND * 5);
    let running = supervisor(Strategy::OneForOne).children([spec]).start();
    sleep(SECOND * 13).await;
    assert_eq!(runs.seconds(), [0, 7, 12]);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_38_a_run_says_that_the_child_is_ready() {
    let log = Log::default();
    let after = Puppet::new("b", &log);
    let spec = numbered(|ctx, number| async move {
        if number == 2 {
            ctx.ready().await;
        }
    });
    let spec = spec.every(SECOND * 10).ready_within(SECOND * 21).heartbeat(SECOND);
    let running = supervisor(Strategy::OneForOne).children([spec, after.spec()]).start();
    let handle = running.handle();
    sleep(SECOND * 15).await;
    assert_eq!(handle.child("a").await.unwrap().state, ChildState::Starting);
    assert_eq!(after.starts(), 0);
    sleep(SECOND * 6).await;
    assert_eq!(handle.child("a").await.unwrap().state, ChildState::Running);
    assert_eq!(after.starts(), 1);
    let node = handle.tree().await.unwrap().root.children.remove(0);
    assert_eq!(node.ready_after, Some(SECOND * 20));
    sleep(SECOND * 100).await;
    assert_eq!(handle.child("a").await.unwrap().restarts, 0);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_38_a_child_without_a_run_that_says_so_is_not_ready_in_time() {
    let runs = Runs::new();
    let mut tree = supervisor(Strategy::OneForOne)
        .children([runs.child(&[]).every(SECOND * 10).ready_within(SECOND * 25)]);
    let error = tree.run().await.unwrap_err();
    assert!(matches!(error, SageError::FailedStart(_)), "{error}");
    assert_eq!(runs.seconds(), [0, 10, 20]);
}

#[tokio::test(start_paused = true)]
async fn rule_38_a_run_may_decline() {
    let log = Log::default();
    let after = Puppet::new("b", &log);
    let spec = numbered(|ctx, number| async move {
        assert_eq!(number, 0, "no other run begins");
        ctx.decline().await;
    });
    let spec = spec.every(Duration::from_millis(1)).ready_within(SECOND);
    let running = sage_supervisor::Supervisor::new(Strategy::OneForOne, limit(0))
        .children([spec, after.spec()])
        .start();
    settle().await;
    let status = running.handle().child("a").await.unwrap();
    assert_eq!((status.state, after.starts()), (ChildState::Finished, 1));
    running.shutdown().await.unwrap();
}
