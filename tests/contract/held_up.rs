//! Time in which nobody could run (rule 34). These tests are about the real clock. None of them
//! asserts that anything is fast.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, DynamicSupervisor, EventKind, Events, Exit, KillReason, RestartPolicy,
    RunningSupervisor, SageError, Shutdown, Strategy,
};
use sage_supervisor_tests::{supervisor, unclean};
use tokio::sync::Notify;
use tokio::time::sleep;

const MILLI: Duration = Duration::from_millis(1);
const LIMIT: Duration = Duration::from_millis(100);

/// The judgements among the events of a tree that has ended.
async fn judged(mut events: Events) -> Vec<String> {
    let mut judged = Vec::new();
    while let Some(event) = events.recv().await {
        match event.unwrap().kind {
            EventKind::Killed { reason, .. } if reason != KillReason::Supervisor => {
                judged.push(reason.to_string());
            }
            EventKind::Exited { exit: exit @ Exit::FailedStart(_), .. } => {
                judged.push(exit.to_string());
            }
            EventKind::Unresponsive { .. } => judged.push("unresponsive".to_owned()),
            _ => {}
        }
    }
    judged
}

/// A process that is frozen for longer than any of its limits judges nobody.
#[cfg(unix)]
#[test]
fn rule_34_no_limit_passes_while_a_process_is_frozen() {
    use std::io::{BufRead, BufReader};
    use std::process::{Child, Command, Stdio};

    const LIMITS: [&str; 7] = [
        "heartbeat",
        "readiness",
        "stop",
        "stop of all",
        "grace",
        "grace of all",
        "unresponsive timeout",
    ];
    let mut processes = LIMITS.map(|limit| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_frozen"));
        program.arg(limit).stdout(Stdio::piped()).spawn().unwrap()
    });
    let mut outputs = processes
        .each_mut()
        .map(|process| BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap));
    let signal = |name: &str, process: &Child| {
        let command = format!("kill -{name} {}", process.id());
        assert!(Command::new("sh").args(["-c", &command]).status().unwrap().success());
    };
    for (process, lines) in processes.iter().zip(&mut outputs) {
        assert_eq!(lines.next().unwrap(), "ready");
        signal("STOP", process);
    }
    thread::sleep(Duration::from_secs(2));
    for process in &processes {
        signal("CONT", process);
    }
    let told = outputs.map(|lines| lines.filter(|line| line != "ready").last().unwrap());
    assert_eq!(LIMITS.into_iter().zip(told).find(|(_, told)| told != "[]"), None);
    for mut process in processes {
        assert!(process.wait().unwrap().success());
    }
}

/// A child that blocks the only thread of the runtime until long after the limits of its siblings.
async fn one_thread() {
    let beating = |name: &str| {
        let child = ChildSpec::new(name, async |ctx: ChildContext| {
            loop {
                ctx.heartbeat();
                tokio::select! {
                    () = ctx.cancelled() => return,
                    () = sleep(MILLI * 5) => {}
                }
            }
        });
        child.heartbeat(LIMIT)
    };
    let is_done = Arc::new(Notify::new());
    let done = Arc::clone(&is_done);
    let blocker = ChildSpec::new("blocker", move |ctx: ChildContext| {
        let done = Arc::clone(&done);
        async move {
            sleep(LIMIT / 2).await;
            thread::sleep(LIMIT * 4);
            // The other children have time to be judged.
            sleep(LIMIT * 4).await;
            done.notify_one();
            ctx.cancelled().await;
        }
    });
    let running = supervisor(Strategy::OneForOne)
        .children([beating("first"), blocker, beating("last")])
        .start();
    let events = running.handle().tree_events();
    is_done.notified().await;
    running.shutdown().await.unwrap();
    assert_eq!(judged(events).await, [""; 0]);
}

#[tokio::test]
async fn rule_34_a_sibling_that_blocks_the_only_thread_kills_nobody() {
    one_thread().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn rule_34_a_sibling_that_blocks_the_only_worker_kills_nobody() {
    tokio::spawn(one_thread()).await.unwrap();
}

/// A tree whose child waits behind a blocked thread. A task has woken the child, which is therefore
/// next on the worker of that task, and then blocks that worker.
struct Behind {
    running: RunningSupervisor,
    events: Events,
    open: mpsc::Sender<()>,
    is_over: Arc<AtomicBool>,
}

impl Behind {
    /// Does `act` in the child as soon as the child can run.
    async fn new<F>(
        set: impl FnOnce(ChildSpec) -> ChildSpec,
        act: impl Fn(ChildContext) -> F + Clone + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (woken, waits) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (in_child, told) = (Arc::clone(&woken), Arc::clone(&waits));
        let child = ChildSpec::new("child", move |ctx: ChildContext| {
            let (act, woken, told) = (act.clone(), Arc::clone(&in_child), Arc::clone(&told));
            async move {
                if ctx.restarts() == 0 {
                    let mut notified = std::pin::pin!(woken.notified());
                    notified.as_mut().enable();
                    told.notify_one();
                    notified.await;
                }
                act(ctx).await;
            }
        });
        let is_over = Arc::new(AtomicBool::new(false));
        // The other workers must not sleep. Otherwise no worker might look at the timers.
        for _ in 0..2 {
            let is_over = Arc::clone(&is_over);
            tokio::spawn(async move {
                while !is_over.load(Ordering::Relaxed) {
                    tokio::task::yield_now().await;
                }
            });
        }
        let running = supervisor(Strategy::OneForOne)
            .unlimited_restarts()
            .kill_grace(LIMIT)
            .children([set(child)])
            .start();
        let events = running.handle().tree_events();
        waits.notified().await;
        let (open, gate) = mpsc::channel::<()>();
        tokio::spawn(async move {
            woken.notify_one();
            // An error means that the test has ended.
            let _ = gate.recv();
        });
        Self { running, events, open, is_over }
    }

    /// Unblocks the thread long after all limits, and ends the tree once `done` is over.
    async fn judged(self, done: impl Future<Output = ()>) -> Vec<String> {
        sleep(LIMIT * 5).await;
        drop(self.open);
        done.await;
        let ended = self.running.shutdown().await;
        self.is_over.store(true, Ordering::Relaxed);
        let judged = judged(self.events).await;
        assert!(ended.is_ok(), "{ended:?}");
        judged
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rule_34_a_child_that_waits_behind_a_blocked_thread_misses_no_heartbeat() {
    let beat = Arc::new(Notify::new());
    let told = Arc::clone(&beat);
    let act = move |ctx: ChildContext| {
        let told = Arc::clone(&told);
        async move {
            loop {
                ctx.heartbeat();
                told.notify_one();
                tokio::select! {
                    () = ctx.cancelled() => return,
                    () = sleep(MILLI * 5) => {}
                }
            }
        }
    };
    let behind = Behind::new(|child| child.heartbeat(LIMIT), act).await;
    assert_eq!(behind.judged(async move { beat.notified().await }).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rule_34_a_child_that_waits_behind_a_blocked_thread_has_time_to_become_ready() {
    let act = async |ctx: ChildContext| {
        ctx.ready().await;
        ctx.cancelled().await;
    };
    let behind = Behind::new(|child| child.ready_within(LIMIT), act).await;
    let handle = behind.running.handle();
    assert_eq!(behind.judged(async move { handle.started().await.unwrap() }).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rule_34_a_child_that_waits_behind_a_blocked_thread_is_asked_before_it_is_killed() {
    for shutdown in [Shutdown::Timeout(LIMIT), Shutdown::BrutalKill] {
        let set = |child: ChildSpec| child.heartbeat(LIMIT * 1_000).shutdown(shutdown);
        let behind = Behind::new(set, async |ctx: ChildContext| ctx.cancelled().await).await;
        let handle = behind.running.handle();
        let stop = tokio::spawn(async move { handle.stop_child("child").await });
        let judged = behind.judged(async move { stop.await.unwrap().unwrap() }).await;
        let expected = match shutdown {
            Shutdown::BrutalKill => vec![KillReason::BrutalKill.to_string()],
            _ => vec![],
        };
        assert_eq!(judged, expected, "it is killed only if it says so, and ends within the grace");
    }
}

/// Nothing is held up, so a child that hangs is judged as always.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_34_a_child_that_waits_for_nothing_is_judged() {
    let hangs = async |_: ChildContext| std::future::pending::<()>().await;
    let spec =
        |name: &str| ChildSpec::new(name, hangs).restart(RestartPolicy::Temporary).shutdown(LIMIT);
    let running = supervisor(Strategy::OneForOne)
        .keep_alive(true)
        .children([spec("beats").heartbeat(LIMIT), spec("stops")])
        .start();
    let mut events = running.handle().tree_events();
    let missed = loop {
        if let EventKind::Exited { exit, .. } = events.recv().await.unwrap().unwrap().kind {
            break exit;
        }
    };
    assert!(matches!(missed, Exit::HeartbeatMissed(LIMIT)), "{missed}");
    let late = unclean(running.shutdown().await);
    assert_eq!(late, "root/stops: killed, its shutdown timed out");
    assert_eq!(judged(events).await, [KillReason::ShutdownTimeout.to_string()]);

    let unready = spec("starts").ready_within(LIMIT).shutdown(Shutdown::BrutalKill);
    let error = supervisor(Strategy::OneForOne).children([unready]).run().await.unwrap_err();
    assert!(matches!(error, SageError::FailedStart(_)), "{error}");
}

/// The members of a kill wait for the destructors of those before them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_23_a_grace_lasts_while_members_of_the_kill_still_end() {
    const CHILDREN: usize = 600;
    const GRACE: Duration = Duration::from_millis(500);
    struct Slow;
    impl Drop for Slow {
        fn drop(&mut self) {
            thread::sleep(MILLI * 5);
        }
    }
    let holds = async |ctx: ChildContext| {
        let _slow = Slow;
        ctx.ready().await;
        std::future::pending::<()>().await;
    };
    let spec = Arc::new(ChildSpec::new("child", holds));
    let pools = [(); 2].map(|()| DynamicSupervisor::new());
    let tree = supervisor(Strategy::OneForOne).kill_grace(GRACE);
    let running = tree.child("first", pools[0].clone()).child("second", pools[1].clone()).start();
    running.started().await.unwrap();
    for _ in 0..CHILDREN / 2 {
        for pool in &pools {
            pool.start_child(Arc::clone(&spec)).await.unwrap();
        }
    }
    running.kill().await.unwrap();
}

/// The grace of a child that does not end is over, although it is that of many.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn rule_23_a_member_of_a_kill_that_does_not_end_is_named() {
    let (open, gate) = mpsc::channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    let (told, blocks) = mpsc::channel();
    let told = std::sync::Mutex::new(told);
    let blocked = ChildSpec::new("blocked", move |_: ChildContext| {
        told.lock().unwrap().send(()).unwrap();
        let _ = gate.lock().unwrap().recv();
        async {}
    });
    let running = supervisor(Strategy::OneForOne)
        .kill_grace(LIMIT)
        .children([blocked])
        .children((0..100).map(|number| {
            ChildSpec::new(format!("{number}"), async |ctx: ChildContext| ctx.cancelled().await)
        }))
        .start();
    tokio::task::block_in_place(|| blocks.recv().unwrap());
    let error = running.kill().await.unwrap_err();
    assert_eq!(error.to_string(), "killed and not ended: root/blocked");
    drop(open);
}
