//! The cases of `sup_stop` that are about OTP's `simple_one_for_one`, with a dynamic supervisor:
//! its children are stopped all at once. The exit of each child is read from the events of
//! `tracing`.

use std::time::Duration;

use sage_supervisor::{ChildSpec, DynamicSupervisor, Shutdown};
use sage_supervisor_tests::{
    Log, OnStop, Puppet, Recorder, no_task_is_left, quiet_panics, settle, unclean,
};
use tokio::time::Instant;

use crate::{POLICIES, SECOND, idle, up_dynamic};

/// A child that obeys ends by `shutdown`. The others are killed at their timeout, which passes once
/// for all of them.
#[tokio::test(start_paused = true)]
async fn sup_stop_timeout_dynamic() {
    let recorder = Recorder::default();
    let _recording = tracing::subscriber::set_default(recorder.clone());
    let log = Log::default();
    let pool = DynamicSupervisor::new();
    let (running, _) = up_dynamic(&pool).await;
    for number in 0..3 {
        let good = Puppet::new("good", &log).spec().shutdown(SECOND);
        let stuck = Puppet::with("stuck", &log, OnStop::Ignore).spec().shutdown(SECOND);
        pool.start_named(format!("good-{number}"), good).await.unwrap();
        pool.start_named(format!("stuck-{number}"), stuck).await.unwrap();
    }
    settle().await;
    let asked = Instant::now();
    let late =
        [0, 1, 2].map(|number| format!("root/stuck-{number}: killed, its shutdown timed out"));
    assert_eq!(unclean(running.shutdown().await), late.join("; "));
    assert_eq!(asked.elapsed().as_millis() / 10, 100);
    let mut exits = recorder.exits();
    // Children that end at the same moment have no order.
    exits[..3].sort();
    exits[3..].sort();
    let expected: Vec<_> = (0..3)
        .map(|number| format!("good-{number}: shutdown"))
        .chain((0..3).map(|number| format!("stuck-{number}: killed")))
        .collect();
    assert_eq!(exits, expected);
    no_task_is_left().await;
}

/// Ten children with `brutal_kill` are all killed, and none of them is asked.
#[tokio::test(start_paused = true)]
async fn sup_stop_brutal_kill_dynamic() {
    let recorder = Recorder::default();
    let _recording = tracing::subscriber::set_default(recorder.clone());
    let pool = DynamicSupervisor::new();
    let (running, _) = up_dynamic(&pool).await;
    for number in 0..10 {
        let spec = ChildSpec::new("child", idle).shutdown(Shutdown::BrutalKill);
        pool.start_named(format!("child-{number}"), spec).await.unwrap();
    }
    settle().await;
    let asked = Instant::now();
    running.shutdown().await.unwrap();
    assert_eq!(asked.elapsed(), Duration::ZERO);
    let mut exits = recorder.exits();
    exits.sort();
    let expected: Vec<_> = (0..10).map(|number| format!("child-{number}: killed")).collect();
    assert_eq!(exits, expected);
    no_task_is_left().await;
}

/// Children answer the request to stop with an error, with a panic or not at all. Whatever their
/// policy, none is restarted, and their own messages are reported. (A supervisor of Erlang ends
/// normally all the same. Here the result names the children.)
#[tokio::test(start_paused = true)]
async fn sup_stop_non_shutdown_exit_dynamic() {
    quiet_panics();
    for policy in POLICIES {
        let recorder = Recorder::default();
        let _recording = tracing::subscriber::set_default(recorder.clone());
        let log = Log::default();
        let pool = DynamicSupervisor::new();
        let (running, _) = up_dynamic(&pool).await;
        let ways = [OnStop::Obey, OnStop::Fail, OnStop::Panic, OnStop::Ignore];
        let puppets: Vec<_> = (0..8)
            .map(|number| Puppet::with(&format!("child-{number}"), &log, ways[number % 4]))
            .collect();
        for puppet in &puppets {
            pool.start_named(puppet.name(), puppet.spec().restart(policy)).await.unwrap();
        }
        settle().await;
        assert_eq!(unclean(running.shutdown().await).split("; ").count(), 6);
        for puppet in &puppets {
            assert_eq!((puppet.starts(), puppet.live()), (1, 0), "{policy:?} {}", puppet.name());
        }
        let mut exits = recorder.exits();
        exits.sort();
        let reasons = [
            "shutdown",
            "error: failed while stopping",
            "panic: expected: panicked while stopping",
            "killed",
        ];
        let expected: Vec<_> =
            (0..8).map(|number| format!("child-{number}: {}", reasons[number % 4])).collect();
        assert_eq!(exits, expected, "{policy:?}");
        no_task_is_left().await;
    }
}
