//! The report of an end: the cause, and the facts that the result leaves out (rule 25).

mod asked;
mod drawn;
mod parts;
mod unclean;

use std::time::Duration;

use sage_supervisor::{
    AutoShutdown, ChildContext, ChildSpec, EndCause, IntoChild, Report, Requester, RestartPolicy,
    Shutdown, Strategy, Supervisor, SupervisorHandle,
};
use sage_supervisor_tests::{Blocker, Gated, Log, Puppet, limit, settle, supervisor};
use tokio::sync::mpsc;

/// A short form of the cause.
fn why(report: &Report) -> String {
    match &report.cause {
        EndCause::AllEnded => "all ended".to_owned(),
        EndCause::Requested { by: Requester::Child { path }, reason, .. } => {
            format!("{path}: {}", reason.as_deref().unwrap_or("-"))
        }
        EndCause::Requested { by, reason, .. } => {
            format!("{by:?}: {}", reason.as_deref().unwrap_or("-"))
        }
        EndCause::Significant { path, exit, .. } => format!("significant {path}, {exit}"),
        EndCause::FinalError { path, scope, .. } => {
            format!("final error for the {scope} of {path}")
        }
        EndCause::RestartLimit { path, .. } => format!("limit {path}"),
        EndCause::FailedStart { path, .. } => format!("failed start {path}"),
        EndCause::UnresponsiveTimeout { paths, .. } => format!("gave up on {}", paths.join(" ")),
        other => format!("{other:?}"),
    }
}

/// A nested supervisor with a restart policy of its own.
pub(crate) fn entry(nested: Supervisor, name: &str, policy: RestartPolicy) -> ChildSpec {
    nested.into_child(name.to_owned()).restart(policy)
}

/// A child that calls the functions that it is sent, each with its context.
fn obedient(name: &str) -> (ChildSpec, mpsc::UnboundedSender<fn(&ChildContext)>) {
    let (tell, told) = mpsc::unbounded_channel::<fn(&ChildContext)>();
    let told = std::sync::Arc::new(tokio::sync::Mutex::new(told));
    let spec = ChildSpec::new(name, move |ctx: ChildContext| {
        let told = std::sync::Arc::clone(&told);
        async move {
            let mut told = told.lock().await;
            loop {
                tokio::select! {
                    biased;
                    () = ctx.cancelled() => return,
                    Some(act) = told.recv() => act(&ctx),
                }
            }
        }
    });
    (spec, tell)
}

#[tokio::test(start_paused = true)]
async fn rule_25_a_tree_that_is_done_says_so() {
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &Log::default()));
    let mut tree = supervisor(Strategy::OneForOne)
        .children([a.spec(), b.spec()].map(|spec| spec.restart(RestartPolicy::Transient)));
    for round in 1..=2 {
        a.finish();
        b.fail("once");
        b.finish();
        let report = tree.run_with_report().await;
        assert!(report.result().is_ok());
        assert_eq!((why(&report).as_str(), report.restarts), ("all ended", 1), "round {round}");
        assert_eq!((report.root.took, report.aborted_by.as_ref()), (None, None));
        assert!(report.into_result().is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn rule_25_an_error_and_its_report_have_one_cause() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    a.fail("now");
    let mut breaks = Supervisor::new(Strategy::OneForOne, limit(0)).children([a.spec()]);
    let broken = breaks.run_with_report().await;
    assert_eq!(why(&broken), "limit root/a");

    a.fail("now");
    let nested = Supervisor::new(Strategy::OneForOne, limit(0)).children([a.spec()]);
    let mut escalates = Supervisor::new(Strategy::OneForOne, limit(0)).child("nested", nested);
    let escalated = escalates.run_with_report().await;
    assert_eq!(why(&escalated), "limit root/nested");

    let late = Gated::new("late", &log);
    let mut starts = supervisor(Strategy::OneForOne).children([late.spec()]);
    let failed = starts.run_with_report().await;
    assert_eq!(why(&failed), "failed start root/late");
    assert_eq!(failed.ran.as_secs(), 10);

    let twice = [a.spec(), a.spec()];
    let invalid = supervisor(Strategy::OneForOne).name("app").children(twice).start();
    assert!(invalid.handle().report().is_some(), "it is over at once");
    let invalid = invalid.wait_with_report().await;
    assert_eq!((why(&invalid).as_str(), invalid.root.path.as_str()), ("NotStarted", "app"));

    for report in [broken, escalated, failed, invalid] {
        let error = report.result().unwrap_err().to_string();
        assert_eq!(report.into_result().unwrap_err().to_string(), error);
    }
}

#[tokio::test(start_paused = true)]
async fn rule_24_a_significant_child_is_the_cause_well_or_failed() {
    for fails in [false, true] {
        let main = Puppet::new("main", &Log::default());
        let spec = main.spec().restart(RestartPolicy::Temporary).significant();
        let mut tree = supervisor(Strategy::OneForOne)
            .auto_shutdown(AutoShutdown::AnySignificant)
            .children([Puppet::new("other", &Log::default()).spec(), spec]);
        if fails {
            main.fail("lost");
        } else {
            main.finish();
        }
        let report = tree.run_with_report().await;
        let how = if fails { "error: lost" } else { "normal" };
        assert_eq!(why(&report), format!("significant root/main, {how}"));
        assert_eq!(report.result().is_err(), fails);
        assert_eq!(report.failures.count, 0, "what is an error is not told as none");
    }
}

#[tokio::test(start_paused = true)]
async fn rule_25_failures_of_temporary_children_are_counted_and_the_last_are_told() {
    let log = Log::default();
    let puppets: Vec<_> = (0..10).map(|number| Puppet::new(&format!("t{number}"), &log)).collect();
    let temporary = |puppet: &Puppet| puppet.spec().restart(RestartPolicy::Temporary);
    let nested = supervisor(Strategy::OneForOne).children(puppets[5..].iter().map(temporary));
    let well = Puppet::new("well", &log);
    let running = supervisor(Strategy::OneForOne)
        .children(puppets[..5].iter().map(temporary))
        .child("nested", nested)
        .children([temporary(&well)])
        .start();
    // The children of the outer and of the nested supervisor fail in turn, a second apart.
    for (outer, inner) in puppets[..5].iter().zip(&puppets[5..]) {
        for puppet in [outer, inner] {
            puppet.fail(puppet.name());
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
    well.finish();
    let report = running.wait_with_report().await;
    assert!(report.result().is_ok());
    assert_eq!(report.failures.count, 10);
    let last = report.failures.last.iter();
    let last: Vec<_> = last
        .map(|failure| {
            format!("{} {} {}", failure.path, failure.exit, failure.before_end.as_secs())
        })
        .collect();
    let expected = [
        "root/t1 error: t1 8",
        "root/nested/t6 error: t6 7",
        "root/t2 error: t2 6",
        "root/nested/t7 error: t7 5",
        "root/t3 error: t3 4",
        "root/nested/t8 error: t8 3",
        "root/t4 error: t4 2",
        "root/nested/t9 error: t9 1",
    ];
    assert_eq!(last, expected);
}

/// The restarts that an earlier run of a nested supervisor made are included.
#[tokio::test(start_paused = true)]
async fn rule_25_restarts_are_counted_in_all() {
    let log = Log::default();
    let [a, b, c] = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
    let nested = Supervisor::new(Strategy::OneForAll, limit(2)).children([a.spec(), b.spec()]);
    let running =
        supervisor(Strategy::OneForOne).child("nested", nested).children([c.spec()]).start();
    c.fail("one");
    for number in 1..=4 {
        a.started(number).await;
        a.fail("now");
    }
    a.started(5).await;
    let handle = running.handle();
    running.shutdown().await.unwrap();
    let report = handle.report().unwrap();
    // The restarts are one of `c`, two of `a` with `b`, one of `nested` after its limit is reached,
    // and one more of `a`.
    assert_eq!(report.restarts, 1 + 2 + 1 + 1);
    assert_eq!(report.failures.count, 0);
}

/// The report names the unresponsive task. The cause is that of the stop itself, which the task did
/// not change.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn rule_23_what_does_not_end_is_in_the_report_and_so_is_why_it_was_stopped() {
    let grace = Duration::from_millis(50);
    let log = Log::default();
    let (blocker, open) = Blocker::new(&log);
    let nested = supervisor(Strategy::OneForOne).children([blocker.spec()]);
    let running = supervisor(Strategy::OneForOne).kill_grace(grace).child("nested", nested).start();
    blocker.blocks().await;
    let handle = running.handle();
    running.shutdown().await.unwrap_err();
    let report = handle.report().unwrap();
    assert_eq!(why(&report), "Owner: -", "it would have ended as well without the other");
    assert_eq!(
        (report.unresponsive.count, &*report.unresponsive.paths[0]),
        (1, "root/nested/blocker")
    );
    let nested = &report.root.children[0];
    assert!(nested.is_unresponsive && nested.took.unwrap() >= grace);
    let blocker = &nested.children[0];
    assert!(blocker.is_unresponsive && blocker.exit.is_none());
    assert!(blocker.took.unwrap() >= grace && !blocker.shutdown_timed_out);
    drop(open);
}

/// The exit of the instance before is not reported for the task that has not ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn rule_23_what_does_not_end_has_no_exit() {
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let gate = std::sync::Arc::new(std::sync::Mutex::new(gate));
    let (blocks, mut blocked) = mpsc::unbounded_channel();
    let child = ChildSpec::new("child", move |ctx: ChildContext| {
        let (gate, blocks) = (std::sync::Arc::clone(&gate), blocks.clone());
        async move {
            if ctx.restarts() == 0 {
                return Err("once");
            }
            blocks.send(()).unwrap();
            // The receive blocks this thread until the end of the test.
            let _ = gate.lock().unwrap().recv();
            Ok(())
        }
    });
    let running = supervisor(Strategy::OneForOne)
        .kill_grace(Duration::from_millis(50))
        .children([child.shutdown(Shutdown::BrutalKill)])
        .start();
    blocked.recv().await.unwrap();
    let handle = running.handle();
    running.shutdown().await.unwrap_err();
    let child = &handle.report().unwrap().root.children[0];
    assert!(child.is_unresponsive && child.exit.is_none(), "{child:?}");
    drop(open);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn rule_23_an_unresponsive_timeout_is_a_cause() {
    let grace = Duration::from_millis(50);
    let log = Log::default();
    let (blocker, open) = Blocker::new(&log);
    let trigger = Puppet::new("trigger", &log);
    let running = supervisor(Strategy::OneForAll)
        .kill_grace(grace)
        .unresponsive_timeout(grace)
        .children([blocker.spec(), trigger.spec()])
        .start();
    blocker.blocks().await;
    trigger.started(1).await;
    trigger.fail("now");
    let report = running.wait_with_report().await;
    assert_eq!(why(&report), "gave up on root/blocker");
    assert_eq!((report.unresponsive.count, &*report.unresponsive.paths[0]), (1, "root/blocker"));
    drop(open);
}

#[test]
fn rule_25_the_end_of_the_runtime_is_a_cause() {
    let handle = {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let tree = supervisor(Strategy::OneForOne).keep_alive(true);
        let running = runtime.block_on(async { tree.start() });
        let handle = running.handle();
        drop(runtime);
        handle
    };
    let report = handle.report().unwrap();
    assert_eq!(why(&report), "RuntimeShutdown");
    assert!(report.result().is_err());
}

/// The owner is dropped after the child has failed, and before the supervisor has handled the exit
/// or the drop.
#[tokio::test(start_paused = true)]
async fn rule_25_an_error_comes_before_a_drop_at_the_same_moment() {
    let (hold, gone) = std::sync::mpsc::channel::<tokio::sync::oneshot::Sender<()>>();
    let gone = std::sync::Arc::new(std::sync::Mutex::new(gone));
    let child = ChildSpec::new("child", move |_: ChildContext| {
        let held = gone.lock().unwrap().recv().unwrap();
        async move {
            let _held = held;
            tokio::time::sleep(Duration::from_secs(1)).await;
            Err::<(), _>("no port")
        }
    });
    let child = child.ready_within(Duration::from_secs(60));
    let running = supervisor(Strategy::OneForOne).children([child]).start();
    let (held, gone) = tokio::sync::oneshot::channel();
    hold.send(held).unwrap();
    let handle = running.handle();
    tokio::spawn(async move {
        gone.await.unwrap_err();
        drop(running);
    });
    handle.wait().await.unwrap_err();
    let report = handle.report().unwrap();
    assert_eq!(why(&report), "failed start root/child");
    assert_eq!(report.aborted_by, Some(Requester::OwnerDropped));
}

#[tokio::test(start_paused = true)]
async fn rule_26_after_a_drop_there_is_a_report_too() {
    let a = Puppet::new("a", &Log::default());
    let nested = supervisor(Strategy::OneForOne).children([a.spec().shutdown(Shutdown::Infinity)]);
    let running = supervisor(Strategy::OneForOne).child("nested", nested).start();
    let handle: SupervisorHandle = running.handle();
    settle().await;
    assert!(handle.report().is_none());
    drop(running);
    handle.wait().await.unwrap();
    let report = handle.report().unwrap();
    assert_eq!(why(&report), "OwnerDropped: -");
    assert_eq!(report.aborted_by, Some(Requester::OwnerDropped));
    let a = &report.root.children[0].children[0];
    assert_eq!((a.path.as_str(), a.took), ("root/nested/a", Some(Duration::ZERO)));
    assert_eq!(a.exit.as_ref().unwrap().to_string(), "killed");
}
