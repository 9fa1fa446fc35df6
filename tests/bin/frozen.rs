//! A program that its test freezes while a child is within a limit.
//!
//! The argument is the limit. The program prints `ready` once the child is within it. The child then
//! needs less than a third of the limit, in many short steps, so that it has work left after a
//! freeze. At the end the program prints what its supervisor has judged.

use std::time::Duration;

use sage_supervisor::{
    AutoShutdown, ChildContext, ChildSpec, DynamicSupervisor, EventKind, Events, Exit, KillReason,
    RestartPolicy, RunningSupervisor, Shutdown, Strategy, Supervisor,
};
use sage_supervisor_tests::{limit, supervisor};

const LIMIT: Duration = Duration::from_millis(1_500);
const STEP: Duration = Duration::from_millis(10);
const STEPS: usize = 40;

async fn work(after_each_step: impl Fn()) {
    println!("ready");
    for _ in 0..STEPS {
        tokio::time::sleep(STEP).await;
        after_each_step();
    }
}

/// A child that works at this time.
fn child(when: When) -> ChildSpec {
    ChildSpec::new("child", move |ctx: ChildContext| async move {
        match when {
            When::Beating => work(|| ctx.heartbeat()).await,
            When::BeforeReady => {
                work(|| ()).await;
                ctx.ready().await;
                ctx.cancelled().await;
            }
            When::AfterStop => {
                ctx.cancelled().await;
                work(|| ()).await;
            }
            When::InDestructor => {
                let _slow = SlowDrop;
                ctx.ready().await;
                std::future::pending::<()>().await;
            }
        }
    })
    .restart(RestartPolicy::Transient)
    .shutdown(if when == When::AfterStop { LIMIT.into() } else { Shutdown::BrutalKill })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    BeforeReady,
    Beating,
    AfterStop,
    InDestructor,
}

/// A value whose destructor works.
struct SlowDrop;

impl Drop for SlowDrop {
    fn drop(&mut self) {
        for step in 0..STEPS {
            // A kill grace of one step is over by now.
            if step == 5 {
                println!("ready");
            }
            std::thread::sleep(STEP);
        }
    }
}

/// A tree with the events that it tells.
fn run(tree: Supervisor) -> (RunningSupervisor, Events) {
    let running = tree.start();
    let events = running.handle().tree_events();
    (running, events)
}

/// The judgements of a supervisor. A brutal kill is none.
async fn judged(mut events: Events, is_unresponsive: bool) -> Vec<String> {
    let mut judged = Vec::new();
    while let Some(Ok(event)) = events.recv().await {
        match event.kind {
            EventKind::Killed {
                reason: reason @ (KillReason::HeartbeatMissed | KillReason::ShutdownTimeout),
                ..
            } => judged.push(reason.to_string()),
            EventKind::Exited { exit: exit @ Exit::FailedStart(_), .. } => {
                judged.push(exit.to_string());
            }
            EventKind::Unresponsive { .. } if !is_unresponsive => {
                judged.push("unresponsive".to_owned());
            }
            EventKind::UnresponsiveTimeout { .. } => judged.push("given up".to_owned()),
            _ => {}
        }
    }
    judged
}

async fn stop_of_all() -> Vec<String> {
    let jobs = DynamicSupervisor::new();
    let running = jobs.clone().start();
    let events = running.handle().tree_events();
    running.started().await.expect("it starts");
    jobs.start_child(child(When::AfterStop)).await.expect("it starts");
    let _ = running.shutdown().await;
    judged(events, false).await
}

async fn unresponsive_timeout() -> Vec<String> {
    let child = child(When::InDestructor).ready_within(LIMIT);
    let fails = ChildSpec::new(
        "fails",
        async |ctx: ChildContext| {
            if ctx.restarts() == 0 { Err("expected") } else { Ok(()) }
        },
    );
    let tree = Supervisor::new(Strategy::OneForAll, limit(1))
        .auto_shutdown(AutoShutdown::AnySignificant)
        .kill_grace(STEP)
        .unresponsive_timeout(LIMIT)
        .children([child, fails.restart(RestartPolicy::Transient).significant()]);
    let (running, events) = run(tree);
    let _ = running.wait().await;
    judged(events, true).await
}

#[tokio::main(flavor = "multi_thread", worker_threads = 3)]
async fn main() {
    let mode = std::env::args().nth(1).unwrap_or_default();
    let child = match &*mode {
        "heartbeat" => child(When::Beating).heartbeat(LIMIT),
        "readiness" => child(When::BeforeReady).ready_within(LIMIT),
        "stop" => child(When::AfterStop),
        _ => child(When::InDestructor).ready_within(LIMIT),
    };
    let judged = match &*mode {
        "stop of all" => stop_of_all().await,
        "unresponsive timeout" => unresponsive_timeout().await,
        _ => {
            let tree = supervisor(Strategy::OneForOne).kill_grace(LIMIT).children([child]);
            let (running, events) = run(tree);
            let _ = running.started().await;
            let _ = match &*mode {
                "heartbeat" => running.wait().await,
                "grace of all" => running.kill().await,
                _ => running.shutdown().await,
            };
            judged(events, false).await
        }
    };
    println!("{judged:?}");
}
