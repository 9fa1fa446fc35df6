//! Many failures at once, on both flavours of the runtime (rules 16 to 18).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sage_supervisor::{
    ChildContext, ChildSpec, RestartConfig, SageError, SageResult, Strategy, Supervisor,
};
use sage_supervisor_tests::no_task_is_left;
use std::time::Duration;

const CHILDREN: usize = 1_000;
const FAILURES: usize = 20;

/// A thousand children, each of which fails twenty times at once and then stays up. Every failure
/// leads to exactly one restart.
async fn storm(strategy: Strategy) {
    let starts = Arc::new(AtomicUsize::new(0));
    let up = tokio::sync::watch::Sender::new(0);
    let children = (0..CHILDREN).map(|number| {
        let (starts, up) = (Arc::clone(&starts), up.clone());
        ChildSpec::new(format!("child-{number}"), move |ctx: ChildContext| {
            let (starts, up) = (Arc::clone(&starts), up.clone());
            async move {
                starts.fetch_add(1, Ordering::Relaxed);
                if ctx.restarts() < FAILURES as u64 {
                    return Err(SageError::agent("not yet"));
                }
                up.send_modify(|up| *up += 1);
                ctx.cancelled().await;
                Ok(())
            }
        })
    });
    let running = Supervisor::new(strategy, RestartConfig::default())
        .unlimited_restarts()
        // A group may restart once more while the tree is asked to stop.
        .tolerate_unclean_stop(strategy != Strategy::OneForOne)
        .children(children)
        .start();
    up.subscribe().wait_for(|up| *up >= CHILDREN).await.unwrap();
    if strategy == Strategy::OneForOne {
        assert_eq!(starts.load(Ordering::Relaxed), CHILDREN * (FAILURES + 1));
    }
    running.shutdown().await.unwrap();
    no_task_is_left().await;
}

#[tokio::test(flavor = "current_thread")]
async fn rule_16_no_exit_is_lost_in_a_storm_on_one_thread() {
    storm(Strategy::OneForOne).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_16_no_exit_is_lost_in_a_storm_on_two_threads() {
    storm(Strategy::OneForOne).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_16_no_exit_is_lost_in_a_storm_of_groups() {
    storm(Strategy::OneForAll).await;
    storm(Strategy::RestForOne).await;
}

/// `run()` polled by `block_on` on a multi-thread runtime, as `#[tokio::main]` does: the founding
/// code returned `Ok` instead of the error of the restart limit in one of twenty runs.
#[test]
fn rule_18_run_under_block_on_never_loses_the_restart_limits_error() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for round in 0..2_000 {
        let config = RestartConfig { max_restarts: 3, within: Duration::from_secs(60) };
        let starts = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&starts);
        let fails = move |_: ChildContext| -> std::future::Ready<SageResult<()>> {
            counted.fetch_add(1, Ordering::Relaxed);
            std::future::ready(Err(SageError::agent("at once")))
        };
        let mut tree = Supervisor::new(Strategy::OneForOne, config).child("child", fails);
        let result = runtime.block_on(tree.run());
        assert!(matches!(result, Err(SageError::Supervisor(_))), "round {round}: {result:?}");
        assert_eq!(starts.load(Ordering::Relaxed), 4);
    }
}

/// Two children on two threads end at the same instant, again and again. Each time there is one
/// group restart, or two if the second exit is found after the group is up again. No child is ever
/// lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_16_same_instant_deaths_on_two_threads_lose_nobody() {
    let barrier = Arc::new(tokio::sync::Barrier::new(2));
    let rounds = Arc::new(AtomicUsize::new(0));
    let up = tokio::sync::watch::Sender::new([0_usize; 2]);
    let child = |index: usize| {
        let (barrier, rounds, up) = (Arc::clone(&barrier), Arc::clone(&rounds), up.clone());
        ChildSpec::new(format!("child-{index}"), move |ctx: ChildContext| {
            let (barrier, rounds, up) = (Arc::clone(&barrier), Arc::clone(&rounds), up.clone());
            async move {
                up.send_modify(|up| up[index] += 1);
                if rounds.fetch_add(1, Ordering::Relaxed) > 2_000 {
                    ctx.cancelled().await;
                    return Ok(());
                }
                tokio::select! {
                    _ = barrier.wait() => Err(SageError::agent("both at once")),
                    () = ctx.cancelled() => Ok(()),
                }
            }
        })
    };
    let running = Supervisor::new(Strategy::OneForAll, RestartConfig::default())
        .unlimited_restarts()
        .children([child(0), child(1)])
        .start();
    up.subscribe().wait_for(|up| up[0] + up[1] > 2_000).await.unwrap();
    let up = *up.borrow();
    assert!(up[0].abs_diff(up[1]) <= 1, "they always start together: {up:?}");
    running.shutdown().await.unwrap();
    no_task_is_left().await;
}
