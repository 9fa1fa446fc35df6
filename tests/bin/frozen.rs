//! A program that its test freezes while children are within every kind of limit.
//!
//! The program prints `ready` once every child is within its limit. Each child then needs less than
//! a third of that limit, in many short steps, so that a freeze finishes none of them. At the end
//! the program prints one line for each tree: what its supervisor has judged.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sage_supervisor::{
    AutoShutdown, ChildContext, ChildSpec, DynamicSupervisor, EventKind, Events, Exit, KillReason,
    RestartPolicy, RunningSupervisor, Shutdown, Strategy, Supervisor,
};
use sage_supervisor_tests::{limit, supervisor};

const LIMIT: Duration = Duration::from_millis(1_500);
const STEP: Duration = Duration::from_millis(10);
const STEPS: usize = 40;

/// The number of children that are not within their limit yet.
#[derive(Clone)]
struct Start(Arc<AtomicUsize>);

impl Start {
    fn note(&self) {
        if self.0.fetch_sub(1, Ordering::AcqRel) == 1 {
            println!("ready");
        }
    }

    async fn work(&self, after_each_step: impl Fn()) {
        self.note();
        for _ in 0..STEPS {
            tokio::time::sleep(STEP).await;
            after_each_step();
        }
    }

    /// A child that works at this time.
    fn child(&self, when: When) -> ChildSpec {
        let start = self.clone();
        ChildSpec::new("child", move |ctx: ChildContext| {
            let start = start.clone();
            async move {
                match when {
                    When::Beating => start.work(|| ctx.heartbeat()).await,
                    When::BeforeReady => {
                        start.work(|| ()).await;
                        ctx.ready().await;
                        ctx.cancelled().await;
                    }
                    When::AfterStop => {
                        ctx.cancelled().await;
                        start.work(|| ()).await;
                    }
                    When::InDestructor => {
                        let _slow = SlowDrop(start);
                        ctx.ready().await;
                        std::future::pending::<()>().await;
                    }
                }
            }
        })
        .restart(RestartPolicy::Transient)
        .shutdown(if when == When::AfterStop {
            LIMIT.into()
        } else {
            Shutdown::BrutalKill
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    BeforeReady,
    Beating,
    AfterStop,
    InDestructor,
}

/// A value whose destructor works.
struct SlowDrop(Start);

impl Drop for SlowDrop {
    fn drop(&mut self) {
        self.0.note();
        for _ in 0..STEPS {
            std::thread::sleep(STEP);
        }
    }
}

/// A tree with the events that it tells.
fn run(tree: Supervisor) -> (RunningSupervisor, Events) {
    let running = tree.start();
    let events = running.handle().subscribe();
    (running, events)
}

/// The judgements of a supervisor. A brutal kill is none.
async fn judged(name: &str, mut events: Events) -> String {
    let mut judged = Vec::new();
    while let Some(Ok(event)) = events.recv().await {
        match event.kind {
            EventKind::Killed {
                reason: reason @ (KillReason::HeartbeatMissed | KillReason::ShutdownTimeout),
            } => judged.push(reason.to_string()),
            EventKind::Exited { exit: exit @ Exit::FailedStart(_), .. } => {
                judged.push(exit.to_string());
            }
            EventKind::Unresponsive { .. } if name != "unresponsive timeout" => {
                judged.push("unresponsive".to_owned());
            }
            EventKind::UnresponsiveTimeout { .. } => judged.push("given up".to_owned()),
            _ => {}
        }
    }
    format!("{name}: {judged:?}")
}

async fn heartbeat(start: Start) -> String {
    let child = start.child(When::Beating).heartbeat(LIMIT);
    let (running, events) = run(supervisor(Strategy::OneForOne).children([child]));
    let _ = running.wait().await;
    judged("heartbeat", events).await
}

async fn readiness(start: Start) -> String {
    let child = start.child(When::BeforeReady).ready_within(LIMIT);
    let (running, events) = run(supervisor(Strategy::OneForOne).children([child]));
    let _ = running.started().await;
    let _ = running.shutdown().await;
    judged("readiness", events).await
}

async fn stop(start: Start) -> String {
    let (running, events) =
        run(supervisor(Strategy::OneForOne).children([start.child(When::AfterStop)]));
    running.started().await.expect("it starts");
    let _ = running.shutdown().await;
    judged("stop", events).await
}

async fn stop_of_all(start: Start) -> String {
    let jobs = DynamicSupervisor::new();
    let running = jobs.clone().start();
    let events = running.handle().subscribe();
    running.started().await.expect("it starts");
    for _ in 0..2 {
        jobs.start_child(start.child(When::AfterStop)).await.expect("it starts");
    }
    let _ = running.shutdown().await;
    judged("stop of all", events).await
}

async fn grace(start: Start, of_all: bool) -> String {
    let child = start.child(When::InDestructor).ready_within(LIMIT);
    let (running, events) =
        run(supervisor(Strategy::OneForOne).kill_grace(LIMIT).children([child]));
    running.started().await.expect("it starts");
    let _ = if of_all { running.kill().await } else { running.shutdown().await };
    judged(if of_all { "grace of all" } else { "grace" }, events).await
}

async fn unresponsive_timeout(start: Start) -> String {
    // The child is within the limit only once it is unresponsive, which it does not notice itself.
    let nobody = Start(Arc::new(AtomicUsize::new(usize::MAX)));
    let child = nobody.child(When::InDestructor).ready_within(LIMIT);
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
    let mut watched = running.handle().subscribe();
    while let Some(Ok(event)) = watched.recv().await {
        if matches!(event.kind, EventKind::Unresponsive { .. }) {
            start.note();
            break;
        }
    }
    let _ = running.wait().await;
    judged("unresponsive timeout", events).await
}

#[tokio::main(flavor = "multi_thread", worker_threads = 8)]
async fn main() {
    let start = Start(Arc::new(AtomicUsize::new(8)));
    let trees = [
        tokio::spawn(heartbeat(start.clone())),
        tokio::spawn(readiness(start.clone())),
        tokio::spawn(stop(start.clone())),
        tokio::spawn(stop_of_all(start.clone())),
        tokio::spawn(grace(start.clone(), false)),
        tokio::spawn(grace(start.clone(), true)),
        tokio::spawn(unresponsive_timeout(start)),
    ];
    for tree in trees {
        println!("{}", tree.await.expect("it does not panic"));
    }
}
