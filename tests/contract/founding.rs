//! The founding specification, in its own words and by its own calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sage_supervisor::{RestartConfig, RestartPolicy, SageError, SageResult, Strategy, Supervisor};
use sage_supervisor_tests::settle;

fn counter() -> (Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let runs = Arc::new(AtomicUsize::new(0));
    (Arc::clone(&runs), runs)
}

fn allowing(max_restarts: u32) -> RestartConfig {
    RestartConfig { max_restarts, within: Duration::from_secs(60) }
}

#[tokio::test(start_paused = true)]
async fn one_for_one_with_a_transient_child_that_fails_twice_runs_three_times() {
    let (runs, counted) = counter();
    let mut supervisor = Supervisor::new(Strategy::OneForOne, RestartConfig::default());
    supervisor.add_child("flaky", RestartPolicy::Transient, move || {
        let run = counted.fetch_add(1, Ordering::SeqCst) + 1;
        async move {
            if run < 3 {
                return Err(SageError::Agent(format!("run {run}")));
            }
            Ok(())
        }
    });
    let result: SageResult<()> = supervisor.run().await;
    result.unwrap();
    assert_eq!(runs.load(Ordering::SeqCst), 3);
}

#[tokio::test(start_paused = true)]
async fn transient_stops_on_success() {
    let (runs, counted) = counter();
    let mut supervisor = Supervisor::new(Strategy::OneForOne, allowing(3));
    supervisor.add_child("once", RestartPolicy::Transient, move || {
        counted.fetch_add(1, Ordering::SeqCst);
        async { Ok(()) }
    });
    supervisor.run().await.unwrap();
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn temporary_never_restarts_by_its_own_exit() {
    let (runs, counted) = counter();
    let mut supervisor = Supervisor::new(Strategy::OneForOne, allowing(3));
    supervisor.add_child("temporary", RestartPolicy::Temporary, move || {
        counted.fetch_add(1, Ordering::SeqCst);
        async { Err(SageError::agent("failed")) }
    });
    supervisor.run().await.unwrap();
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn max_restarts_three_ends_in_an_error_after_at_most_four_runs() {
    for succeeds in [false, true] {
        let (runs, counted) = counter();
        let mut supervisor = Supervisor::new(Strategy::OneForOne, allowing(3));
        supervisor.add_child("permanent", RestartPolicy::Permanent, move || {
            counted.fetch_add(1, Ordering::SeqCst);
            async move { if succeeds { Ok(()) } else { Err(SageError::agent("always")) } }
        });
        let error = supervisor.run().await.unwrap_err();
        assert!(matches!(error, SageError::Supervisor(..)));
        assert_eq!(runs.load(Ordering::SeqCst), 4);
    }
}

/// Runs `first`, `failing` and `last`, and counts their runs. `failing` fails once, and `last` is
/// temporary. The children take no context, so they are stopped without being asked.
async fn runs_under(strategy: Strategy) -> [usize; 3] {
    let counters = [(); 3].map(|()| counter());
    let [(first, count_first), (failing, count_failing), (last, count_last)] = counters;
    let mut supervisor = Supervisor::new(strategy, allowing(3));
    supervisor.add_child("first", RestartPolicy::Permanent, move || {
        count_first.fetch_add(1, Ordering::SeqCst);
        std::future::pending()
    });
    supervisor.add_child("failing", RestartPolicy::Transient, move || {
        let run = count_failing.fetch_add(1, Ordering::SeqCst) + 1;
        async move {
            tokio::time::sleep(Duration::from_millis(10)).await;
            if run == 1 {
                return Err(SageError::agent("once"));
            }
            std::future::pending().await
        }
    });
    supervisor.add_child("last", RestartPolicy::Temporary, move || {
        count_last.fetch_add(1, Ordering::SeqCst);
        std::future::pending()
    });
    let running = supervisor.start();
    tokio::time::sleep(Duration::from_secs(1)).await;
    settle().await;
    running.shutdown().await.unwrap();
    [first, failing, last].map(|runs| runs.load(Ordering::SeqCst))
}

#[tokio::test(start_paused = true)]
async fn rest_for_one_restarts_what_was_added_after_and_not_before() {
    assert_eq!(runs_under(Strategy::RestForOne).await, [1, 2, 2]);
}

#[tokio::test(start_paused = true)]
async fn one_for_all_restarts_everything_temporary_siblings_included() {
    assert_eq!(runs_under(Strategy::OneForAll).await, [2, 2, 2]);
}

#[tokio::test(start_paused = true)]
async fn one_for_one_restarts_only_the_child_that_failed() {
    assert_eq!(runs_under(Strategy::OneForOne).await, [1, 2, 1]);
}

/// The closure captures a value that can be sent to another thread but not shared.
#[tokio::test(start_paused = true)]
async fn add_child_takes_a_closure_that_is_send_and_not_sync() {
    let cell = std::cell::Cell::new(0);
    let mut supervisor = Supervisor::new(Strategy::OneForOne, allowing(3));
    supervisor.add_child("cell", RestartPolicy::Transient, move || {
        cell.set(cell.get() + 1);
        let run = cell.get();
        async move { if run < 3 { Err(SageError::agent("again")) } else { Ok(()) } }
    });
    supervisor.run().await.unwrap();
}

#[test]
fn the_founding_types_and_their_defaults() {
    let config = RestartConfig::default();
    assert_eq!((config.max_restarts, config.within), (5, Duration::from_secs(60)));
    assert_eq!(Strategy::default(), Strategy::OneForOne);
    assert_eq!(RestartPolicy::default(), RestartPolicy::Permanent);
    assert_eq!(SageError::Agent("lost".to_owned()).to_string(), "agent error: lost");
}
