//! The failures of children while their tree stops (rules 25, 27 and 30).

use std::error::Error as _;
use std::time::Duration;

use sage_supervisor::{
    AutoShutdown, ChildContext, ChildSpec, DynamicSupervisor, Report, Requester, RestartPolicy,
    SageError, Shutdown, Strategy, Supervisor,
};
use sage_supervisor_tests::{
    Log, OnStop, Puppet, limit, quiet_panics, settle, supervisor, unclean,
};

const SECOND: Duration = Duration::from_secs(1);

fn puppet(name: &str, on_stop: OnStop) -> ChildSpec {
    Puppet::with(name, &Log::default(), on_stop).spec().shutdown(SECOND)
}

/// Children that fail, panic and are late when they are asked to stop.
fn bad() -> [ChildSpec; 3] {
    quiet_panics();
    [puppet("fails", OnStop::Fail), puppet("panics", OnStop::Panic), puppet("late", OnStop::Ignore)]
}

/// The failures in the report, each as its path and its exit.
fn failures(report: &Report) -> String {
    let failures = report.stop_failures.first.iter().map(ToString::to_string);
    failures.collect::<Vec<_>>().join("; ")
}

const ALL: &str = "root/late: killed, its shutdown timed out; root/panics: panic: expected: panicked \
                   while stopping; root/fails: error: failed while stopping";

#[tokio::test(start_paused = true)]
async fn rule_25_what_failed_while_stopping_is_the_result_whoever_asked() {
    let done = Puppet::new("done", &Log::default());
    let tree = |obedient| {
        let done = done.spec().restart(RestartPolicy::Temporary).significant();
        supervisor(Strategy::OneForOne)
            .auto_shutdown(AutoShutdown::AnySignificant)
            .children(bad())
            .children([obedient, done])
            .start()
    };
    for way in ["owner", "handle", "child", "significant"] {
        let (obedient, tell) = super::obedient("asks");
        let running = tree(obedient);
        settle().await;
        let handle = running.handle();
        let result = match way {
            "owner" => running.shutdown().await,
            "handle" => handle.shutdown().await,
            "child" => {
                tell.send(|ctx| ctx.shutdown_tree("enough")).unwrap();
                running.wait().await
            }
            _ => {
                done.finish();
                running.wait().await
            }
        };
        let Err(SageError::UncleanStop(error)) = &result else { panic!("{way}: {result:?}") };
        assert_eq!((error.failures.count, &error.aborted_by), (3, &None), "{way}");
        assert_eq!(error.source().unwrap().to_string(), "expected: panicked while stopping");
        assert_eq!(unclean(result), ALL, "{way}");
        let report = handle.report().unwrap();
        assert_eq!(failures(&report), ALL, "{way}");
        assert!(
            !report.is_clean() && report.to_string().starts_with("× root            ended badly")
        );
    }
}

/// The causes of the others are in the text, and that of the first is the source.
#[tokio::test(start_paused = true)]
async fn rule_25_an_unclean_stop_names_each_child_and_says_each_cause_once() {
    let running = supervisor(Strategy::OneForOne).children(bad()).start();
    settle().await;
    let error = running.shutdown().await.unwrap_err();
    let text = "3 children failed while they stopped: root/late: killed, its shutdown timed out; \
                root/fails: error: failed while stopping; root/panics: panic";
    assert_eq!(error.to_string(), text);
    assert_eq!(error.source().unwrap().to_string(), "expected: panicked while stopping");
}

#[tokio::test(start_paused = true)]
async fn rule_25_what_fails_is_named_at_any_depth_static_or_dynamic() {
    let pool = DynamicSupervisor::new();
    let deep = supervisor(Strategy::OneForOne)
        .children([puppet("a", OnStop::Fail)])
        .child("pool", pool.clone());
    let running = supervisor(Strategy::OneForOne)
        .child("deep", deep)
        .children([puppet("b", OnStop::Fail), puppet("well", OnStop::Obey)])
        .start();
    settle().await;
    for spec in [puppet("c", OnStop::Fail), puppet("d", OnStop::Ignore), puppet("e", OnStop::Obey)]
    {
        pool.start_named(spec.name().to_owned(), spec).await.unwrap();
    }
    let handle = running.handle();
    let error = "error: failed while stopping";
    let expected = format!(
        "root/b: {error}; root/deep/pool/c: {error}; root/deep/pool/d: killed, its shutdown timed out; \
         root/deep/a: {error}"
    );
    assert_eq!(unclean(running.shutdown().await), expected);
    let report = handle.report().unwrap();
    let pool = report.root.children[0].children[1].dynamic_children.as_ref().unwrap();
    assert_eq!((pool.stopped, pool.shutdown_timeouts, pool.failures), (3, 1, 1));
    assert!(
        report.to_string().contains("3 children at once, d the longest, 1 timed out, 1 failed")
    );
}

#[tokio::test(start_paused = true)]
async fn rule_25_another_error_stays_the_result_and_the_report_lists_what_failed() {
    let a = Puppet::new("a", &Log::default());
    let mut tree =
        Supervisor::new(Strategy::OneForOne, limit(0)).children(bad()).children([a.spec()]);
    a.fail("the reason");
    let report = tree.run_with_report().await;
    assert!(matches!(report.result(), Err(SageError::Supervisor(_))), "{report}");
    assert_eq!(failures(&report), ALL, "and not `a`, which failed before");
    assert!(report.to_string().starts_with("× root            failed after "), "{report}");
}

#[tokio::test(start_paused = true)]
async fn rule_25_what_was_killed_on_purpose_has_not_failed() {
    let deaf = || puppet("deaf", OnStop::Ignore);
    let tree = |spec| supervisor(Strategy::OneForOne).children([spec]);
    let running = tree(deaf().shutdown(Shutdown::BrutalKill)).start();
    settle().await;
    let handle = running.handle();
    running.shutdown().await.unwrap();
    assert!(handle.report().unwrap().is_clean());

    let running = tree(deaf()).start();
    settle().await;
    let handle = running.handle();
    running.kill().await.unwrap();
    let report = handle.report().unwrap();
    assert_eq!((report.is_clean(), &report.aborted_by), (false, &Some(Requester::Owner)));
    assert!(report.to_string().starts_with("○ root      ended after "), "{report}");

    // A panic in a destructor is a failure all the same.
    quiet_panics();
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("expected: in a destructor");
        }
    }
    let bomb = ChildSpec::new("bomb", async |_| {
        let _bomb = Bomb;
        std::future::pending::<()>().await;
    });
    let running = tree(bomb).start();
    settle().await;
    assert_eq!(unclean(running.kill().await), "root/bomb: panic: expected: in a destructor");
}

/// The stop of a part of the tree, by hand or in a restart, is not the stop of the tree.
#[tokio::test(start_paused = true)]
async fn rule_25_what_failed_while_a_part_stopped_is_no_error_of_the_tree() {
    let trigger = Puppet::new("trigger", &Log::default());
    let once = |name: &str| {
        let fails = async |ctx: ChildContext| {
            ctx.cancelled().await;
            if ctx.restarts() == 0 { Err("at its stop") } else { Ok(()) }
        };
        ChildSpec::new(name, fails)
    };
    let by_hand = supervisor(Strategy::OneForOne).children([once("a")]);
    let running = supervisor(Strategy::OneForAll)
        .child("by-hand", by_hand)
        .children([once("b"), trigger.spec()])
        .start();
    settle().await;
    let handle = running.handle();
    trigger.fail("now");
    trigger.started(2).await;
    handle.stop_child("by-hand").await.unwrap();
    running.shutdown().await.unwrap();
    let report = handle.report().unwrap();
    assert!(
        report.is_clean() && report.to_string().starts_with("○ root        ended well"),
        "{report}"
    );
}

#[tokio::test(start_paused = true)]
async fn rule_30_a_supervisor_that_its_child_ended_badly_exits_normally_and_its_report_says_so() {
    let (asks, tell) = super::obedient("asks");
    let (end, ended) = std::sync::mpsc::channel();
    let tells = ChildSpec::new("tells", move |ctx: ChildContext| {
        end.send(ctx.supervisor().clone()).unwrap();
        async move { ctx.cancelled().await }
    });
    let nested = supervisor(Strategy::OneForOne).children(bad()).children([asks, tells]);
    let running = supervisor(Strategy::OneForOne)
        .child("nested", nested)
        .children([puppet("stays", OnStop::Obey)])
        .start();
    settle().await;
    tell.send(|ctx| ctx.shutdown_supervisor("enough")).unwrap();
    tokio::time::sleep(SECOND * 2).await;
    let nested = ended.recv().unwrap().report().unwrap();
    assert!(nested.result().is_ok() && !nested.is_clean());
    assert_eq!(failures(&nested), ALL.replace("root/", "root/nested/"));
    assert!(nested.to_string().starts_with("○ nested          ended badly after "), "{nested}");
    let handle = running.handle();
    running.shutdown().await.unwrap();
    let report = handle.report().unwrap();
    assert!(report.is_clean(), "it was over before the tree was stopped: {report}");
    assert_eq!(report.root.children[0].exit.as_ref().unwrap().to_string(), "normal");
}

#[tokio::test(start_paused = true)]
async fn rule_25_an_unclean_stop_is_tolerated_where_the_root_says_so() {
    let tree = |tolerates| {
        supervisor(Strategy::OneForOne).tolerate_unclean_stop(tolerates).children(bad())
    };
    let block = sage_supervisor::supervisor! {
        tolerate_unclean_stop = true,

        #[child]
        fails = puppet("fails", OnStop::Fail),
    };
    let pool = DynamicSupervisor::new().tolerate_unclean_stop(true);
    let running = [tree(true).start(), block.start(), pool.clone().start()];
    settle().await;
    pool.start_child(puppet("fails", OnStop::Fail)).await.unwrap();
    for (running, count) in running.into_iter().zip([3, 1, 1]) {
        let handle = running.handle();
        running.shutdown().await.unwrap();
        let report = handle.report().unwrap();
        assert_eq!((report.stop_failures.count, report.is_clean()), (count, false));
        assert!(report.to_string().contains(" ended badly after "), "{report}");
    }
}

#[tokio::test(start_paused = true)]
async fn rule_25_the_tolerance_of_a_nested_supervisor_has_no_effect() {
    for [root, nested] in [[false, true], [true, false]] {
        let nested = supervisor(Strategy::OneForOne).tolerate_unclean_stop(nested).children(bad());
        let tree = supervisor(Strategy::OneForOne).tolerate_unclean_stop(root);
        let running = tree.child("nested", nested).start();
        settle().await;
        let result = running.shutdown().await;
        assert_eq!(result.is_ok(), root);
        assert!(root || unclean(result) == ALL.replace("root/", "root/nested/"));
    }
}

#[tokio::test(start_paused = true)]
async fn rule_25_however_many_fail_the_first_are_named_and_all_are_counted() {
    let pool = DynamicSupervisor::new();
    let running = supervisor(Strategy::OneForOne).child("pool", pool.clone()).start();
    settle().await;
    for _ in 0..1_000 {
        pool.start_child(puppet("fails", OnStop::Fail)).await.unwrap();
    }
    let handle = running.handle();
    let Err(SageError::UncleanStop(error)) = running.shutdown().await else {
        panic!("it is unclean")
    };
    assert_eq!((error.failures.count, error.failures.first.len()), (1_000, 32));
    let text = error.to_string();
    assert!(text.starts_with("1000 children failed while they stopped, among them "), "{text}");
    assert!(text.len() < 1_000, "{text}");
    let report = handle.report().unwrap().to_string();
    assert!(report.contains("and 968 more"), "{report}");
    assert_eq!(report.matches("root/pool/fails").count(), 32, "{report}");
}

/// The children of a static supervisor that were added by hand are as many as the load brings.
#[tokio::test(start_paused = true)]
async fn rule_25_of_the_children_that_were_added_a_report_lists_the_first() {
    let running = supervisor(Strategy::OneForOne)
        .name("app")
        .children([puppet("declared", OnStop::Obey)])
        .start();
    let handle = running.handle();
    for number in 0..100 {
        handle.start_child(puppet(&format!("added-{number}"), OnStop::Obey)).await.unwrap();
    }
    running.shutdown().await.unwrap();
    let report = handle.report().unwrap();
    let names: Vec<_> = report.root.children.iter().map(|child| &*child.name).collect();
    assert_eq!(
        (names.len(), names[0], names[32], report.root.more_children),
        (33, "declared", "added-31", 68)
    );
    assert!(report.to_string().ends_with("\n  └─ and 68 more"), "{report}");
}
