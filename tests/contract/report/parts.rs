//! The time that each part took to stop, and the overdue children (rule 22).

use std::time::Duration;

use sage_supervisor::{
    ChildSpec, DynamicSupervisor, IntoChild, NodeKind, NodeReport, Report, RestartPolicy, Shutdown,
    Strategy,
};
use sage_supervisor_tests::{Gated, Log, OnStop, Puppet, settle, supervisor, unclean};

const SECOND: Duration = Duration::from_secs(1);

/// A part in few words, its time in whole seconds.
fn brief(part: &NodeReport) -> String {
    let took = part.took.map_or("-".to_owned(), |took| {
        // Timers tick once a millisecond.
        let seconds = (took + SECOND / 100).as_secs();
        assert!(took.abs_diff(SECOND * u32::try_from(seconds).unwrap()) < SECOND / 100, "{took:?}");
        seconds.to_string()
    });
    let exit = part.exit.as_ref().map_or("none".to_owned(), ToString::to_string);
    let late = if part.shutdown_timed_out { ", late" } else { "" };
    let below: Vec<_> = part.children.iter().map(brief).collect();
    let below = if below.is_empty() { String::new() } else { format!(" [{}]", below.join("; ")) };
    format!("{} {took} {exit}{late}{below}", part.name)
}

fn slow(name: &str, log: &Log, seconds: u64) -> ChildSpec {
    Puppet::with(name, log, OnStop::After(Duration::from_secs(seconds))).spec()
}

/// The report of a tree that is started and stopped.
async fn stopped(tree: sage_supervisor::Supervisor) -> Report {
    let running = tree.start();
    settle().await;
    let handle = running.handle();
    let result = running.shutdown().await;
    let report = handle.report().unwrap();
    assert_eq!(result.is_ok(), report.is_clean(), "{report}");
    report
}

#[tokio::test(start_paused = true)]
async fn rule_22_the_report_has_how_long_each_part_took_and_those_of_siblings_add_up() {
    let log = Log::default();
    let deep = supervisor(Strategy::OneForOne).children([slow("d", &log, 4), slow("e", &log, 0)]);
    let nested = supervisor(Strategy::OneForOne)
        .children([slow("b", &log, 2)])
        .child("deep", deep)
        .children([Puppet::with("c", &log, OnStop::Fail).spec()]);
    let report = stopped(
        supervisor(Strategy::OneForOne)
            .children([slow("a", &log, 1)])
            .child("nested", nested)
            .children([slow("f", &log, 3)]),
    )
    .await;
    assert_eq!(
        brief(&report.root),
        "root 10 none [a 1 shutdown; nested 6 shutdown [b 2 shutdown; deep 4 shutdown \
         [d 4 shutdown; e 0 shutdown]; c 0 error: failed while stopping]; f 3 shutdown]"
    );
    let deep = &report.root.children[1].children[1];
    assert_eq!((deep.path.as_str(), deep.kind), ("root/nested/deep", NodeKind::Supervisor));
    assert_eq!(deep.children[0].kind, NodeKind::Worker);
    assert_eq!((report.shutdown_timeouts.count, report.unresponsive.count), (0, 0));
    let whole = report.root.took.unwrap();
    let parts = report.root.children.iter().map(|part| part.took.unwrap()).sum();
    assert_eq!(whole, parts);
    assert_eq!(report.ended_at - report.started_at, report.ran);
    assert!(report.ran > whole && report.ran < whole + SECOND / 100);
}

#[tokio::test(start_paused = true)]
async fn rule_22_what_is_down_already_takes_no_time() {
    let log = Log::default();
    let [done, failed, held] = ["done", "failed", "held"].map(|name| Puppet::new(name, &log));
    let running = supervisor(Strategy::OneForOne)
        .children([
            slow("a", &log, 1),
            done.spec().restart(RestartPolicy::Transient),
            failed.spec().restart(RestartPolicy::Temporary),
            held.spec(),
        ])
        .start();
    done.finish();
    failed.fail("for good");
    settle().await;
    let handle = running.handle();
    handle.stop_child("held").await.unwrap();
    running.shutdown().await.unwrap();
    assert_eq!(
        brief(&handle.report().unwrap().root),
        "root 1 none [a 1 shutdown; done - normal; failed - error: for good; held - shutdown]"
    );
}

#[tokio::test(start_paused = true)]
async fn rule_22_who_does_not_stop_in_time_is_listed() {
    let log = Log::default();
    let stubborn = |name, seconds| {
        let time = Duration::from_secs(seconds);
        Puppet::with(name, &log, OnStop::Ignore).spec().shutdown(time)
    };
    let inner = supervisor(Strategy::OneForOne).children([stubborn("a", 2), slow("b", &log, 1)]);
    // The timeout of the supervisor is shorter than that of its child.
    let hasty = supervisor(Strategy::OneForOne)
        .children([Puppet::new("d", &log).spec(), stubborn("c", 60)])
        .into_child("hasty".to_owned())
        .shutdown(SECOND * 3);
    let killed = Puppet::new("killed", &log).deaf();
    let tree = supervisor(Strategy::OneForOne).child("inner", inner).children([hasty, killed]);
    let report = stopped(tree).await;
    assert_eq!(
        unclean(report.result().map_err(Clone::clone)),
        "root/hasty: shutdown, its shutdown timed out; root/inner/a: killed, its shutdown timed out"
    );
    assert_eq!(report.shutdown_timeouts.count, 2);
    assert_eq!(
        report.shutdown_timeouts.paths,
        ["root/hasty", "root/inner/a"],
        "in the order of the stop"
    );
    assert_eq!(
        brief(&report.root),
        "root 6 none [inner 3 shutdown [a 2 killed, late; b 1 shutdown]; \
         hasty 3 shutdown, late [d 0 shutdown; c 3 killed]; killed 0 killed]"
    );
    assert!(!report.root.shutdown_timed_out);
}

/// The stop of the late child began before the shutdown, which waits for the rest of it.
#[tokio::test(start_paused = true)]
async fn rule_22_what_is_late_with_its_start_takes_its_time_too() {
    let log = Log::default();
    let late = Gated::with("late", &log, OnStop::After(SECOND * 3));
    let running = supervisor(Strategy::OneForOne).children([late.spec()]).start();
    tokio::time::sleep(SECOND * 11).await;
    let handle = running.handle();
    let failed = "root/late: failed start: not ready within 10s";
    assert_eq!(unclean(running.shutdown().await), failed);
    let report = handle.report().unwrap();
    assert_eq!(brief(&report.root), "root 2 none [late 2 failed start: not ready within 10s]");
}

/// A child that was overdue in an earlier restart is not listed for the shutdown.
#[tokio::test(start_paused = true)]
async fn rule_22_who_was_late_for_a_restart_is_not_listed() {
    let log = Log::default();
    let late = Puppet::with("late", &log, OnStop::Ignore);
    let trigger = Puppet::new("trigger", &log);
    let running = supervisor(Strategy::OneForAll)
        .children([late.spec().shutdown(SECOND).restart(RestartPolicy::Transient), trigger.spec()])
        .start();
    settle().await;
    trigger.fail("now");
    late.started(2).await;
    late.finish();
    settle().await;
    let handle = running.handle();
    running.shutdown().await.unwrap();
    let report = handle.report().unwrap();
    assert_eq!(report.shutdown_timeouts.count, 0);
    assert_eq!(brief(&report.root), "root 0 none [late - normal; trigger 0 shutdown]");
}

#[tokio::test(start_paused = true)]
async fn rule_22_dynamic_children_are_told_together_and_in_bounded_memory() {
    let log = Log::default();
    let pool = DynamicSupervisor::new();
    let tree = supervisor(Strategy::OneForOne)
        .child("pool", pool.clone())
        .children([slow("after", &log, 1)]);
    let running = tree.start();
    settle().await;
    for number in 0..100 {
        let puppet = Puppet::with("late", &log, OnStop::Ignore);
        let name = format!("late-{number}");
        pool.start_named(&name, puppet.spec().shutdown(SECOND * 2)).await.unwrap();
    }
    pool.start_named("longest", slow("longest", &log, 4)).await.unwrap();
    pool.start_named("obeys", Puppet::new("obeys", &log).spec()).await.unwrap();
    // A child that has ended before leaves no trace in the report.
    let short = Puppet::new("short", &log);
    pool.start_named("short", short.spec().restart(RestartPolicy::Temporary)).await.unwrap();
    short.finish();
    settle().await;
    let handle = running.handle();
    running.shutdown().await.unwrap_err();
    let report = handle.report().unwrap();
    assert_eq!(brief(&report.root), "root 5 none [pool 4 shutdown; after 1 shutdown]");
    let many = report.root.children[0].dynamic_children.as_ref().unwrap();
    assert_eq!((many.stopped, many.shutdown_timeouts, many.failures), (102, 100, 0));
    assert_eq!(many.slowest.as_deref(), Some("root/pool/longest"));
    assert_eq!(many.longest, report.root.children[0].took.unwrap());
    assert_eq!((report.shutdown_timeouts.count, report.shutdown_timeouts.paths.len()), (100, 32));
    assert!(report.shutdown_timeouts.paths[0].starts_with("root/pool/late-"));
    assert_eq!(report.root.children[0].kind, NodeKind::DynamicSupervisor);
}

/// The tree is killed in the middle of an orderly stop. The child that was being stopped is
/// reported with the time since its request, and the others with none.
#[tokio::test(start_paused = true)]
async fn rule_22_the_report_has_the_time_of_what_is_aborted_at_once() {
    let log = Log::default();
    let never = |name| Puppet::with(name, &log, OnStop::Ignore).spec().shutdown(Shutdown::Infinity);
    let running = supervisor(Strategy::OneForOne)
        .children([never("a"), never("b"), slow("c", &log, 1)])
        .start();
    settle().await;
    let handle = running.handle();
    assert!(tokio::time::timeout(SECOND * 5, handle.shutdown()).await.is_err());
    running.kill().await.unwrap();
    let report = handle.report().unwrap();
    assert_eq!(brief(&report.root), "root 5 none [a 0 killed; b 4 killed; c 1 shutdown]");
    assert_eq!(report.shutdown_timeouts.count, 0, "nobody's time was over");
}
