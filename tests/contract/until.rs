//! The run of a tree until a future is ready (rule 27).

use std::future::pending;
use std::time::Duration;

use sage_supervisor::{EndCause, Requester, RestartPolicy, SageError, Strategy, Supervisor};
use sage_supervisor_tests::{Log, OnStop, Puppet, limit, settle, supervisor};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

/// A second of paused time.
const SECOND: Duration = Duration::from_secs(1);

fn tree(log: &Log) -> Supervisor {
    let slow = Puppet::with("b", log, OnStop::After(SECOND));
    supervisor(Strategy::OneForOne).children([Puppet::new("a", log).spec(), slow.spec()])
}

#[tokio::test(start_paused = true)]
async fn rule_27_the_tree_stops_in_order_when_the_future_is_ready() {
    let log = Log::default();
    let began = Instant::now();
    assert!(tree(&log).run_until(sleep(SECOND)).await.is_ok());
    assert_eq!((log.take().as_str(), began.elapsed()), ("+a +b -b -a", 2 * SECOND));

    let running = tree(&log).start();
    let handle = running.handle();
    assert!(running.run_until(sleep(SECOND)).await.is_ok());
    assert_eq!((log.take().as_str(), handle.has_ended()), ("+a +b -b -a", true));

    let by_owner = |cause: &EndCause| {
        matches!(cause, EndCause::Requested { by: Requester::Owner, reason: None, .. })
    };
    let report = tree(&log).run_until_with_report(sleep(SECOND)).await;
    assert!(by_owner(&report.cause), "{report}");
    let report = tree(&log).start().run_until_with_report(sleep(SECOND)).await;
    assert!(by_owner(&report.cause), "{report}");
}

#[tokio::test(start_paused = true)]
async fn rule_27_a_future_that_is_ready_at_once_starts_nothing() {
    let log = Log::default();
    assert!(tree(&log).run_until(async {}).await.is_ok());
    assert_eq!(log.take(), "");
}

/// The future is dropped when the tree has ended, or when the tree is asked to stop.
#[tokio::test(start_paused = true)]
async fn rule_27_the_result_of_a_tree_that_ends_first_comes_at_once() {
    let log = Log::default();
    let (mut held, until) = oneshot::channel::<()>();
    let mut fails = Supervisor::new(Strategy::OneForOne, limit(0));
    fails.add_child("fails", RestartPolicy::Permanent, async || {
        sleep(SECOND).await;
        Err(SageError::other("down"))
    });
    let began = Instant::now();
    let run = tokio::spawn(fails.run_until(until));
    held.closed().await;
    assert!(matches!(run.await.unwrap(), Err(SageError::Supervisor(_))));
    assert_eq!(began.elapsed(), SECOND);

    let ended = Supervisor::new(Strategy::OneForOne, limit(0)).start();
    settle().await;
    assert!(ended.handle().has_ended());
    let both_are_over = ended.run_until_with_report(async {}).await;
    assert!(matches!(both_are_over.cause, EndCause::AllEnded));
    assert_eq!(log.take(), "");
}

#[tokio::test(start_paused = true)]
async fn rule_27_a_run_until_a_future_that_is_dropped_ends_the_tree() {
    let log = Log::default();
    let running = tree(&log).start();
    let handle = running.handle();
    let run = tokio::spawn(running.run_until(pending::<()>()));
    settle().await;
    run.abort();
    settle().await;
    assert!(handle.has_ended());
    assert_eq!(log.take(), "+a +b -a -b");
}
