//! Significant children, and commands to them (rules 24 and 25).

use sage_supervisor::{
    AutoShutdown, ChildSpec, RestartPolicy, RunningSupervisor, Strategy, SupervisorHandle,
};
use sage_supervisor_tests::{Gated, Log, Puppet, settle, supervisor};

async fn started(
    strategy: Strategy,
    mode: AutoShutdown,
    children: impl IntoIterator<Item = ChildSpec>,
) -> (RunningSupervisor, SupervisorHandle) {
    let running = supervisor(strategy).auto_shutdown(mode).children(children).start();
    settle().await;
    let handle = running.handle();
    (running, handle)
}

fn significant(child: &Puppet, policy: RestartPolicy) -> ChildSpec {
    child.spec().restart(policy).significant()
}

/// The supervisor receives the exit of the child and, after it, the command in the same turn.
#[tokio::test(start_paused = true)]
async fn rule_24_a_child_restarted_by_hand_as_it_ends_does_not_trigger() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let spec = significant(&a, RestartPolicy::Transient);
    let (running, handle) =
        started(Strategy::OneForOne, AutoShutdown::AnySignificant, [spec]).await;
    a.finish();
    let restarting = tokio::spawn(async move { handle.restart_child("a").await });
    settle().await;
    restarting.await.unwrap().unwrap();
    assert!(!running.handle().has_ended());
    assert_eq!((a.starts(), a.live()), (2, 1));
    running.shutdown().await.unwrap();
}

/// The child had already ended when it was removed.
#[tokio::test(start_paused = true)]
async fn rule_24_a_child_removed_as_it_ends_triggers() {
    for mode in [AutoShutdown::AnySignificant, AutoShutdown::AllSignificant] {
        let log = Log::default();
        let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
        let spec = significant(&a, RestartPolicy::Temporary);
        let (running, handle) = started(Strategy::OneForOne, mode, [spec, b.spec()]).await;
        a.fail("out of paper");
        let removing = tokio::spawn(async move { handle.remove_child("a").await });
        let error = running.wait().await.unwrap_err();
        assert_eq!(format!("{error:#}"), "significant child `root/a` failed: error: out of paper");
        removing.await.unwrap().unwrap();
        assert_eq!(b.live(), 0);
    }
}

/// A child that is stopped by hand will not be started, so no significant child is left.
#[tokio::test(start_paused = true)]
async fn rule_24_all_a_child_stopped_while_its_group_starts_is_not_left() {
    let log = Log::default();
    let [a, c] = ["a", "c"].map(|name| Puppet::new(name, &log));
    let b = Gated::new("b", &log);
    b.open();
    let (running, handle) = started(
        Strategy::OneForAll,
        AutoShutdown::AllSignificant,
        [
            significant(&a, RestartPolicy::Transient),
            b.spec(),
            significant(&c, RestartPolicy::Transient),
        ],
    )
    .await;
    b.shut();
    b.puppet.fail("now");
    a.started(2).await;
    settle().await;
    handle.stop_child("c").await.unwrap();
    a.finish();
    running.wait().await.unwrap();
}

/// The first failure is made good by a restart, and the second is not.
#[tokio::test(start_paused = true)]
async fn rule_25_a_failure_outlives_the_restart_of_another_child() {
    for removed in [false, true] {
        let log = Log::default();
        let [a, b, c] = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
        let specs = [&a, &b, &c].map(|child| significant(child, RestartPolicy::Temporary));
        let (running, handle) =
            started(Strategy::OneForOne, AutoShutdown::AllSignificant, specs).await;
        a.fail("for now");
        settle().await;
        b.fail("for good");
        settle().await;
        if removed {
            handle.remove_child("b").await.unwrap();
        }
        handle.restart_child("a").await.unwrap();
        settle().await;
        a.finish();
        c.finish();
        let error = running.wait().await.unwrap_err();
        assert_eq!(format!("{error:#}"), "significant child `root/b` failed: error: for good");
    }
}
