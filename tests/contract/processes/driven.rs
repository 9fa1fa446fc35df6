//! Processes with a driver, the signs of their readiness, and the signal to stop with.

use std::future::pending;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, ChildState, Exit, ProcessExit, ProcessIo, ProcessSignal,
    RestartPolicy, Shutdown, Strategy, Supervisor,
};
use sage_supervisor_tests::{Lines, quiet_panics, supervisor};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use super::{FAR, Folder, child, exit_of, is_running, last_exit};

/// A time that passes during a test.
const SHORT: Duration = Duration::from_millis(200);

async fn hangs(io: ProcessIo, _: ChildContext) {
    pending::<()>().await;
    drop(io);
}

fn code(exit: &Exit) -> Option<i32> {
    exit.process().and_then(ProcessExit::code)
}

/// A driver may talk to the process, and say by its context that the two are ready.
#[tokio::test]
async fn rule_41_a_driver_talks_to_its_process_and_says_when_it_is_ready() {
    let lines = Lines::default();
    let _recording = tracing::subscriber::set_default(lines.clone());
    let (go, gone) = mpsc::channel::<()>(1);
    let gone = Arc::new(tokio::sync::Mutex::new(gone));
    let talks = child("echo warns >&2; cat").ready_within(FAR).driver(move |mut io, ctx| {
        let gone = Arc::clone(&gone);
        async move {
            io.stdin.write_all(b"hello\n").await?;
            let mut answer = [0; 6];
            io.stdout.read_exact(&mut answer).await?;
            assert_eq!(&answer, b"hello\n");
            gone.lock().await.recv().await;
            ctx.ready().await;
            ctx.cancelled().await;
            io::Result::Ok(())
        }
    });
    let next = ChildSpec::new("next", async |ctx: ChildContext| ctx.cancelled().await);
    let running = supervisor(Strategy::OneForOne).children([talks, next]).start();
    let handle = running.handle();
    while handle.child("child").await.unwrap().state != ChildState::Starting {
        tokio::task::yield_now().await;
    }
    assert_ne!(handle.child("next").await.unwrap().state, ChildState::Running);
    go.send(()).await.unwrap();
    running.started().await.unwrap();
    assert_eq!(handle.child("next").await.unwrap().state, ChildState::Running);
    running.shutdown().await.unwrap();
    assert_eq!(lines.take(), ["WARN root/child stderr warns"]);
}

#[tokio::test]
async fn rule_41_a_driver_that_fails_first_is_the_exit_and_its_process_is_stopped() {
    quiet_panics();
    let errs = async |_: ProcessIo, _: ChildContext| Err::<(), _>("no sense");
    let panics = async |_: ProcessIo, _: ChildContext| panic!("expected: driver");
    let is_not_made =
        |_: ProcessIo, _: ChildContext| -> std::future::Ready<()> { panic!("expected: no driver") };
    for (script, shutdown) in [
        ("cat; exit 7", Shutdown::Timeout(FAR)),
        ("exec sleep 600", SHORT.into()),
        ("trap '' TERM; while :; do sleep 0.01; done", SHORT.into()),
    ] {
        let of = || child(script).shutdown(shutdown);
        assert_eq!(exit_of(of().driver(errs)).await.to_string(), "error: no sense", "{script}");
        assert!(matches!(exit_of(of().driver(panics)).await, Exit::Panic(_)), "{script}");
        assert!(matches!(exit_of(of().driver(is_not_made)).await, Exit::Panic(_)), "{script}");
    }
}

/// The driver sees the end of the output before the supervisor can see the end of the process.
#[tokio::test]
async fn rule_41_a_driver_that_has_only_seen_the_end_is_not_the_cause() {
    let reads = |mut io: ProcessIo, _: ChildContext| async move {
        let mut all = vec![];
        io.stdout.read_to_end(&mut all).await?;
        Err::<(), io::Error>(io::ErrorKind::UnexpectedEof.into())
    };
    let exit = exit_of(child("exec >&-; sleep 0.1; exit 3").driver(reads)).await;
    assert_eq!(code(&exit), Some(3), "{exit}");
    let exit = exit_of(child("exec >&-; sleep 0.1; exit 0").driver(reads)).await;
    assert_eq!(exit.to_string(), "error: unexpected end of file");
}

#[tokio::test]
async fn rule_41_after_a_driver_that_ends_well_the_process_decides() {
    let greets = async |mut io: ProcessIo, _: ChildContext| io.stdin.write_all(b"a\n").await;
    assert!(matches!(exit_of(child("cat >&2").driver(greets)).await, Exit::Normal));
    assert_eq!(code(&exit_of(child("cat >&2; exit 4").driver(greets)).await), Some(4));
    let short = |script| child(script).shutdown(SHORT).driver(greets);
    let exit = exit_of(short("exec sleep 600")).await;
    assert!(matches!(exit, Exit::Normal), "asked by the signal: {exit}");
    let exit = exit_of(short("trap '' TERM; while :; do sleep 0.01; done")).await;
    assert!(matches!(exit, Exit::Killed), "{exit}");
}

#[tokio::test]
async fn rule_41_a_process_that_fails_first_is_the_exit_and_its_driver_is_asked_to_stop() {
    let asked = Arc::new(AtomicBool::new(false));
    let is_asked = Arc::clone(&asked);
    let hears = move |io: ProcessIo, ctx: ChildContext| {
        let is_asked = Arc::clone(&is_asked);
        async move {
            ctx.cancelled().await;
            is_asked.store(true, Ordering::SeqCst);
            drop(io);
            Err::<(), _>("told second")
        }
    };
    assert_eq!(code(&exit_of(child("exit 3").driver(hears)).await), Some(3));
    assert!(asked.load(Ordering::SeqCst));
    assert_eq!(code(&exit_of(child("exit 3").shutdown(SHORT).driver(hangs)).await), Some(3));
}

#[tokio::test]
async fn rule_41_after_a_process_that_ends_well_the_driver_decides() {
    const LINES: usize = 20_000;
    // The output is larger than the pipe, and the driver reads the last of it when the process is gone.
    let counts = |fails: bool| {
        move |mut io: ProcessIo, ctx: ChildContext| async move {
            let mut all = String::new();
            io.stdout.read_to_string(&mut all).await.map_err(|_| "unreadable")?;
            assert_eq!((all.lines().count(), ctx.is_cancelled()), (LINES, false));
            if fails { Err("told") } else { Ok(()) }
        }
    };
    let exit = exit_of(child("seq 20000").driver(counts(false))).await;
    assert!(matches!(exit, Exit::Normal), "{exit}");
    assert_eq!(exit_of(child("seq 20000").driver(counts(true))).await.to_string(), "error: told");
    let exit = exit_of(child("exit 0").shutdown(SHORT).driver(hangs)).await;
    assert!(matches!(exit, Exit::Killed), "{exit}");
}

/// Returns the exit of a child that is stopped once it is ready.
async fn stopped(spec: ChildSpec) -> Exit {
    let running =
        supervisor(Strategy::OneForOne).kill_grace(FAR).children([spec.ready_within(FAR)]).start();
    running.started().await.unwrap();
    let handle = running.handle();
    handle.stop_child("child").await.unwrap();
    let exit = last_exit(&handle).await;
    running.shutdown().await.unwrap();
    exit
}

#[tokio::test]
async fn rule_41_a_stop_is_a_goodbye_then_the_end_of_the_input_then_the_signal() {
    let folder = Folder::new();
    let says_goodbye = |mut io: ProcessIo, ctx: ChildContext| async move {
        ctx.ready().await;
        ctx.cancelled().await;
        io.stdin.write_all(b"bye\n").await
    };
    const READS: &str = "trap 'echo term >> log; exit 0' TERM
        while read -r line; do echo $line >> log; done; echo end >> log";
    let exit = stopped(folder.child(READS).driver(says_goodbye)).await;
    assert!(matches!(exit, Exit::Shutdown), "{exit}");
    assert_eq!(std::fs::read_to_string(folder.0.join("log")).unwrap(), "bye\nend\n");

    // This process does not care for its input.
    let deaf = child("exec sleep 600").shutdown(Duration::from_secs(2));
    let exit = stopped(deaf.driver(says_goodbye)).await;
    assert!(matches!(exit, Exit::Shutdown), "{exit}");

    // A failure while the child stops is kept.
    let fails = |_: ProcessIo, ctx: ChildContext| async move {
        ctx.ready().await;
        ctx.cancelled().await;
        Err::<(), _>("no goodbye")
    };
    let exit = stopped(child("cat").driver(fails)).await;
    assert_eq!(exit.to_string(), "error: no goodbye");
}

#[tokio::test]
async fn rule_41_a_driver_that_ignores_the_request_or_gives_its_input_away_holds_up_no_stop() {
    let ignores = |io: ProcessIo, ctx: ChildContext| async move {
        ctx.ready().await;
        hangs(io, ctx).await;
    };
    let of = |script| child(script).shutdown(Duration::from_secs(3));
    // `yes` fills the pipe that nobody reads, and blocks.
    for script in ["cat", "exec yes"] {
        let exit = stopped(of(script).driver(ignores)).await;
        let is_epipe =
            exit.process().is_some_and(|exit| exit.signal().is_some() || exit.code() == Some(1));
        assert!(matches!(exit, Exit::Shutdown) || script == "exec yes" && is_epipe, "{exit}");
    }
    let gives_away = |io: ProcessIo, ctx: ChildContext| async move {
        tokio::spawn(hangs(io, ctx.clone()));
        ctx.ready().await;
        ctx.cancelled().await;
    };
    let exit = stopped(of("cat").driver(gives_away)).await;
    assert!(matches!(exit, Exit::Shutdown), "{exit}");
}

/// The driver closes the input at once and then hangs, so the process ends long before the goodbye does.
#[tokio::test]
async fn rule_41_a_process_that_ends_in_the_goodbye_leaves_its_driver_the_time_of_the_goodbye() {
    let lingers = |io: ProcessIo, ctx: ChildContext| async move {
        ctx.ready().await;
        ctx.cancelled().await;
        drop(io);
        pending::<()>().await;
    };
    let exit = stopped(child("cat").shutdown(Duration::from_secs(2)).driver(lingers)).await;
    assert!(matches!(exit, Exit::Shutdown), "{exit}");
    // The others of the group have not ended with the leader, and hear of the stop.
    let spec = child("sleep 600 & exec cat").shutdown(Duration::from_secs(2));
    let exit = stopped(spec.driver(lingers)).await;
    assert!(matches!(exit, Exit::Shutdown), "{exit}");
}

/// The stop finds the process gone, and the driver still there.
#[tokio::test]
async fn rule_41_a_driver_that_is_stopped_after_its_process_has_ended_holds_up_no_stop() {
    let outlives = |mut io: ProcessIo, ctx: ChildContext| async move {
        let mut all = vec![];
        io.stdout.read_to_end(&mut all).await.unwrap();
        tokio::time::sleep(SHORT).await;
        ctx.ready().await;
        hangs(io, ctx).await;
    };
    let exit = stopped(child("exit 0").shutdown(Duration::from_secs(2)).driver(outlives)).await;
    assert!(matches!(exit, Exit::Shutdown), "{exit}");
}

#[tokio::test]
async fn rule_41_without_a_bound_the_driver_of_a_process_that_has_ended_is_asked_to_stop() {
    let waits = async |_: ProcessIo, ctx: ChildContext| ctx.cancelled().await;
    let spec = child("exit 0").shutdown(Shutdown::Infinity).driver(waits);
    let exit = tokio::time::timeout(FAR, exit_of(spec)).await;
    assert!(matches!(exit, Ok(Exit::Normal)), "{exit:?}");
}

#[tokio::test]
async fn rule_30_a_driver_whose_process_has_ended_knows_it() {
    for script in ["exit 3", "exit 0"] {
        let (tell, mut told) = mpsc::unbounded_channel();
        let tells = move |_: ProcessIo, ctx: ChildContext| {
            let tell = tell.clone();
            async move {
                ctx.cancelled().await;
                tell.send(ctx.stop_reason().map(|reason| reason.to_string())).unwrap();
            }
        };
        exit_of(child(script).shutdown(SHORT).driver(tells)).await;
        let reason = told.recv().await.unwrap();
        assert_eq!(reason.as_deref(), Some("the process of the child ended"), "{script}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn rule_41_the_times_of_many_processes_need_no_thread_for_each() {
    assert_eq!(most_alarm_threads().await, 0);
}

/// While the clock of tokio is paused, one thread waits for all. The processes live in real time.
#[cfg(target_os = "linux")]
#[tokio::test(start_paused = true)]
async fn rule_41_while_the_clock_is_paused_one_thread_waits_for_the_times_of_all_processes() {
    assert_eq!(most_alarm_threads().await, 1);
    let ignores = |io: ProcessIo, ctx: ChildContext| async move {
        ctx.ready().await;
        hangs(io, ctx).await;
    };
    // The thread of the first alarms may end before this, or not.
    for _ in 0..2 {
        let exit = stopped(child("cat").shutdown(Duration::from_secs(2)).driver(ignores)).await;
        assert!(matches!(exit, Exit::Shutdown), "{exit}");
    }
}

/// Returns the most threads for alarms while the goodbyes of fifty processes are waited for.
#[cfg(target_os = "linux")]
async fn most_alarm_threads() -> usize {
    const PROCESSES: usize = 50;
    let threads = || std::fs::read_dir("/proc/self/task").unwrap().filter(is_alarm).count();
    fn is_alarm(task: &io::Result<std::fs::DirEntry>) -> bool {
        let name = task.as_ref().ok().map(|task| task.path().join("comm"));
        name.and_then(|name| std::fs::read_to_string(name).ok()).as_deref() == Some("sage-alarm\n")
    }
    let most = Arc::new(AtomicUsize::new(0));
    let asked = Arc::new(tokio::sync::Barrier::new(PROCESSES));
    let specs = (0..PROCESSES).map(|at| {
        let (most, asked) = (Arc::clone(&most), Arc::clone(&asked));
        let make = || Command::new("cat");
        ChildSpec::command(format!("child{at}"), make)
            .driver(move |io: ProcessIo, ctx: ChildContext| {
                let (most, asked) = (Arc::clone(&most), Arc::clone(&asked));
                async move {
                    ctx.ready().await;
                    ctx.cancelled().await;
                    asked.wait().await;
                    most.fetch_max(threads(), Ordering::SeqCst);
                    drop(io);
                }
            })
            .ready_within(FAR)
    });
    // The group is stopped by one command for each child, all at the same time.
    let running = supervisor(Strategy::OneForOne).children(specs).start();
    running.started().await.unwrap();
    let handle = running.handle();
    let mut stops = tokio::task::JoinSet::new();
    for at in 0..PROCESSES {
        let handle = handle.clone();
        stops.spawn(async move { handle.stop_child(&format!("child{at}")).await.unwrap() });
    }
    stops.join_all().await;
    running.shutdown().await.unwrap();
    most.load(Ordering::SeqCst)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn rule_41_a_kill_ends_both_and_the_exit_is_told_after_that() {
    struct Held(Arc<AtomicUsize>);
    impl Drop for Held {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let (folder, dropped) = (Folder::new(), Arc::new(AtomicUsize::new(0)));
    let counts = Arc::clone(&dropped);
    let holds = move |io: ProcessIo, ctx: ChildContext| {
        let held = Held(Arc::clone(&counts));
        async move {
            hangs(io, ctx).await;
            drop(held);
        }
    };
    let spec = folder.child("trap '' TERM; echo $$ > up; while :; do sleep 0.01; done");
    let spec = spec.driver(holds).shutdown(Shutdown::BrutalKill);
    let exit = super::exit_of_stopped(&folder, spec).await;
    assert!(matches!(exit, Exit::Killed), "{exit}");
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
    assert!(!is_running(folder.pids("up", 1)[0]));
}

#[tokio::test]
async fn rule_41_there_are_never_two_drivers_and_none_without_a_process() {
    const STARTS: usize = 40;
    let (alive, starts) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let begun = Arc::clone(&starts);
    let driver = move |io: ProcessIo, _: ChildContext| {
        let (alive, start) = (Arc::clone(&alive), starts.fetch_add(1, Ordering::SeqCst) + 1);
        async move {
            assert_eq!(alive.fetch_add(1, Ordering::SeqCst), 0);
            tokio::task::yield_now().await;
            drop(io);
            alive.fetch_sub(1, Ordering::SeqCst);
            if start < STARTS { Err("again") } else { Ok(()) }
        }
    };
    let folder = Folder::new();
    let spec = folder.child("mkdir alive || echo 1 >> two; cat; rmdir alive").driver(driver);
    let mut tree = supervisor(Strategy::OneForOne)
        .unlimited_restarts()
        .children([spec.restart(RestartPolicy::Transient)]);
    tree.run().await.unwrap();
    assert_eq!(begun.load(Ordering::SeqCst), STARTS);
    assert!(!folder.0.join("two").exists());

    let missing = ChildSpec::command("child", || Command::new("/nowhere/there is no such program"))
        .driver(async |_: ProcessIo, _: ChildContext| panic!("it is not called"));
    let exit = exit_of(missing).await;
    assert!(exit.cause().unwrap().is::<io::Error>(), "{exit}");
}

#[tokio::test]
async fn rule_41_a_driver_declines_and_misses_its_heartbeat_like_any_child() {
    let declines = |io: ProcessIo, ctx: ChildContext| async move {
        ctx.decline().await;
        ctx.cancelled().await;
        drop(io);
    };
    let exit = exit_of(child("cat").ready_within(FAR).driver(declines)).await;
    assert!(matches!(exit, Exit::Shutdown), "{exit}");
    let exit = exit_of(child("cat").heartbeat(SHORT).driver(hangs)).await;
    assert!(matches!(exit, Exit::HeartbeatMissed(_)), "{exit}");
}

#[tokio::test]
async fn rule_41_a_line_of_output_says_that_a_process_is_ready() {
    quiet_panics();
    for script in
        ["echo other; echo it listens; exec sleep 600", "echo it listens >&2; exec sleep 600"]
    {
        let exit = stopped(child(script).ready_on_line(|line| line == "it listens")).await;
        assert!(matches!(exit, Exit::Shutdown), "{exit}");
    }
    let silent = child("echo other; exec sleep 600")
        .ready_on_line(|line| line.contains("listens"))
        .ready_within(SHORT)
        .shutdown(FAR);
    let error = supervisor(Strategy::OneForOne).children([silent]).run().await.unwrap_err();
    assert!(error.to_string().contains("not ready"), "{error}");
    let panics = child("echo one; exec sleep 600").shutdown(FAR);
    let panics = panics.ready_on_line(|_| panic!("expected: line")).ready_within(FAR);
    let error = supervisor(Strategy::OneForOne).children([panics]).run().await.unwrap_err();
    assert!(error.to_string().ends_with("before it was ready: panic"), "{error}");
}

#[tokio::test]
async fn rule_41_a_port_that_accepts_says_that_a_process_is_ready() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let spec = child("exec sleep 600").ready_on_port(address).ready_within(FAR);
    let running = supervisor(Strategy::OneForOne).children([spec]).start();
    let handle = running.handle();
    tokio::time::sleep(SHORT).await;
    assert_eq!(handle.child("child").await.unwrap().state, ChildState::Starting);
    let _listens = std::net::TcpListener::bind(address).unwrap();
    running.started().await.unwrap();
    assert_eq!(handle.child("child").await.unwrap().state, ChildState::Running);
    running.shutdown().await.unwrap();
}

#[tokio::test]
async fn rule_4_the_settings_of_a_process_belong_to_one_and_a_sign_needs_a_time() {
    let idle = || ChildSpec::new("child", async |ctx: ChildContext| ctx.cancelled().await);
    let table = [
        (child("exit 0").ready_on_line(|_| true), "so it must have `ready_within`"),
        (child("exit 0").ready_on_port(([127, 0, 0, 1], 1)), "so it must have `ready_within`"),
        (idle().stop_signal(ProcessSignal::Quit), "must not have the settings of one"),
        (idle().driver(hangs), "must not have the settings of one"),
        (child("exit 0").ready_on_line(|_| true).ready_within(FAR).heartbeat(FAR), "heartbeat`"),
    ];
    for (spec, expected) in table {
        let error = supervisor(Strategy::OneForOne).children([spec]).run().await.unwrap_err();
        assert!(error.to_string().ends_with(expected), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn rule_41_the_signal_to_stop_with_is_a_setting() {
    // A process ignores what its parent ignores, which is SIGINT and SIGQUIT for a run in the background
    // of a script. With a handler in the parent, the process begins with the default.
    let kinds = [SignalKind::interrupt(), SignalKind::quit(), SignalKind::hangup()];
    let _handlers = kinds.map(|kind| signal(kind).expect("the test can listen to it"));
    let table = [
        (ProcessSignal::Interrupt, "echo $$ > up; exec sleep 600"),
        (ProcessSignal::Quit, "trap 'exit 131' QUIT; echo $$ > up; while :; do sleep 0.01; done"),
        (ProcessSignal::Hangup, "trap 'exit 0' HUP; echo $$ > up; while :; do sleep 0.01; done"),
        (ProcessSignal::UserDefined1, "echo $$ > up; exec sleep 600"),
    ];
    for (signal, script) in table {
        let folder = Folder::new();
        let spec =
            folder.child(&*Box::leak(format!("trap 'exit 9' TERM; {script}").into_boxed_str()));
        let exit = super::exit_of_stopped(&folder, spec.stop_signal(signal)).await;
        assert!(matches!(exit, Exit::Shutdown), "{signal}: {exit}");
    }
    // An end by another signal than the one it was sent is a failure.
    let folder = Folder::new();
    let spec =
        folder.child("trap 'kill -TERM $$' QUIT; echo $$ > up; while :; do sleep 0.01; done");
    let exit = super::exit_of_stopped(&folder, spec.stop_signal(ProcessSignal::Quit)).await;
    assert_eq!(exit.process().and_then(ProcessExit::signal), Some(15), "{exit}");
}

/// The driver and the test of lines are compared like the start function of a task.
#[tokio::test]
async fn rule_39_a_process_with_a_driver_is_the_same() {
    async fn drive(_io: ProcessIo, ctx: ChildContext) {
        ctx.cancelled().await;
    }
    fn tree(version: Option<u32>) -> Supervisor {
        let captured = version.unwrap_or_default();
        let spec = ChildSpec::command("child", || super::sh("echo up >&2; cat")).ready_within(FAR);
        let spec = match version {
            None => spec.driver(drive).ready_on_line(|line| line == "up"),
            Some(version) => spec
                .driver(move |io, ctx| {
                    assert!(captured < 9);
                    drive(io, ctx)
                })
                .ready_on_line(move |_| captured < 9)
                .version(version),
        };
        supervisor(Strategy::OneForOne).children([spec])
    }
    let cases = [
        (None, None, true),
        (Some(1), Some(1), true),
        (Some(1), Some(2), false),
        (None, Some(1), false),
    ];
    for (one, other, is_same) in cases {
        let running = tree(one).start();
        running.started().await.unwrap();
        let changes = running.reload(tree(other)).await.unwrap();
        assert_eq!(changes.is_unchanged(), is_same, "{one:?} {other:?} {changes:?}");
        running.shutdown().await.unwrap();
    }
}
