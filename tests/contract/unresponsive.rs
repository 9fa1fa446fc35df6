//! Tasks that do not yield (rule 23). Such a task blocks a thread, so these tests run on several
//! threads and the real clock, and a gate holds the block.

use std::sync::Arc;
use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, RestartPolicy, SageError, Shutdown, Strategy, Supervisor,
    SupervisorHandle,
};
use sage_supervisor_tests::{Blocker, Log, Puppet, limit, no_task_is_left, supervisor, unclean};

const GRACE: Duration = Duration::from_millis(50);

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn rule_23_a_shutdown_goes_on_without_an_unresponsive_task_and_names_it() {
    let log = Log::default();
    let (blocker, open) = Blocker::new(&log);
    let [first, last] = ["first", "last"].map(|name| Puppet::new(name, &log));
    let inner = supervisor(Strategy::OneForOne).children([blocker.spec()]);
    let running = supervisor(Strategy::OneForOne)
        .kill_grace(GRACE)
        .children([first.spec()])
        .child("inner", inner)
        .children([last.spec()])
        .start();
    last.started(1).await;
    blocker.blocks().await;
    let error = running.shutdown().await.unwrap_err();
    assert_eq!(error.to_string(), "killed and not ended: root/inner/blocker");
    assert_eq!((first.live(), last.live()), (0, 0), "all others were stopped");
    drop(open);
    no_task_is_left().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn rule_23_a_restart_waits_for_an_unresponsive_task_and_starts_when_it_ends() {
    let log = Log::default();
    let (blocker, open) = Blocker::new(&log);
    let trigger = Puppet::new("trigger", &log);
    let running = supervisor(Strategy::OneForAll)
        .kill_grace(GRACE)
        .children([blocker.spec(), trigger.spec()])
        .start();
    blocker.blocks().await;
    trigger.started(1).await;
    trigger.fail("now");
    // The pause is well beyond the grace, and nothing is started beside the old instance.
    tokio::time::sleep(GRACE * 4).await;
    assert_eq!((blocker.puppet.starts(), trigger.starts()), (1, 1));
    drop(open);
    trigger.started(2).await;
    assert_eq!(blocker.puppet.peak(), 1);
    running.shutdown().await.unwrap();
    no_task_is_left().await;
}

/// All of the subtree has ended except one task. The parent waits for that task before it restarts
/// the subtree.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn rule_23_a_subtree_is_not_rebuilt_beside_an_unresponsive_task() {
    let log = Log::default();
    let (blocker, open) = Blocker::new(&log);
    let trigger = Puppet::new("trigger", &log);
    let inner = supervisor(Strategy::OneForOne).children([blocker.spec()]);
    let running = supervisor(Strategy::OneForAll)
        .kill_grace(GRACE)
        .child("inner", inner)
        .children([trigger.spec()])
        .start();
    blocker.blocks().await;
    trigger.started(1).await;
    trigger.fail("now");
    tokio::time::sleep(GRACE * 4).await;
    assert_eq!((blocker.puppet.starts(), trigger.starts()), (1, 1));
    drop(open);
    trigger.started(2).await;
    assert_eq!(blocker.puppet.peak(), 1);
    running.shutdown().await.unwrap();
    no_task_is_left().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn rule_23_after_the_unresponsive_timeout_it_escalates_to_the_root_and_no_parent_restarts_it()
{
    let log = Log::default();
    let (blocker, open) = Blocker::new(&log);
    let [trigger, other] = ["trigger", "other"].map(|name| Puppet::new(name, &log));
    let inner = supervisor(Strategy::OneForAll)
        .unresponsive_timeout(GRACE)
        .children([blocker.spec(), trigger.spec()]);
    let middle = supervisor(Strategy::OneForOne).child("inner", inner);
    let running = supervisor(Strategy::OneForOne)
        .kill_grace(GRACE)
        .children([other.spec().restart(RestartPolicy::Permanent)])
        .child("middle", middle)
        .start();
    blocker.blocks().await;
    trigger.started(1).await;
    trigger.fail("now");
    let error = running.wait().await.unwrap_err();
    let SageError::Unresponsive(unresponsive) = &error else { panic!("{error}") };
    assert_eq!(unresponsive.count, 1, "three supervisors know of one task");
    assert_eq!(unresponsive.paths, ["root/middle/inner/blocker"]);
    assert_eq!((other.live(), other.starts(), trigger.starts()), (0, 1, 1));
    drop(open);
    no_task_is_left().await;
    assert_eq!(blocker.puppet.starts(), 1);
}

/// The task ends while the others are being stopped. The supervisor has given up on it all the
/// same.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn rule_23_having_given_up_is_an_error_also_if_the_task_ends_then() {
    let log = Log::default();
    let (blocker, open) = Blocker::new(&log);
    let [first, trigger] = ["first", "trigger"].map(|name| Puppet::new(name, &log));
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    let (asked, mut was_asked) = tokio::sync::mpsc::unbounded_channel();
    let slow_gate = Arc::clone(&gate);
    let slow = ChildSpec::new("slow", move |ctx: ChildContext| {
        let (gate, asked) = (Arc::clone(&slow_gate), asked.clone());
        async move {
            ctx.cancelled().await;
            asked.send(()).unwrap();
            let _ = gate.acquire().await.unwrap();
        }
    });
    let running = supervisor(Strategy::OneForAll)
        .kill_grace(GRACE)
        .unresponsive_timeout(GRACE)
        .children([first.spec(), slow.shutdown(Shutdown::Infinity), blocker.spec(), trigger.spec()])
        .start();
    blocker.blocks().await;
    trigger.started(1).await;
    trigger.fail("now");
    was_asked.recv().await.unwrap();
    drop(open);
    while blocker.puppet.live() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    gate.add_permits(1);
    let error = running.wait().await.unwrap_err();
    assert_eq!(error.to_string(), "killed and not ended: root/blocker");
    assert_eq!((first.starts(), blocker.puppet.starts(), trigger.starts()), (1, 1, 1));
    no_task_is_left().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn rule_23_a_temporary_subtree_that_gave_up_escalates_too() {
    let log = Log::default();
    let (blocker, open) = Blocker::new(&log);
    let [trigger, other] = ["trigger", "other"].map(|name| Puppet::new(name, &log));
    let inner = supervisor(Strategy::OneForAll)
        .unresponsive_timeout(GRACE)
        .children([blocker.spec(), trigger.spec()]);
    let inner = sage_supervisor::IntoChild::into_child(inner, "inner".to_owned());
    let running = supervisor(Strategy::OneForOne)
        .kill_grace(GRACE)
        .children([other.spec(), inner.restart(RestartPolicy::Temporary)])
        .start();
    blocker.blocks().await;
    trigger.started(1).await;
    trigger.fail("now");
    let error = running.wait().await.unwrap_err();
    assert_eq!(error.to_string(), "killed and not ended: root/inner/blocker");
    drop(open);
    no_task_is_left().await;
}

/// The grace and the unresponsive timeout are those of the parent, unless a supervisor has its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn rule_23_the_grace_is_inherited_and_kept_to() {
    for (own, expected) in [(None, GRACE), (Some(GRACE * 8), GRACE * 8)] {
        let log = Log::default();
        let (blocker, open) = Blocker::new(&log);
        let mut inner = supervisor(Strategy::OneForOne).children([blocker.spec()]);
        if let Some(own) = own {
            inner = inner.kill_grace(own);
        }
        let running =
            supervisor(Strategy::OneForOne).kill_grace(GRACE).child("inner", inner).start();
        blocker.blocks().await;
        let before = tokio::time::Instant::now();
        running.shutdown().await.unwrap_err();
        // The load of the machine can make the end later, never earlier. The default would be a
        // second.
        assert!(before.elapsed() >= expected, "{:?}", before.elapsed());
        drop(open);
        no_task_is_left().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn rule_23_a_reached_restart_limit_with_an_unresponsive_task_keeps_its_cause() {
    let log = Log::default();
    let (blocker, open) = Blocker::new(&log);
    let trigger = Puppet::new("trigger", &log);
    let running = Supervisor::new(Strategy::OneForOne, limit(0))
        .kill_grace(GRACE)
        .children([blocker.spec(), trigger.spec()])
        .start();
    blocker.blocks().await;
    trigger.fail("the reason");
    let error = running.wait().await.unwrap_err();
    let SageError::Unresponsive(unresponsive) = &error else { panic!("{error}") };
    assert_eq!(unresponsive.paths, ["root/blocker"]);
    assert!(matches!(unresponsive.cause, Some(SageError::Supervisor(_))));
    assert!(format!("{error:#}").contains("the reason"), "{error:#}");
    drop(open);
    no_task_is_left().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn rule_23_a_task_that_was_killed_but_did_end_is_not_unresponsive() {
    let log = Log::default();
    let stubborn = Puppet::with("stubborn", &log, sage_supervisor_tests::OnStop::Ignore);
    let running = supervisor(Strategy::OneForOne)
        .children([stubborn.spec().shutdown(Duration::from_millis(20))])
        .start();
    stubborn.started(1).await;
    assert_eq!(unclean(running.shutdown().await), "root/stubborn: killed, its shutdown timed out");
    assert_eq!(stubborn.live(), 0);
}

/// A new run waits for the unresponsive task of the run before, and can be shut down in the
/// meantime.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn rule_23_no_second_instance_beside_one_left_by_an_earlier_run() {
    let log = Log::default();
    let (blocker, open) = Blocker::new(&log);
    let mut tree = supervisor(Strategy::OneForOne).kill_grace(GRACE).children([blocker.spec()]);
    {
        let mut run = std::pin::pin!(tree.run());
        tokio::select! {
            result = &mut run => panic!("it ended: {result:?}"),
            () = blocker.blocks() => {}
        }
    }
    let timed_out = tokio::time::timeout(GRACE * 4, tree.run()).await;
    assert!(timed_out.is_err(), "it waits");
    assert_eq!(blocker.puppet.starts(), 1);

    let running = tree.start();
    let handle: SupervisorHandle = running.handle();
    handle.shutdown().await.unwrap();
    assert_eq!(blocker.puppet.starts(), 1);
    drop(open);
    no_task_is_left().await;
    assert_eq!(blocker.puppet.peak(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn rule_22_kill_returns_within_the_kill_grace_and_names_what_does_not_end() {
    let log = Log::default();
    let (blocker, open) = Blocker::new(&log);
    let stubborn = Puppet::with("stubborn", &log, sage_supervisor_tests::OnStop::Ignore);
    let inner = supervisor(Strategy::OneForOne)
        .children([stubborn.spec().shutdown(Shutdown::Infinity), blocker.spec()]);
    let running = supervisor(Strategy::OneForOne).kill_grace(GRACE).child("inner", inner).start();
    blocker.blocks().await;
    let error = running.kill().await.unwrap_err();
    assert_eq!(error.to_string(), "killed and not ended: root/inner/blocker");
    assert_eq!(stubborn.live(), 0);
    drop(open);
    no_task_is_left().await;
}
