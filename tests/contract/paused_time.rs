//! Threads and processes in a test whose clock is paused (rule 34).

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use sage_supervisor::{
    BlockingContext, ChildContext, ChildSpec, ChildState, CommandSpec, DynamicSupervisor,
    EventKind, Exit, KillReason, RestartPolicy, RunningSupervisor, SageError, Shutdown, Strategy,
    Supervisor,
};
use sage_supervisor_tests::{supervisor, unclean};
use tokio::time::{Instant, timeout};

const MILLI: Duration = Duration::from_millis(1);
/// A pause in real time, for which a thread has to be waited for.
const PAUSE: Duration = Duration::from_millis(50);
/// A limit in real time that a child of this file reaches, because it does not end.
const SHORT: Duration = Duration::from_millis(60);
/// A time limit that is reached only if something is broken.
const FAR: Duration = Duration::from_secs(300);

/// A thread that takes its time before it is ready, and when it stops.
fn slow(name: &str) -> ChildSpec {
    ChildSpec::blocking(name, |ctx: BlockingContext| {
        thread::sleep(PAUSE);
        ctx.ready();
        assert!(ctx.wait_cancelled(FAR));
        thread::sleep(PAUSE);
    })
    .ready_within(FAR)
    .shutdown(FAR)
}

/// A thread that ignores every request until the gate is opened.
fn deaf(name: &str) -> (ChildSpec, Sender<()>) {
    let (open, gate): (_, Receiver<()>) = channel();
    let gate = Mutex::new(gate);
    let spec = ChildSpec::blocking(name, move |_: BlockingContext| {
        // An error means that the test has ended, and opens the gate too.
        let _ = gate.lock().unwrap_or_else(PoisonError::into_inner).recv();
    });
    (spec, open)
}

/// The result of an end, with the kills of the tree.
async fn shut_down(running: RunningSupervisor) -> (Result<(), SageError>, Vec<KillReason>) {
    let mut events = running.handle().tree_events();
    let result = running.shutdown().await;
    let mut kills = Vec::new();
    while let Some(event) = events.recv().await {
        if let EventKind::Killed { reason, .. } = event.unwrap().kind {
            kills.push(reason);
        }
    }
    (result, kills)
}

#[tokio::test(start_paused = true)]
async fn rule_34_a_thread_has_its_limits_in_real_time() {
    let began = Instant::now();
    let running = supervisor(Strategy::OneForOne).children([slow("a"), slow("b")]).start();
    running.started().await.unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO, "the clock has stood still");
    let stopped = timeout(MILLI, shut_down(running)).await;
    let (result, kills) = stopped.expect("the clock has stood still");
    assert!(result.is_ok() && kills.is_empty(), "{result:?} {kills:?}");
}

#[tokio::test(start_paused = true)]
async fn rule_34_threads_that_stop_together_have_their_limits_in_real_time() {
    let pool = DynamicSupervisor::new();
    let running = supervisor(Strategy::OneForOne).child("pool", pool.clone()).start();
    running.started().await.unwrap();
    for _ in 0..3 {
        pool.start_child(slow("thread")).await.unwrap();
    }
    let stubborn =
        ChildSpec::new("task", async |_: ChildContext| std::future::pending::<()>().await);
    pool.start_child(stubborn.shutdown(FAR)).await.unwrap();
    let began = Instant::now();
    let (result, kills) = shut_down(running).await;
    assert_eq!(unclean(result), "root/pool/task-4: killed, its shutdown timed out");
    assert_eq!((kills, began.elapsed()), (vec![KillReason::ShutdownTimeout], FAR));
}

/// A thread that is killed has its grace in real time, alone and together with others.
#[tokio::test(start_paused = true)]
async fn rule_34_a_thread_that_is_killed_has_its_grace_in_real_time() {
    for is_killed in [false, true] {
        let running = supervisor(Strategy::OneForOne)
            .kill_grace(FAR)
            .children([slow("a").shutdown(Shutdown::BrutalKill)])
            .start();
        running.started().await.unwrap();
        let ended = if is_killed { running.kill().await } else { running.shutdown().await };
        ended.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn rule_34_a_thread_that_does_not_end_is_judged_in_real_time() {
    let real = std::time::Instant::now();
    let (spec, open) = deaf("deaf");
    let running =
        supervisor(Strategy::OneForOne).kill_grace(SHORT).children([spec.shutdown(SHORT)]).start();
    running.started().await.unwrap();
    let began = Instant::now();
    let (result, kills) = shut_down(running).await;
    assert_eq!(result.unwrap_err().to_string(), "killed and not ended: root/deaf");
    assert_eq!((kills, began.elapsed()), (vec![KillReason::ShutdownTimeout], SHORT * 2));
    assert!(real.elapsed() >= SHORT * 2);
    drop(open);
}

#[tokio::test(start_paused = true)]
async fn rule_34_a_restart_waits_for_a_thread_in_real_time() {
    let build = |unresponsive_timeout| {
        let (spec, open) = deaf("deaf");
        let fails = ChildSpec::new("fails", async |ctx: ChildContext| {
            if ctx.restarts() == 0 {
                return Err("expected");
            }
            // The thread that was started again may need longer than its limits to end.
            let handle = ctx.supervisor();
            while handle.child("deaf").await.is_ok_and(|it| it.state != ChildState::Finished) {
                tokio::task::yield_now().await;
            }
            ctx.shutdown_tree("the end");
            Ok(())
        });
        let tree = Supervisor::new(Strategy::OneForAll, sage_supervisor_tests::limit(1))
            .kill_grace(MILLI)
            .unresponsive_timeout(unresponsive_timeout)
            .children([spec.restart(RestartPolicy::Transient).shutdown(MILLI), fails]);
        (tree, open)
    };
    let (mut tree, open) = build(SHORT);
    let error = tree.run().await.unwrap_err();
    assert!(matches!(error, SageError::Unresponsive(_)), "{error}");
    drop(open);

    let (tree, open) = build(FAR);
    let running = tree.start();
    thread::spawn(move || {
        thread::sleep(PAUSE);
        drop(open);
    });
    running.wait().await.unwrap();
}

/// A heartbeat in real time is heard, whatever the paused clock shows. The clock still moves.
#[tokio::test(start_paused = true)]
async fn rule_34_a_thread_beats_in_real_time() {
    let child = ChildSpec::blocking("beats", |ctx: BlockingContext| {
        while !ctx.wait_cancelled(MILLI) {
            ctx.heartbeat();
        }
    });
    let running = supervisor(Strategy::OneForOne)
        .children([child.heartbeat(Duration::from_secs(20))])
        .start();
    running.started().await.unwrap();
    tokio::time::sleep(FAR).await;
    assert_eq!(running.handle().child("beats").await.unwrap().restarts, 0);
    running.shutdown().await.unwrap();

    let silent = ChildSpec::blocking("silent", |ctx: BlockingContext| {
        assert!(ctx.wait_cancelled(FAR));
    });
    let running = supervisor(Strategy::OneForOne)
        .children([silent.restart(RestartPolicy::Temporary).heartbeat(SHORT)])
        .keep_alive(true)
        .start();
    let mut events = running.handle().tree_events();
    let exit = loop {
        if let EventKind::Exited { exit, .. } = events.recv().await.unwrap().unwrap().kind {
            break exit;
        }
    };
    assert!(matches!(exit, Exit::HeartbeatMissed(SHORT)), "{exit}");
    running.shutdown().await.unwrap();
}

/// A nested supervisor with a limit has to wait for the threads below it.
#[tokio::test(start_paused = true)]
async fn rule_34_a_supervisor_above_a_thread_has_its_limit_in_real_time() {
    let inner = supervisor(Strategy::OneForOne).children([slow("thread")]);
    let inner = sage_supervisor::IntoChild::into_child(inner, "inner".to_owned()).shutdown(FAR);
    let running = supervisor(Strategy::OneForOne).children([inner]).start();
    running.started().await.unwrap();
    let (result, kills) = shut_down(running).await;
    assert!(result.is_ok() && kills.is_empty(), "{result:?} {kills:?}");
}

/// A thread may wait for a task that sleeps, so the clock moves on at half of the limit.
#[tokio::test(start_paused = true)]
async fn rule_34_a_thread_may_wait_for_a_task_that_sleeps() {
    let child = ChildSpec::blocking("child", |ctx: BlockingContext| {
        assert!(ctx.wait_cancelled(FAR));
        let slept = tokio::runtime::Handle::current().spawn(tokio::time::sleep(MILLI * 10));
        while !slept.is_finished() {
            thread::sleep(MILLI);
        }
    });
    let limit = Duration::from_secs(4);
    let running = supervisor(Strategy::OneForOne).children([child.shutdown(limit)]).start();
    running.started().await.unwrap();
    let (result, kills) = shut_down(running).await;
    assert!(result.is_ok() && kills.is_empty(), "{result:?} {kills:?}");
}

/// The end of a runtime waits for no limit.
#[test]
fn rule_34_a_runtime_that_is_dropped_waits_for_no_limit() {
    let real = std::time::Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    let (spec, open) = deaf("deaf");
    runtime.block_on(async {
        let mut tree = supervisor(Strategy::OneForOne).children([spec.ready_within(FAR)]);
        tokio::select! {
            result = tree.run() => panic!("it ended: {result:?}"),
            () = tokio::task::yield_now() => {}
        }
        tokio::task::yield_now().await;
    });
    drop(runtime);
    assert!(real.elapsed() < FAR / 2);
    drop(open);
}

#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn rule_34_a_process_has_its_limits_in_real_time() {
    let child = ChildSpec::command("process", || {
        let mut command = std::process::Command::new("sh");
        command
            .args(["-c", "trap 'sleep 0.05; exit 0' TERM; echo up; while :; do sleep 0.01; done"]);
        CommandSpec::new(command)
    });
    let running = supervisor(Strategy::OneForOne).children([child.shutdown(FAR)]).start();
    running.started().await.unwrap();
    thread::sleep(PAUSE);
    let (result, kills) = shut_down(running).await;
    assert!(result.is_ok() && kills.is_empty(), "{result:?} {kills:?}");
}
