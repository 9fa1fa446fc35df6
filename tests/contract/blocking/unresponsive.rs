//! Threads that do not check whether they are asked to stop (rule 23).

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sage_supervisor::{
    BlockingContext, ChildSpec, ChildState, DynamicSupervisor, EndCause, EventKind, Exit,
    KillReason, NodeKind, SageError, Shutdown, Strategy,
};
use sage_supervisor_tests::{Log, Puppet, no_task_is_left, supervisor};

use super::{FAR, GRACE};

/// A thread whose first instance ignores every request until the gate is opened.
fn deaf(puppet: &Puppet) -> (ChildSpec, Sender<()>) {
    let (open, gate): (_, Receiver<()>) = channel();
    let (puppet, gate) = (puppet.clone(), Mutex::new(gate));
    let spec = ChildSpec::blocking(puppet.name().to_owned(), move |ctx: BlockingContext| {
        let _alive = puppet.alive();
        if puppet.starts() == 1 {
            // An error means that the test has ended, and opens the gate too.
            let _ = gate.lock().unwrap_or_else(PoisonError::into_inner).recv();
        } else {
            assert!(ctx.wait_cancelled(FAR));
        }
    });
    (spec.shutdown(Duration::from_millis(10)), open)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_23_a_shutdown_goes_on_without_a_thread_that_does_not_look() {
    let log = Log::default();
    let [first, child, last] = ["first", "child", "last"].map(|name| Puppet::new(name, &log));
    let (spec, open) = deaf(&child);
    let running = supervisor(Strategy::OneForOne)
        .kill_grace(GRACE)
        .children([first.spec(), spec, last.spec()])
        .start();
    last.started(1).await;
    child.started(1).await;
    let handle = running.handle();
    let mut events = handle.tree_events();
    let error = running.shutdown().await.unwrap_err();
    assert_eq!(error.to_string(), "killed and not ended: root/child");
    assert_eq!((first.live(), child.live(), last.live()), (0, 1, 0), "it is still there");
    let mut told = vec![];
    while let Some(event) = events.recv().await {
        let event = event.unwrap();
        if event.child.as_deref() == Some("child") {
            told.push(event.kind);
        }
    }
    assert!(
        matches!(
            told[..],
            [
                EventKind::Stopping { timeout: Some(_), .. },
                EventKind::Killed { reason: KillReason::ShutdownTimeout, .. },
                EventKind::Unresponsive { grace: GRACE, .. },
            ]
        ),
        "{told:?}"
    );
    drop(open);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_23_nothing_is_started_beside_a_thread_that_does_not_end() {
    let log = Log::default();
    let [child, trigger] = ["child", "trigger"].map(|name| Puppet::new(name, &log));
    let (spec, open) = deaf(&child);
    let running = supervisor(Strategy::OneForAll)
        .kill_grace(GRACE)
        .unresponsive_timeout(FAR)
        .children([spec, trigger.spec()])
        .start();
    child.started(1).await;
    trigger.started(1).await;
    trigger.fail("now");
    let handle = running.handle();
    let node = loop {
        let node = handle.tree().await.unwrap().root.children.remove(0);
        if node.state == ChildState::Unresponsive {
            break node;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    };
    assert_eq!((node.kind, node.pid, node.instance), (NodeKind::Blocking, None, 1));
    assert_eq!((child.starts(), trigger.starts()), (1, 1));
    drop(open);
    trigger.started(2).await;
    child.started(2).await;
    assert_eq!(child.peak(), 1);
    drop(running);
    no_task_is_left().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_23_a_restart_gives_up_on_a_thread_that_does_not_end() {
    let log = Log::default();
    let [child, trigger] = ["child", "trigger"].map(|name| Puppet::new(name, &log));
    let (spec, open) = deaf(&child);
    let running = supervisor(Strategy::OneForAll)
        .kill_grace(GRACE)
        .unresponsive_timeout(GRACE)
        .children([spec, trigger.spec()])
        .start();
    child.started(1).await;
    trigger.started(1).await;
    trigger.fail("now");
    let error = running.wait().await.unwrap_err();
    let SageError::Unresponsive(unresponsive) = &error else { panic!("{error}") };
    assert_eq!(unresponsive.paths, ["root/child"]);
    drop(open);
    assert_eq!((child.starts(), trigger.starts()), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_23_a_second_run_waits_for_the_thread_of_the_first() {
    let log = Log::default();
    let child = Puppet::new("child", &log);
    let (spec, open) = deaf(&child);
    let mut tree = supervisor(Strategy::OneForOne).kill_grace(GRACE).children([spec]);
    tokio::select! {
        result = tree.run() => panic!("it ended: {result:?}"),
        () = child.started(1) => {}
    }
    let timed_out = tokio::time::timeout(GRACE * 4, tree.run()).await;
    assert!(timed_out.is_err(), "it waits");
    assert_eq!(child.starts(), 1);
    drop(open);
    let running = tree.start();
    child.started(2).await;
    assert_eq!(child.peak(), 1);
    drop(running);
    no_task_is_left().await;
}

/// A dynamic supervisor asks all its children at once, and they share one grace.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_23_a_thread_below_a_dynamic_supervisor_is_named_too() {
    for is_killed in [false, true] {
        let log = Log::default();
        let [child, other] = ["child", "other"].map(|name| Puppet::new(name, &log));
        let (spec, open) = deaf(&child);
        let jobs = DynamicSupervisor::new();
        let running = supervisor(Strategy::OneForOne)
            .kill_grace(GRACE)
            .child("jobs", jobs.clone())
            .children([other.spec()])
            .start();
        other.started(1).await;
        let name = jobs.start_child(spec).await.unwrap();
        child.started(1).await;
        let ended = if is_killed { running.kill().await } else { running.shutdown().await };
        let error = ended.unwrap_err().to_string();
        assert_eq!(error, format!("killed and not ended: root/jobs/{name}"));
        drop(open);
    }
}

/// A thread that stops sending heartbeats is asked to stop. If the thread returns, it is started
/// again; if it does not, it is unresponsive.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_31_a_thread_has_to_be_heard_of_too() {
    let log = Log::default();
    let child = Puppet::new("child", &log);
    let puppet = child.clone();
    let spec = ChildSpec::blocking("child", move |ctx: BlockingContext| {
        let _alive = puppet.alive();
        while puppet.starts() > 1 && !ctx.wait_cancelled(Duration::from_millis(1)) {
            ctx.heartbeat();
        }
        assert!(ctx.wait_cancelled(FAR), "told");
    });
    let running = supervisor(Strategy::OneForOne)
        .kill_grace(FAR)
        .unlimited_restarts()
        .children([spec.heartbeat(GRACE)])
        .start();
    child.started(2).await;
    let exit = running.handle().child("child").await.unwrap().last_exit.unwrap();
    assert!(matches!(exit, Exit::HeartbeatMissed(GRACE)), "{exit}");
    assert_eq!(child.peak(), 1);
    drop(running);

    let child = Puppet::new("child", &log);
    let (spec, open) = deaf(&child);
    let running =
        supervisor(Strategy::OneForOne).kill_grace(GRACE).children([spec.heartbeat(GRACE)]).start();
    let handle = running.handle();
    while handle.child("child").await.unwrap().state != ChildState::Unresponsive {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(child.starts(), 1);
    drop(open);
    child.started(2).await;
    assert_eq!(child.peak(), 1);
}

/// Each thread is counted once, although the nested supervisor, which ends because of them, and its
/// parent both know of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_23_of_many_that_do_not_end_the_first_are_named_and_all_are_counted() {
    const MANY: usize = 40;
    let log = Log::default();
    let trigger = Puppet::new("trigger", &log);
    let children: Vec<_> = (0..MANY).map(|n| Puppet::new(&format!("deaf-{n}"), &log)).collect();
    let (specs, gates): (Vec<_>, Vec<_>) = children.iter().map(deaf).unzip();
    let inner = supervisor(Strategy::OneForAll)
        .kill_grace(GRACE)
        .unresponsive_timeout(GRACE)
        .children([trigger.spec()])
        .children(specs.into_iter().map(|spec| spec.shutdown(Shutdown::BrutalKill)));
    let running = supervisor(Strategy::OneForOne).child("inner", inner).start();
    for child in &children {
        child.started(1).await;
    }
    trigger.started(1).await;
    trigger.fail("now");
    let report = running.wait_with_report().await;
    let Err(SageError::Unresponsive(error)) = report.result() else { panic!("{report}") };
    assert_eq!((error.count, error.paths.len()), (MANY as u64, 32));
    assert!(error.to_string().ends_with(&format!(" and {} more", MANY - 8)), "{error}");
    assert_eq!((report.unresponsive.count, report.unresponsive.paths.len()), (MANY as u64, 32));
    let EndCause::UnresponsiveTimeout { count, paths, .. } = &report.cause else {
        panic!("{report}")
    };
    assert_eq!((*count, paths.len()), (MANY as u64, 32));
    drop(gates);
    no_task_is_left().await;
}
