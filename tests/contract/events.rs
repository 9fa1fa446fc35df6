//! The typed events of a tree (rule 33).

use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, Event, EventKind, Events, Lagged, RestartPolicy, Shutdown, Strategy,
    Supervisor,
};
use sage_supervisor_tests::{Log, OnStop, Puppet, limit, quiet_panics, settle, supervisor};
use tokio::time::{Instant, timeout};

/// The events that can be received without waiting, and `true` if the stream has ended.
pub(crate) async fn received(events: &mut Events) -> (Vec<Result<Event, Lagged>>, bool) {
    let mut received = vec![];
    while let Ok(event) = timeout(Duration::ZERO, events.recv()).await {
        match event {
            Some(event) => received.push(event),
            None => return (received, true),
        }
    }
    (received, false)
}

/// A short form of an event.
pub(crate) fn brief(event: &Event) -> String {
    let what = match &event.kind {
        EventKind::Started { instance, .. } => format!("start {instance}"),
        EventKind::Ready => "ready".to_owned(),
        EventKind::Exited { exit, asked, .. } => {
            format!("exit {exit}{}", if *asked { ", asked" } else { "" })
        }
        EventKind::Restarting { exit, attempt, siblings, delay, used, allowed, .. } => {
            format!(
                "restart {attempt} after {exit}, {siblings} along, {delay:?}, {used} of {allowed:?}"
            )
        }
        EventKind::Stopping { timeout, .. } => format!("stop {timeout:?}"),
        EventKind::Killed { reason, .. } => format!("kill: {reason}"),
        EventKind::Unresponsive { grace, .. } => format!("unresponsive {grace:?}"),
        EventKind::UnresponsiveTimeout { supervisor, waited, .. } => {
            format!("unresponsive for {waited:?}, {supervisor} ends")
        }
        EventKind::AutoShutdown { supervisor, exit, .. } => {
            format!("auto shutdown of {supervisor} after {exit}")
        }
        EventKind::RestartLimitReached { supervisor, exit, used, allowed, within, .. } => {
            format!("restart limit of {supervisor} after {exit}: {used} of {allowed} in {within:?}")
        }
        EventKind::FinalError { exit, scope, .. } => format!("final error for the {scope}: {exit}"),
        other => format!("{other:?}"),
    };
    format!("{} {} {what}", event.path, event.child.as_deref().unwrap_or("-"))
}

/// The short forms of the events that can be received without waiting. No event may have been
/// missed.
pub(crate) async fn told(events: &mut Events) -> Vec<String> {
    let (received, _) = received(events).await;
    received.iter().map(|event| brief(event.as_ref().unwrap())).collect()
}

#[tokio::test(start_paused = true)]
async fn rule_33_every_fact_is_one_typed_event_in_order() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let stubborn = Puppet::with("stubborn", &log, OnStop::Ignore);
    let inner = Supervisor::new(Strategy::OneForOne, limit(1)).children([b.spec()]);
    let running = supervisor(Strategy::RestForOne)
        .name("app")
        .children([a.spec().restart(RestartPolicy::Transient)])
        .child("inner", inner)
        .children([stubborn.spec().shutdown(Duration::from_secs(2))])
        .start();
    let mut events = running.handle().tree_events();
    settle().await;
    let started = [
        "app/a a start 1",
        "app/inner inner start 1",
        "app/inner/b b start 1",
        "app/inner inner ready",
        "app/stubborn stubborn start 1",
    ];
    assert_eq!(told(&mut events).await, started);

    a.finish();
    b.fail("first");
    settle().await;
    let healed = [
        "app/a a exit normal",
        "app/inner/b b exit error: first",
        "app/inner/b b restart 1 after error: first, 0 along, 0ns, 1 of Some(1)",
        "app/inner/b b start 2",
    ];
    assert_eq!(told(&mut events).await, healed);

    b.fail("second");
    let failed = Instant::now();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let (escalated, ended) = received(&mut events).await;
    assert!(!ended);
    let at: Vec<_> = escalated.iter().map(|event| event.as_ref().unwrap().at - failed).collect();
    assert_eq!(at[4], Duration::ZERO, "asked to stop");
    assert_eq!(at[5].as_secs(), 2, "killed");
    let escalated: Vec<_> = escalated.iter().map(|event| brief(event.as_ref().unwrap())).collect();
    let reached = "error: supervisor `app/inner` reached its maximum restart intensity: child `b` \
                   needed more than 1 restart within 60s; last exit: error: second";
    assert_eq!(
        escalated,
        [
            "app/inner/b b exit error: second".to_owned(),
            "app/inner/b b restart limit of app/inner after error: second: 2 of 1 in 60s"
                .to_owned(),
            format!("app/inner inner exit {reached}"),
            format!("app/inner inner restart 1 after {reached}, 1 along, 0ns, 1 of Some(5)"),
            "app/stubborn stubborn stop Some(2s)".to_owned(),
            "app/stubborn stubborn kill: the shutdown timed out".to_owned(),
            "app/stubborn stubborn exit killed, asked".to_owned(),
            "app/inner inner start 2".to_owned(),
            "app/inner/b b start 1".to_owned(),
            "app/inner inner ready".to_owned(),
            "app/stubborn stubborn start 2".to_owned(),
        ]
    );
    running.kill().await.unwrap();
    let last = told(&mut events).await;
    assert_eq!(last[0], "app - ShutdownRequested { by: Owner, reason: None }", "{last:?}");
    assert_eq!(last[1], "app/inner inner kill: the whole supervisor is killed", "{last:?}");
    assert_eq!(last.last().unwrap(), "app - exit normal");
}

#[tokio::test(start_paused = true)]
async fn rule_33_an_auto_shutdown_is_told_with_its_cause() {
    use sage_supervisor::AutoShutdown;
    let main = Puppet::new("main", &Log::default());
    let spec = main.spec().restart(RestartPolicy::Temporary).significant();
    let running = supervisor(Strategy::OneForOne)
        .auto_shutdown(AutoShutdown::AnySignificant)
        .children([spec])
        .start();
    let mut events = running.handle().tree_events();
    main.fail("done");
    let error = running.wait().await.unwrap_err();
    let told = told(&mut events).await;
    assert_eq!(
        told,
        [
            "root/main main start 1".to_owned(),
            "root/main main exit error: done".to_owned(),
            "root/main main auto shutdown of root after error: done".to_owned(),
            format!("root - exit error: {error:#}"),
        ]
    );
}

/// Many children end in every way, on several threads. For each child, numbered starts and single
/// exits strictly alternate.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_33_every_start_has_exactly_one_exit() {
    quiet_panics();
    let gate = tokio::sync::watch::Sender::new(false);
    let child = |number: usize| {
        let gate = gate.subscribe();
        ChildSpec::new(format!("c{number}"), move |ctx: ChildContext| {
            let mut gate = gate.clone();
            async move {
                gate.wait_for(|open| *open).await.unwrap();
                match (number + usize::try_from(ctx.restarts()).unwrap()) % 4 {
                    _ if ctx.restarts() >= 10 => Ok(()),
                    0 => panic!("expected: odd"),
                    1 => Err("failed"),
                    2 => {
                        let _ = ctx.supervisor().restart_child(ctx.name()).await;
                        std::future::pending().await
                    }
                    _ => Err("failed again"),
                }
            }
        })
        .restart(RestartPolicy::Transient)
        .shutdown(Shutdown::BrutalKill)
    };
    let running =
        supervisor(Strategy::OneForOne).unlimited_restarts().children((0..20).map(child)).start();
    let mut events = running.handle().tree_events();
    gate.send_replace(true);
    // There are fewer than 1024 events in total, so none is missed.
    let watching = tokio::spawn(async move {
        let mut lives = std::collections::HashMap::<String, (u64, bool)>::new();
        let mut ends = 0;
        while let Some(event) = events.recv().await {
            let event = event.unwrap();
            let life = lives.entry(event.path).or_insert((0, false));
            match event.kind {
                EventKind::Started { instance, .. } => {
                    // The tree may have begun before the subscription.
                    assert!(!life.1, "an exit before the next start");
                    assert!(life.0 == 0 || instance == life.0 + 1);
                    *life = (instance, true);
                }
                EventKind::Exited { .. } if event.child.is_none() => ends += 1,
                EventKind::Exited { .. } => {
                    assert!(life.1 || life.0 == 0, "one exit for each start");
                    life.1 = false;
                }
                _ => {}
            }
        }
        assert!(lives.values().all(|life| !life.1), "all have ended");
        assert_eq!((lives.len(), ends), (21, 1));
    });
    timeout(Duration::from_secs(300), running.wait()).await.unwrap().unwrap();
    timeout(Duration::from_secs(300), watching).await.expect("it ends with the tree").unwrap();
}
