//! Requests to end a tree, and their reasons (rules 27, 30 and 33).

use std::time::Duration;

use sage_supervisor::{ChildContext, EndCause, RestartPolicy, Strategy, Supervisor};
use sage_supervisor_tests::{Gated, Log, OnStop, Puppet, Recorder, settle, supervisor};

use super::{entry, obedient, why};
use crate::events::told;

#[tokio::test(start_paused = true)]
async fn rule_30_a_child_ends_its_tree_and_says_why() {
    let log = Log::default();
    let [first, last] = ["first", "last"].map(|name| Puppet::new(name, &log));
    let (child, tell) = obedient("child");
    let nested = supervisor(Strategy::OneForOne).children([child]);
    let running = supervisor(Strategy::OneForOne)
        .name("app")
        .children([first.spec()])
        .child("nested", nested)
        .children([last.spec()])
        .start();
    settle().await;
    tell.send(|ctx| ctx.shutdown_tree("the lease is lost")).unwrap();
    let report = running.wait_with_report().await;
    assert!(report.result().is_ok(), "to be asked is no failure");
    assert_eq!(why(&report), "app/nested/child: the lease is lost");
    assert_eq!(log.take(), "+first +last -last -first", "in order");
    assert_eq!(report.aborted_by, None);
}

#[tokio::test(start_paused = true)]
async fn rule_30_a_supervisor_shut_down_from_inside_is_down_as_its_policy_says() {
    for (policy, starts) in [
        (RestartPolicy::Permanent, 2),
        (RestartPolicy::Transient, 1),
        (RestartPolicy::Temporary, 1),
    ] {
        let log = Log::default();
        let [sibling, other] = ["sibling", "other"].map(|name| Puppet::new(name, &log));
        let (child, tell) = obedient("child");
        let nested = supervisor(Strategy::OneForOne).children([sibling.spec(), child]);
        let running = supervisor(Strategy::OneForOne)
            .children([entry(nested, "nested", policy), other.spec()])
            .start();
        settle().await;
        let (handle, held) = std::sync::mpsc::channel();
        let looks = sage_supervisor::ChildSpec::new("looks", move |ctx: ChildContext| {
            handle.send(ctx.supervisor()).unwrap();
            async move { ctx.cancelled().await }
        });
        running.handle().start_child_below("nested", looks).await.unwrap();
        let nested = held.recv().unwrap();
        tell.send(|ctx| ctx.shutdown_supervisor("enough")).unwrap();
        settle().await;
        let report = nested.report().expect("that run is over");
        assert_eq!(
            (why(&report).as_str(), report.root.path.as_str()),
            ("root/nested/child: enough", "root/nested")
        );
        assert!(report.result().is_ok());
        assert_eq!((sibling.starts(), other.starts()), (starts, 1), "{policy:?}");
        let whole = running.handle();
        running.shutdown().await.unwrap();
        let whole = whole.report().unwrap();
        assert_eq!((whole.restarts, whole.failures.count), (starts as u64 - 1, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn rule_30_a_child_is_named_also_by_the_handle_of_its_context() {
    let (child, tell) = obedient("child");
    let running = supervisor(Strategy::OneForOne).children([child]).start();
    settle().await;
    tell.send(|ctx| {
        let handle = ctx.supervisor();
        tokio::spawn(async move { handle.shutdown_because("by hand").await.unwrap() });
    })
    .unwrap();
    let report = running.wait_with_report().await;
    assert_eq!(why(&report), "root/child: by hand");
}

#[tokio::test(start_paused = true)]
async fn rule_27_of_several_who_ask_the_first_is_named() {
    let (child, tell) = obedient("child");
    let slow = Puppet::with("slow", &Log::default(), OnStop::After(Duration::from_secs(3)));
    let running = supervisor(Strategy::OneForOne).children([slow.spec(), child]).start();
    settle().await;
    let handle = running.handle();
    tell.send(|ctx| {
        // Both requests are made before the supervisor can handle the first one.
        ctx.shutdown_tree("first");
        ctx.shutdown_supervisor("second");
    })
    .unwrap();
    settle().await;
    assert!(!handle.has_ended());
    handle.shutdown_because("third").await.unwrap();
    assert_eq!(why(&handle.report().unwrap()), "root/child: first");
    running.wait().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_27_who_asks_before_everything_is_aborted_is_named_and_so_is_who_aborts() {
    let slow = Puppet::with("slow", &Log::default(), OnStop::After(Duration::from_secs(3)));
    for moment in [Duration::ZERO, Duration::from_secs(2)] {
        let running = supervisor(Strategy::OneForOne).children([slow.spec()]).start();
        settle().await;
        let handle = running.handle();
        let asking = handle.shutdown_because("an update");
        assert!(tokio::time::timeout(moment, asking).await.is_err());
        running.kill().await.unwrap();
        let report = handle.report().unwrap();
        assert_eq!(why(&report), "Handle: an update");
        assert_eq!(report.aborted_by, Some(sage_supervisor::Requester::Owner));
        let took = report.root.children[0].took.unwrap();
        assert!(took >= moment && took < moment + Duration::from_millis(5), "{took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn rule_27_asked_in_a_group_restart_it_starts_nothing_and_says_who() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(3)));
    let trigger = Puppet::new("trigger", &log);
    let (child, tell) = obedient("child");
    let running =
        supervisor(Strategy::OneForAll).children([child, slow.spec(), trigger.spec()]).start();
    settle().await;
    trigger.fail("now");
    tokio::time::sleep(Duration::from_secs(1)).await;
    tell.send(|ctx| ctx.shutdown_tree("in between")).unwrap();
    let report = running.wait_with_report().await;
    assert_eq!(why(&report), "root/child: in between");
    assert_eq!((slow.starts(), trigger.starts(), report.restarts), (1, 1, 1));
    assert!(report.result().is_ok());
    let took = report.root.took.unwrap().as_millis();
    assert!((1_990..2_010).contains(&took), "what was left of the three seconds: {took}");
}

/// A request during the first start, for the whole tree or for a nested supervisor, is no failed
/// start.
#[tokio::test(start_paused = true)]
async fn rule_27_asked_in_the_first_start_is_no_failure() {
    let log = Log::default();
    let late = Gated::new("late", &log);
    let (child, tell) = obedient("child");
    let next = Puppet::new("next", &log);
    let nested = supervisor(Strategy::OneForOne).children([child, late.spec()]);
    let running =
        supervisor(Strategy::OneForOne).child("nested", nested).children([next.spec()]).start();
    settle().await;
    assert_eq!((late.puppet.starts(), next.starts()), (1, 0));
    tell.send(|ctx| ctx.shutdown_supervisor("not here")).unwrap();
    settle().await;
    assert_eq!((late.puppet.live(), next.starts()), (0, 1), "what comes next starts");
    let handle = running.handle();
    running.shutdown().await.unwrap();
    let report = handle.report().unwrap();
    assert_eq!(report.root.children[0].exit.as_ref().unwrap().to_string(), "normal");

    let (child, tell) = obedient("child");
    let running =
        supervisor(Strategy::OneForOne).children([child, late.spec(), next.spec()]).start();
    settle().await;
    tell.send(|ctx| ctx.shutdown_tree("not at all")).unwrap();
    let report = running.wait_with_report().await;
    assert!(report.result().is_ok());
    assert_eq!((why(&report).as_str(), next.starts()), ("root/child: not at all", 1));
    assert!(report.root.children[2].exit.is_none(), "it was never started");
}

/// A request that comes too late changes nothing, and emits no event.
#[tokio::test(start_paused = true)]
async fn rule_27_a_request_after_the_restart_limit_is_not_the_cause() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(3)));
    let fails = Puppet::new("fails", &log);
    let running = Supervisor::new(Strategy::OneForOne, sage_supervisor_tests::limit(0))
        .children([slow.spec(), fails.spec()])
        .start();
    let mut events = running.handle().tree_events();
    settle().await;
    fails.fail("now");
    settle().await;
    running.handle().shutdown_because("too late").await.unwrap_err();
    assert!(told(&mut events).await.iter().all(|event| !event.contains("too late")));
    let report = running.wait_with_report().await;
    assert!(matches!(&report.cause, EndCause::RestartLimit { path, .. } if path == "root/fails"));
}

#[tokio::test(start_paused = true)]
async fn rule_33_a_request_is_one_event_before_what_it_leads_to() {
    let recorder = Recorder::default();
    let _recording = tracing::subscriber::set_default(recorder.clone());
    let (child, tell) = obedient("child");
    let nested = supervisor(Strategy::OneForOne).children([child]);
    let running = supervisor(Strategy::OneForOne).keep_alive(true).child("nested", nested).start();
    let handle = running.handle();
    let mut events = handle.tree_events();
    settle().await;
    told(&mut events).await;
    recorder.take();
    tell.send(|ctx| {
        ctx.shutdown_supervisor("enough");
        ctx.shutdown_supervisor("again");
    })
    .unwrap();
    settle().await;
    let request =
        r#"ShutdownRequested { by: Child { path: "root/nested/child" }, reason: Some("enough") }"#;
    assert_eq!(
        told(&mut events).await,
        [
            &*format!("root/nested nested {request}"),
            "root/nested/child child stop Some(5s)",
            "root/nested/child child exit shutdown, asked",
            "root/nested nested exit normal",
        ]
    );
    assert_eq!(
        recorder.take()[0],
        "INFO event=shutdown path=root/nested child=nested by=asked by child `root/nested/child` \
         reason=enough"
    );
    running.shutdown().await.unwrap();
    let last = ["root - ShutdownRequested { by: Owner, reason: None }", "root - exit normal"];
    assert_eq!(told(&mut events).await, last);
    assert_eq!(
        recorder.take(),
        [
            "INFO event=shutdown path=root by=asked by its owner",
            "INFO event=exit path=root exit=normal asked=false",
        ]
    );
}
