//! Children that are removed by hand (rules 25 and 28).

use std::time::Duration;

use sage_supervisor::{ChildContext, ChildSpec, RestartPolicy, Strategy};
use sage_supervisor_tests::{Log, OnStop, Puppet, settle};

use super::{idle, started};

#[tokio::test(start_paused = true)]
async fn rule_25_what_is_stopped_or_removed_by_hand_keeps_the_supervisor_up() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let (running, handle) =
        started(Strategy::OneForOne, [a.spec(), b.spec().restart(RestartPolicy::Transient)]).await;
    handle.stop_child("a").await.unwrap();
    b.finish();
    settle().await;
    assert!(!handle.has_ended(), "`a` can be started again");
    handle.remove_child("a").await.unwrap();
    handle.remove_child("b").await.unwrap();
    settle().await;
    assert!(!handle.has_ended(), "others can be started");
    handle.start_child(a.spec().restart(RestartPolicy::Transient)).await.unwrap();
    a.finish();
    running.wait().await.unwrap();
}

/// The places of removed children are reused, and nothing from the old children reaches the new
/// ones.
#[tokio::test(start_paused = true)]
async fn rule_28_many_children_come_and_go() {
    let log = Log::default();
    let (running, handle) = started(Strategy::RestForOne, [ChildSpec::new("b", idle)]).await;
    for round in 0..200_u32 {
        let name = format!("child-{}", round % 7);
        let a = Puppet::with(&name, &log, OnStop::Ignore);
        let spec = a.spec().shutdown(Duration::from_millis(5 + u64::from(round % 11)));
        handle.start_child(spec).await.unwrap();
        if round % 3 == 0 {
            a.fail("once");
            a.started(2).await;
        }
        handle.stop_child(&name).await.unwrap();
        assert_eq!((a.live(), a.peak()), (0, 1));
        handle.remove_child(&name).await.unwrap();
        if round % 3 == 0 {
            // The restart leaves the window of the limit.
            tokio::time::sleep(Duration::from_secs(61)).await;
        }
    }
    assert_eq!(handle.counts().await.unwrap().specs, 1);
    running.shutdown().await.unwrap();
}

/// The start function of a removed child and all that it owns are dropped.
#[tokio::test(start_paused = true)]
async fn rule_28_a_removed_child_is_let_go() {
    let (running, handle) = started(Strategy::OneForOne, [ChildSpec::new("b", idle)]).await;
    let (owned, mut all_dropped) = tokio::sync::mpsc::channel::<()>(1);
    let child = ChildSpec::new("a", move |ctx: ChildContext| {
        let _owned = owned.clone();
        idle(ctx)
    });
    handle.start_child(child).await.unwrap();
    handle.stop_child("a").await.unwrap();
    handle.remove_child("a").await.unwrap();
    assert!(all_dropped.recv().await.is_none());
    running.shutdown().await.unwrap();
}
