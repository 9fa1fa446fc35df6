//! The group `sup_stop`: the stop of the children of a supervisor. The exit of each child is read
//! from the events of `tracing`.

use std::time::Duration;

use sage_supervisor::{ChildSpec, Shutdown, Strategy};
use sage_supervisor_tests::{
    Log, OnStop, Puppet, Recorder, no_task_is_left, quiet_panics, settle, supervisor, unclean,
};
use tokio::time::Instant;

use crate::{POLICIES, SECOND, idle, up};

/// Children with unlimited time are awaited, workers and supervisors alike, and end by `shutdown`.
#[tokio::test(start_paused = true)]
async fn sup_stop_infinity() {
    let recorder = Recorder::default();
    let _recording = tracing::subscriber::set_default(recorder.clone());
    let log = Log::default();
    let day = SECOND * 24 * 60 * 60;
    let [worker, deep] =
        ["worker", "deep"].map(|name| Puppet::with(name, &log, OnStop::After(day)));
    let inner =
        supervisor(Strategy::OneForOne).children([deep.spec().shutdown(Shutdown::Infinity)]);
    let tree = supervisor(Strategy::OneForOne)
        .children([worker.spec().shutdown(Shutdown::Infinity)])
        .child("inner", inner);
    let (running, _) = up(tree).await;
    let asked = Instant::now();
    running.shutdown().await.unwrap();
    assert_eq!(asked.elapsed().as_secs(), 2 * day.as_secs());
    assert_eq!(recorder.exits(), ["deep: shutdown", "inner: shutdown", "worker: shutdown"]);
}

/// A child that obeys ends by `shutdown`. A child that does not is killed at its timeout and not
/// before. (A supervisor of Erlang ends normally all the same. Here the result names the child.)
#[tokio::test(start_paused = true)]
async fn sup_stop_timeout() {
    let recorder = Recorder::default();
    let _recording = tracing::subscriber::set_default(recorder.clone());
    let log = Log::default();
    let good = Puppet::new("good", &log);
    let stuck = Puppet::with("stuck", &log, OnStop::Ignore);
    let tree = supervisor(Strategy::OneForOne)
        .children([good.spec().shutdown(SECOND), stuck.spec().shutdown(SECOND)]);
    let (running, _) = up(tree).await;
    let asked = Instant::now();
    assert_eq!(unclean(running.shutdown().await), "root/stuck: killed, its shutdown timed out");
    assert_eq!(asked.elapsed().as_millis() / 10, 100);
    assert_eq!(recorder.exits(), ["stuck: killed", "good: shutdown"]);
    no_task_is_left().await;
}

/// Children with `brutal_kill` are neither asked nor awaited.
#[tokio::test(start_paused = true)]
async fn sup_stop_brutal_kill() {
    let recorder = Recorder::default();
    let _recording = tracing::subscriber::set_default(recorder.clone());
    let log = Log::default();
    let good = Puppet::new("good", &log);
    let killed = Puppet::with("killed", &log, OnStop::Panic);
    let tree = supervisor(Strategy::OneForOne)
        .children([good.spec(), killed.spec().shutdown(Shutdown::BrutalKill)]);
    let (running, _) = up(tree).await;
    let asked = Instant::now();
    running.shutdown().await.unwrap();
    assert_eq!(asked.elapsed(), Duration::ZERO);
    assert_eq!(recorder.exits(), ["killed: killed", "good: shutdown"]);
    no_task_is_left().await;
}

/// Children that were added by hand, some of which are stuck, are stopped in the same way, one
/// after the other. (Only dynamic supervisors stop all at once.)
#[tokio::test(start_paused = true)]
async fn sup_stop_timeout_added_by_hand() {
    let recorder = Recorder::default();
    let _recording = tracing::subscriber::set_default(recorder.clone());
    let log = Log::default();
    let (running, handle) = up(supervisor(Strategy::OneForOne).keep_alive(true)).await;
    for number in 0..3 {
        let good = Puppet::new(&format!("good-{number}"), &log);
        let stuck = Puppet::with(&format!("stuck-{number}"), &log, OnStop::Ignore);
        handle.start_child(good.spec().shutdown(SECOND)).await.unwrap();
        handle.start_child(stuck.spec().shutdown(SECOND)).await.unwrap();
    }
    settle().await;
    let late =
        [2, 1, 0].map(|number| format!("root/stuck-{number}: killed, its shutdown timed out"));
    assert_eq!(unclean(running.shutdown().await), late.join("; "));
    let expected: Vec<_> = (0..3)
        .rev()
        .flat_map(|number| [format!("stuck-{number}: killed"), format!("good-{number}: shutdown")])
        .collect();
    assert_eq!(recorder.exits(), expected);
    no_task_is_left().await;
}

/// Ten children that were added by hand with `brutal_kill` are all killed.
#[tokio::test(start_paused = true)]
async fn sup_stop_brutal_kill_added_by_hand() {
    let recorder = Recorder::default();
    let _recording = tracing::subscriber::set_default(recorder.clone());
    let (running, handle) = up(supervisor(Strategy::OneForOne).keep_alive(true)).await;
    for number in 0..10 {
        let spec = ChildSpec::new(format!("child-{number}"), idle);
        handle.start_child(spec.shutdown(Shutdown::BrutalKill)).await.unwrap();
    }
    settle().await;
    let asked = Instant::now();
    running.shutdown().await.unwrap();
    assert_eq!(asked.elapsed(), Duration::ZERO);
    let expected: Vec<_> = (0..10).rev().map(|number| format!("child-{number}: killed")).collect();
    assert_eq!(recorder.exits(), expected);
    no_task_is_left().await;
}

/// Children end by themselves, in various ways, while their supervisor is stopping another one.
/// No child is restarted, no wait is in vain, and the result names those that have failed.
#[tokio::test(start_paused = true)]
async fn sup_stop_race() {
    quiet_panics();
    for strategy in [Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne] {
        for policy in POLICIES {
            // The other child ends in its own time, and at the moment of the request.
            for meanwhile in [true, false] {
                let log = Log::default();
                let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| Puppet::new(name, &log));
                let slow = Puppet::with("slow", &log, OnStop::After(SECOND * 3));
                let children = [&a, &b, &c, &d].map(|puppet| puppet.spec().restart(policy));
                let tree = supervisor(strategy).children(children).children([slow.spec()]);
                let (running, _) = up(tree).await;
                log.take();
                let stopping = tokio::spawn(running.shutdown());
                if meanwhile {
                    settle().await;
                }
                b.finish();
                a.fail("meanwhile");
                c.panic("expected: meanwhile");
                settle().await;
                let ended = log.take();
                assert_eq!(ended.split(' ').count(), 3, "{ended}");
                let failed = unclean(stopping.await.unwrap());
                // Children that end at the same moment have no order.
                let mut failed: Vec<_> = failed.split("; ").collect();
                failed.sort_unstable();
                let expected = ["root/a: error: meanwhile", "root/c: panic: expected: meanwhile"];
                assert_eq!(failed, expected);
                assert_eq!(log.take(), "-slow -d", "{strategy:?} {policy:?}");
                assert_eq!([a.starts(), b.starts(), c.starts(), d.starts()], [1; 4]);
                no_task_is_left().await;
            }
        }
    }
}

/// Children that were added by hand answer the request to stop with an error, with a panic or not
/// at all. The result names them, whatever their policy.
#[tokio::test(start_paused = true)]
async fn sup_stop_non_shutdown_exit_added_by_hand() {
    quiet_panics();
    for policy in POLICIES {
        let log = Log::default();
        let (running, handle) = up(supervisor(Strategy::OneForOne).keep_alive(true)).await;
        let ways = [OnStop::Obey, OnStop::Fail, OnStop::Panic, OnStop::Ignore];
        let puppets: Vec<_> = (0..8)
            .map(|number| Puppet::with(&format!("child-{number}"), &log, ways[number % 4]))
            .collect();
        for puppet in &puppets {
            handle.start_child(puppet.spec().restart(policy)).await.unwrap();
        }
        settle().await;
        assert_eq!(unclean(running.shutdown().await).split("; ").count(), 6);
        for puppet in &puppets {
            assert_eq!((puppet.starts(), puppet.live()), (1, 0), "{policy:?} {}", puppet.name());
        }
        no_task_is_left().await;
    }
}
