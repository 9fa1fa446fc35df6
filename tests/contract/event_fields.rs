//! The fields of typed events and of `tracing` events (rule 33).

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sage_supervisor::{
    AutoShutdown, BlockingContext, ChildContext, ChildSpec, Event, EventKind, RestartPolicy,
    RunningSupervisor, Shutdown, Strategy, Supervisor,
};
use sage_supervisor_tests::{Gated, Log, OnStop, Puppet, Recorder, limit, settle, supervisor};

use super::events::received;

/// A second of paused time.
const SECOND: Duration = Duration::from_secs(1);

/// Writes a typed event the way [`Recorder`] writes a `tracing` event, without the level: each field
/// under its name. A field that is `None` is left out.
fn written(event: &Event) -> String {
    let some = |name: &str, value: Option<String>| {
        value.map_or_else(String::new, |value| format!(" {name}={value}"))
    };
    let (name, fields) = match &event.kind {
        EventKind::Started { instance, .. } => ("start", format!(" instance={instance}")),
        EventKind::Ready => ("ready", String::new()),
        EventKind::Exited { exit, asked, .. } => ("exit", format!(" exit={exit} asked={asked}")),
        EventKind::Restarting { exit, attempt, siblings, delay, used, allowed, .. } => {
            let allowed = some("allowed", allowed.map(|allowed| allowed.to_string()));
            let fields = format!(
                " exit={exit} attempt={attempt} siblings={siblings} delay={delay:?} used={used}{allowed}"
            );
            ("restart", fields)
        }
        EventKind::Stopping { timeout, .. } => {
            ("stop", some("timeout", timeout.map(|timeout| format!("{timeout:?}"))))
        }
        EventKind::Killed { reason, .. } => ("kill", format!(" reason={reason}")),
        EventKind::Unresponsive { grace, .. } => ("unresponsive", format!(" grace={grace:?}")),
        EventKind::UnresponsiveTimeout { supervisor, waited, .. } => {
            ("unresponsive_timeout", format!(" supervisor={supervisor} waited={waited:?}"))
        }
        EventKind::AutoShutdown { supervisor, exit, .. } => {
            ("auto_shutdown", format!(" supervisor={supervisor} exit={exit}"))
        }
        EventKind::ChildGivenUp { exit, used, allowed, within, .. } => {
            ("given_up", format!(" exit={exit} used={used} allowed={allowed} within={within:?}"))
        }
        EventKind::FinalError { exit, scope, .. } => {
            ("final_error", format!(" exit={exit} scope={scope}"))
        }
        EventKind::RestartLimitReached { supervisor, exit, used, allowed, within, .. } => {
            let fields = format!(
                " supervisor={supervisor} exit={exit} used={used} allowed={allowed} \
                 within={within:?}"
            );
            ("restart_limit", fields)
        }
        EventKind::ShutdownRequested { by, reason, .. } => {
            ("shutdown", format!(" by={by}{}", some("reason", reason.clone())))
        }
        EventKind::Signalled { number, effect, .. } => {
            ("signal", format!(" number={number} effect={effect}"))
        }
        other => panic!("the test does not know {other:?}"),
    };
    let child = some("child", event.child.clone());
    format!("event={name} path={}{child}{fields}", event.path)
}

/// Starts a tree, lets `act` act on it, stops it, and compares both forms of all its events. Returns
/// the names of the events.
async fn compared(tree: Supervisor, act: impl AsyncFnOnce(&RunningSupervisor)) -> BTreeSet<String> {
    let recorder = Recorder::default();
    let recording = tracing::subscriber::set_default(recorder.clone());
    let running = tree.start();
    let mut events = running.handle().tree_events();
    settle().await;
    act(&running).await;
    let _ = running.shutdown().await;
    drop(recording);

    let (typed, has_ended) = received(&mut events).await;
    assert!(has_ended);
    let mut names = BTreeSet::new();
    let mut expected = vec![];
    for event in typed {
        let event = event.unwrap();
        let last = event.path.rsplit('/').next();
        assert!(event.child.is_none() || event.child.as_deref() == last, "{event:?}");
        // Supervisors are roots or are called `inner` in this test.
        assert_eq!(event.child.is_none(), event.path == "root", "{event:?}");
        let written = written(&event);
        names.insert(written["event=".len()..].split(' ').next().unwrap().to_owned());
        expected.push(written);
    }
    let traced = recorder.take();
    let (first, traced) = traced.split_first().unwrap();
    assert_eq!(first, "INFO event=start path=root", "nobody can have subscribed before it");
    let without_level = |event: &String| event.split_once(' ').unwrap().1.to_owned();
    assert_eq!(traced.iter().map(without_level).collect::<Vec<_>>(), expected);
    names
}

/// A thread that does not look whether it is to stop before `gate` is closed.
fn deaf(gate: Receiver<()>) -> ChildSpec {
    let gate = Mutex::new(gate);
    ChildSpec::blocking("deaf", move |_: BlockingContext| {
        let _ = gate.lock().unwrap_or_else(PoisonError::into_inner).recv();
    })
    .shutdown(SECOND / 50)
}

/// The event of a signal is compared in `signals.rs`, in a process of its own.
#[tokio::test(start_paused = true)]
async fn rule_33_typed_events_and_traces_have_the_same_fields() {
    let log = Log::default();
    let puppet = |name: &str| Puppet::new(name, &log);
    let mut names = BTreeSet::new();

    // Starts, restarts, the restart limit of a nested supervisor, stops and kills in every form.
    let (a, b) = (puppet("a"), puppet("b"));
    let stubborn = Puppet::with("stubborn", &log, OnStop::Ignore);
    let slow = Gated::new("slow", &log);
    let inner = Supervisor::new(Strategy::OneForOne, limit(1)).children([b.spec()]);
    let tree = supervisor(Strategy::RestForOne)
        .unlimited_restarts()
        .children([a.spec().shutdown(Shutdown::BrutalKill), slow.spec().ready_within(SECOND)])
        .child("inner", inner)
        .children([stubborn.spec().shutdown(SECOND)]);
    let act = async |running: &RunningSupervisor| {
        slow.open();
        settle().await;
        for message in ["first", "second"] {
            b.fail(message);
            tokio::time::sleep(2 * SECOND).await;
        }
        let nested = running.handle().child("inner").await.unwrap();
        assert_eq!(nested.restarts, 1);
        let _ = running.handle().shutdown_because("the test ends").await;
    };
    names.extend(compared(tree, act).await);

    // A child over its own restart limit, and a shutdown without a reason.
    let child = puppet("child");
    let tree = supervisor(Strategy::OneForOne)
        .keep_alive(true)
        .children([child.spec().restart_limit(limit(0))]);
    let act = async |_: &RunningSupervisor| {
        child.fail("for good");
        settle().await;
    };
    names.extend(compared(tree, act).await);

    // An error that no restart can help.
    let last = ChildSpec::new("last", async |ctx: ChildContext| ctx.give_up("a wrong password"));
    let tree = supervisor(Strategy::OneForOne).keep_alive(true).children([last]);
    names.extend(compared(tree, async |_| settle().await).await);

    // A significant child.
    let main = puppet("main");
    let tree = supervisor(Strategy::OneForOne)
        .auto_shutdown(AutoShutdown::AnySignificant)
        .children([main.spec().restart(RestartPolicy::Transient).significant()]);
    let act = async |_: &RunningSupervisor| {
        main.finish();
        settle().await;
    };
    names.extend(compared(tree, act).await);

    // A thread that does not end, and a group restart that waits for it.
    let trigger = puppet("trigger");
    let (open, gate) = channel();
    let tree = supervisor(Strategy::OneForAll)
        .kill_grace(SECOND / 50)
        .unresponsive_timeout(SECOND / 50)
        .children([deaf(gate), trigger.spec()]);
    let act = async |running: &RunningSupervisor| {
        trigger.fail("now");
        running.handle().wait().await.unwrap_err();
    };
    names.extend(compared(tree, act).await);
    drop(open);

    let all = [
        "auto_shutdown",
        "exit",
        "final_error",
        "given_up",
        "kill",
        "ready",
        "restart",
        "restart_limit",
        "shutdown",
        "start",
        "stop",
        "unresponsive",
        "unresponsive_timeout",
    ];
    assert_eq!(names, all.map(str::to_owned).into());
}
