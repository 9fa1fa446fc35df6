//! What is told, through `tracing` and as typed events (rule 33).

use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, Event, EventKind, Events, Exit, KillReason, Lagged, RestartConfig,
    RestartPolicy, SageError, Shutdown, Strategy, Supervisor,
};
use sage_supervisor_tests::{
    Log, OnStop, Puppet, Recorder, limit, quiet_panics, settle, supervisor,
};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tracing::span;

#[tokio::test(start_paused = true)]
async fn every_fact_of_a_childs_life_is_one_event() {
    let recorder = Recorder::default();
    let _recording = tracing::subscriber::set_default(recorder.clone());
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
    settle().await;
    let start = |path: &str, instance| {
        let child = path.rsplit('/').next().unwrap();
        format!("DEBUG event=start path={path} child={child} instance={instance}")
    };
    assert_eq!(
        recorder.take(),
        [
            "INFO event=start path=app".to_owned(),
            start("app/a", 1),
            start("app/inner", 1),
            start("app/inner/b", 1),
            "DEBUG event=ready path=app/inner child=inner".to_owned(),
            start("app/stubborn", 1)
        ]
    );

    a.finish();
    b.fail("first");
    settle().await;
    assert_eq!(
        recorder.take(),
        [
            "DEBUG event=exit path=app/a child=a reason=normal",
            "WARN event=exit path=app/inner/b child=b reason=error: first",
            "INFO event=restart path=app/inner/b child=b reason=error: first attempt=1 group=0 delay=0ns \
             restarts=1 allowed=1",
            "DEBUG event=start path=app/inner/b child=b instance=2",
        ]
    );

    b.fail("second");
    tokio::time::sleep(Duration::from_secs(3)).await;
    let reached = "supervisor `app/inner` reached its maximum restart intensity: child `b` needed \
                   more than 1 restart within 60s; last exit: error: second";
    assert_eq!(
        recorder.take(),
        [
            "WARN event=exit path=app/inner/b child=b reason=error: second".to_owned(),
            "ERROR event=breaker path=app/inner child=b reason=error: second restarts=1 allowed=1 \
             within=60s"
                .to_owned(),
            format!("WARN event=exit path=app/inner child=inner reason=error: {reached}"),
            format!(
                "INFO event=restart path=app/inner child=inner reason=error: {reached} attempt=1 group=1 \
                 delay=0ns restarts=1 allowed=5"
            ),
            "DEBUG event=stop path=app/stubborn child=stubborn timeout=2s".to_owned(),
            "INFO event=kill path=app/stubborn child=stubborn reason=its shutdown time is over"
                .to_owned(),
            "DEBUG event=exit path=app/stubborn child=stubborn reason=killed".to_owned(),
            start("app/inner", 2),
            start("app/inner/b", 1),
            "DEBUG event=ready path=app/inner child=inner".to_owned(),
            start("app/stubborn", 2),
        ]
    );
    running.shutdown().await.unwrap();
    let told = recorder.take();
    assert_eq!(told[3], "DEBUG event=stop path=app/inner child=inner", "{told:?}");
    assert_eq!(told.last().unwrap(), "INFO event=exit path=app reason=normal");
}

#[tokio::test(start_paused = true)]
async fn a_subscriber_that_panics_does_no_harm() {
    struct Rude;
    impl tracing::Subscriber for Rude {
        fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
            metadata.target() == "sage_supervisor"
        }
        fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
            span::Id::from_u64(1)
        }
        fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
        fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
        fn event(&self, _: &tracing::Event<'_>) {
            panic!("expected: a rude subscriber");
        }
        fn enter(&self, _: &span::Id) {}
        fn exit(&self, _: &span::Id) {}
    }
    quiet_panics();
    let _recording = tracing::subscriber::set_default(Rude);
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let running = supervisor(Strategy::OneForOne).children([a.spec()]).start();
    a.fail("now");
    a.started(2).await;
    running.shutdown().await.unwrap();
}

/// What is there to be received without waiting; `true` if the stream has ended.
async fn received(events: &mut Events) -> (Vec<Result<Event, Lagged>>, bool) {
    let mut received = vec![];
    while let Ok(event) = timeout(Duration::ZERO, events.recv()).await {
        match event {
            Some(event) => received.push(event),
            None => return (received, true),
        }
    }
    (received, false)
}

/// An event in few words.
fn brief(event: &Event) -> String {
    let what = match &event.kind {
        EventKind::Started { instance } => format!("start {instance}"),
        EventKind::Ready => "ready".to_owned(),
        EventKind::Exited { exit, asked } => {
            format!("exit {exit}{}", if *asked { ", asked" } else { "" })
        }
        EventKind::Restarting { exit, attempt, group, delay, used, allowed } => {
            format!(
                "restart {attempt} after {exit}, {group} along, {delay:?}, {used} of {allowed:?}"
            )
        }
        EventKind::Stopping { timeout } => format!("stop {timeout:?}"),
        EventKind::Killed { reason } => format!("kill: {reason}"),
        EventKind::Unresponsive { grace } => format!("unresponsive {grace:?}"),
        EventKind::GaveUp { waited } => format!("gave up {waited:?}"),
        EventKind::AutoShutdown { exit } => format!("auto shutdown after {exit}"),
        EventKind::BreakerTripped { exit, allowed, within } => {
            format!("breaker after {exit}: {allowed} in {within:?}")
        }
        other => format!("{other:?}"),
    };
    format!("{} {} {what}", event.path, event.child.as_deref().unwrap_or("-"))
}

/// The events that can be received without waiting, in few words; none may have been missed.
async fn told(events: &mut Events) -> Vec<String> {
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
    let mut events = running.handle().subscribe();
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
            "app/inner b breaker after error: second: 1 in 60s".to_owned(),
            format!("app/inner inner exit {reached}"),
            format!("app/inner inner restart 1 after {reached}, 1 along, 0ns, 1 of Some(5)"),
            "app/stubborn stubborn stop Some(2s)".to_owned(),
            "app/stubborn stubborn kill: its shutdown time is over".to_owned(),
            "app/stubborn stubborn exit killed, asked".to_owned(),
            "app/inner inner start 2".to_owned(),
            "app/inner/b b start 1".to_owned(),
            "app/inner inner ready".to_owned(),
            "app/stubborn stubborn start 2".to_owned(),
        ]
    );
    running.kill().await.unwrap();
    let last = told(&mut events).await;
    assert_eq!(last[0], "app/inner inner kill: the whole supervisor is killed", "{last:?}");
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
    let mut events = running.handle().subscribe();
    main.fail("done");
    let error = running.wait().await.unwrap_err();
    let told = told(&mut events).await;
    assert_eq!(
        told,
        [
            "root/main main start 1".to_owned(),
            "root/main main exit error: done".to_owned(),
            "root/main main auto shutdown after error: done".to_owned(),
            format!("root - exit error: {error}"),
        ]
    );
}

/// Many children that end in every way, on several threads: the starts and the exits of each are a
/// strict alternation of numbered starts and single exits.
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
    let mut events = running.handle().subscribe();
    gate.send_replace(true);
    // There are fewer than 1024 in all, so none is missed.
    let watching = tokio::spawn(async move {
        let mut lives = std::collections::HashMap::<String, (u64, bool)>::new();
        let mut ends = 0;
        while let Some(event) = events.recv().await {
            let event = event.unwrap();
            let life = lives.entry(event.path).or_insert((0, false));
            match event.kind {
                EventKind::Started { instance } => {
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

/// A child that has failed `failures` times runs on.
fn failing(failures: u64) -> ChildSpec {
    ChildSpec::new("a", move |ctx: ChildContext| async move {
        if ctx.restarts() < failures {
            return Err("again");
        }
        ctx.cancelled().await;
        Ok(())
    })
}

#[tokio::test(start_paused = true)]
async fn rule_33_what_a_slow_subscriber_has_missed_is_counted() {
    let running =
        supervisor(Strategy::OneForOne).unlimited_restarts().children([failing(1_000)]).start();
    let handle = running.handle();
    let mut slow = handle.subscribe();
    settle().await;
    assert_eq!(handle.child("a").await.unwrap().restarts, 1_000, "nobody waited for it");

    // One start, and then an exit, a restart and a start each time; 1024 of them are kept.
    let missed = 1 + 3 * 1_000 - 1_024;
    assert_eq!(slow.recv().await.unwrap().unwrap_err().missed, missed);
    assert_eq!(slow.missed(), missed);
    let (rest, ended) = received(&mut slow).await;
    assert_eq!((rest.len(), ended), (1_024, false));
    assert_eq!(brief(rest.last().unwrap().as_ref().unwrap()), "root/a a start 1001");

    // What comes next is received again, up to the end.
    let mut late = handle.subscribe();
    running.shutdown().await.unwrap();
    let end = ["root/a a stop Some(5s)", "root/a a exit shutdown, asked", "root - exit normal"];
    assert_eq!(told(&mut slow).await, end);
    assert_eq!(told(&mut late).await, end);
    assert_eq!((slow.missed(), late.missed()), (missed, 0));
}

#[tokio::test(start_paused = true)]
async fn rule_33_a_slow_or_absent_subscriber_changes_nothing() {
    let mut runs = vec![];
    for subscribers in [0, 1, 3] {
        let log = Log::default();
        let began = Instant::now();
        let noted = log.clone();
        let child = ChildSpec::new("a", move |ctx: ChildContext| {
            noted.push(format!("{} after {:?}", ctx.restarts(), began.elapsed()));
            async move { if ctx.restarts() < 1_000 { Err("again") } else { Ok(()) } }
        });
        let running = supervisor(Strategy::OneForOne)
            .unlimited_restarts()
            .children([child.restart(RestartPolicy::Transient)])
            .start();
        let deaf: Vec<_> = (0..subscribers).map(|_| running.handle().subscribe()).collect();
        running.wait().await.unwrap();
        drop(deaf);
        runs.push((began.elapsed(), log.take()));
    }
    assert!(runs[0].1.ends_with(" 1000 after 0ns"));
    assert!(runs[0] == runs[1] && runs[1] == runs[2]);
}

#[tokio::test(start_paused = true)]
async fn rule_33_the_stream_ends_with_the_tree() {
    // However the tree ends.
    let tree = || supervisor(Strategy::OneForOne).children([failing(0)]);
    let mut streams = vec![];
    for end in 0..4 {
        let running = tree().start();
        let handle = running.handle();
        let mut events = handle.subscribe();
        settle().await;
        let waiting = tokio::spawn(async move {
            while events.recv().await.is_some() {}
            assert!(events.recv().await.is_none(), "and stays so");
        });
        match end {
            0 => running.shutdown().await.unwrap(),
            1 => running.kill().await.unwrap(),
            2 => drop(running),
            _ => handle.shutdown().await.unwrap(),
        }
        timeout(Duration::from_secs(1), waiting).await.expect("it does not hang").unwrap();
        streams.push(handle.subscribe());
    }
    // And one that has ended, or never began.
    let invalid = supervisor(Strategy::OneForOne).children([failing(0), failing(0)]).start();
    streams.push(invalid.handle().subscribe());
    for events in &mut streams {
        let next = timeout(Duration::from_secs(1), events.recv()).await;
        assert!(next.expect("it does not hang").is_none());
    }
    assert!(matches!(invalid.wait().await, Err(SageError::Invalid(_))));
}

#[tokio::test(start_paused = true)]
async fn rule_33_a_tree_has_one_stream_whoever_subscribes() {
    let (handles, mut given) = mpsc::unbounded_channel();
    let child = ChildSpec::new("inside", move |ctx: ChildContext| {
        handles.send(ctx.supervisor()).unwrap();
        async move { ctx.cancelled().await }
    });
    let outside = Puppet::new("outside", &Log::default());
    let inner = Supervisor::new(Strategy::OneForOne, RestartConfig::default()).children([child]);
    let running =
        supervisor(Strategy::OneForOne).children([outside.spec()]).child("inner", inner).start();
    let mut all = running.handle().subscribe();
    let inside = given.recv().await.unwrap();
    told(&mut all).await;
    let mut events = inside.subscribe();
    outside.fail("now");
    running.handle().restart_child("inner").await.unwrap();
    let from_root = told(&mut all).await;
    assert!(from_root.iter().any(|event| event.starts_with("root/outside outside exit")));
    assert_eq!(told(&mut events).await, from_root);
    // Its supervisor has been restarted: the stream is the tree's, and goes on.
    drop(running);
    settle().await;
    let (rest, ended) = received(&mut events).await;
    let exit = rest.iter().flatten().find(|event| event.path == "root/outside").unwrap();
    assert!(matches!(exit.kind, EventKind::Killed { reason: KillReason::Supervisor }));
    let last = rest.last().unwrap().as_ref().unwrap();
    assert!(matches!(last.kind, EventKind::Exited { exit: Exit::Normal, .. }), "{last:?}");
    assert!(ended);
}
