//! Supervisors as children (rules 6, 18 and 19).

use std::time::Duration;

use sage_supervisor::{ChildSpec, IntoChild, RestartPolicy, SageError, Strategy, Supervisor};
use sage_supervisor_tests::{Log, OnStop, Puppet, limit, settle, supervisor};

fn nested(name: &str, supervisor: Supervisor) -> ChildSpec {
    supervisor.into_child(name.to_owned())
}

#[tokio::test(start_paused = true)]
async fn rule_19_a_restart_limit_reached_below_is_an_error_exit_above_and_the_subtree_is_rebuilt() {
    let log = Log::default();
    let [a, b, c] = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
    let inner = Supervisor::new(Strategy::OneForOne, limit(0)).children([a.spec(), b.spec()]);
    let running =
        supervisor(Strategy::OneForOne).child("inner", inner).children([c.spec()]).start();
    settle().await;
    log.take();
    a.fail("now");
    settle().await;
    assert_eq!(log.take(), "-a -b +a +b", "and `c` is untouched");
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_19_a_rebuilt_subtree_begins_with_a_fresh_limit() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let inner = Supervisor::new(Strategy::OneForOne, limit(1)).children([a.spec()]);
    let running = Supervisor::new(Strategy::OneForOne, limit(2)).child("inner", inner).start();
    // `inner` runs three times, with two starts each: the product of both limits.
    for _ in 0..6 {
        a.fail("again");
    }
    let error = running.wait().await.unwrap_err();
    assert_eq!(a.starts(), 6);
    let SageError::Supervisor(reached) = error else { panic!("{error}") };
    assert_eq!((reached.path.as_str(), reached.child.as_str()), ("root", "inner"));
}

#[tokio::test(start_paused = true)]
async fn rule_19_a_temporary_entry_is_not_restarted() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let inner = Supervisor::new(Strategy::OneForOne, limit(0)).children([a.spec()]);
    let running = supervisor(Strategy::OneForAll)
        .children([nested("inner", inner).restart(RestartPolicy::Temporary), b.spec()])
        .start();
    settle().await;
    a.fail("now");
    settle().await;
    assert_eq!((a.starts(), b.starts()), (1, 1));
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_19_a_permanent_entry_is_restarted_when_its_work_is_done() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let inner =
        supervisor(Strategy::OneForOne).children([a.spec().restart(RestartPolicy::Transient)]);
    let running = supervisor(Strategy::OneForOne)
        .children([nested("inner", inner).restart(RestartPolicy::Permanent)])
        .start();
    a.finish();
    a.started(2).await;
    running.shutdown().await.unwrap();
}

/// The old tasks have all ended before the new ones start, however slow they are.
#[tokio::test(start_paused = true)]
async fn rule_19_a_restarted_subtree_is_rebuilt_after_its_old_tasks_have_ended() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(4)));
    let [deep, trigger] = ["deep", "trigger"].map(|name| Puppet::new(name, &log));
    let deepest = supervisor(Strategy::OneForOne).children([deep.spec(), slow.spec()]);
    let inner = supervisor(Strategy::OneForOne).child("deepest", deepest);
    let running =
        supervisor(Strategy::OneForAll).child("inner", inner).children([trigger.spec()]).start();
    settle().await;
    log.take();
    trigger.fail("now");
    trigger.started(2).await;
    settle().await;
    assert_eq!(log.take(), "-trigger -slow -deep +deep +slow +trigger");
    assert_eq!([slow.peak(), deep.peak(), trigger.peak()], [1, 1, 1]);
    running.shutdown().await.unwrap();
}

/// Different strategies at each level apply each to its own group.
#[tokio::test(start_paused = true)]
async fn rule_19_each_level_follows_its_own_strategy() {
    let log = Log::default();
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| Puppet::new(name, &log));
    let inner = Supervisor::new(Strategy::OneForAll, limit(1)).children([b.spec(), c.spec()]);
    let running = supervisor(Strategy::RestForOne)
        .children([a.spec()])
        .child("inner", inner)
        .children([d.spec()])
        .start();
    settle().await;
    log.take();
    c.fail("within the limit");
    settle().await;
    assert_eq!(log.take(), "-c -b +b +c");
    c.fail("beyond it");
    settle().await;
    assert_eq!(log.take(), "-c -b -d +b +c +d");
    running.shutdown().await.unwrap();
}
