//! The program, with the ways to run a tree and the behaviours that its arguments choose.
//!
//! The first argument is the way to run the tree: `run`; `start`, which starts the tree before; `report`;
//! `main`, which ends the process. The program prints `ready` when the child is up, and at the end the
//! result, or the cause with `report`. The second argument is the behaviour of the child, or of the
//! program:
//!
//! - `obey`, and `slow`, which stops after an hour; `flush`, which prints `flushed` after a while
//! - `clings`, which blocks a thread of the runtime for good, beside another child that prints `killed`
//!   when it is dropped; `fails`, which does the same beside a child that reaches the restart limit
//! - `process`, which obeys, beside a child that is a process; the program prints its number
//! - `reads`, which waits for standard input in a thread of the runtime
//! - `rude`, `hangs`, `stuck` and `late`, which obey, while the subscriber of `tracing` panics, never
//!   returns from the event of a signal, prints `ready` and never returns from its first event, or
//!   prints `ready` and returns from its first event when there is a line on standard input
//! - `piped`, which obeys, while the subscriber writes to standard error, which is full by then
//! - `waker`, which stops after an hour, while the waker of a subscriber never returns
//! - `reloads`, which obeys, and whose function for hangups panics at its first call, and restarts the
//!   child at the next
//! - `own`, which obeys, while the program has a handler of its own for hangups
//! - `after`, which obeys, and after whose end the program waits for a signal by itself
//! - `full-1`, which fills standard output when it stops, and `full-2`, which fills standard error and
//!   then stops after an hour
//!
//! With `slow` and `hangs`, the program prints the events since the start as well. Every signal counts,
//! except with `flush`, where all are repeats of the first.

use std::future::Future as _;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, Events, RestartConfig, Shutdown, Strategy, Supervisor,
    SupervisorHandle,
};
use sage_supervisor_tests::{Recorder, Rude, quiet_panics};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Semaphore;

const GRACE: Duration = Duration::from_millis(500);
const HOUR: Duration = Duration::from_secs(3_600);

/// Open once the process listens to the signals.
static LISTENS: Semaphore = Semaphore::const_new(0);
/// Open once the witness runs. A child that blocks its thread may keep it from its first poll.
static HAS_WITNESS: Semaphore = Semaphore::const_new(0);

/// Blocks this thread for good.
fn hang() -> ! {
    loop {
        std::thread::park();
    }
}

async fn child(ctx: ChildContext, mode: String, subscribed: Sender<Events>) {
    match &*mode {
        "slow" | "hangs" => drop(subscribed.send(ctx.supervisor().tree_events())),
        "piped" => fill(2),
        "waker" => subscribe_with_a_waker_that_hangs(&ctx),
        "reads" => drop(tokio::task::spawn_blocking(|| std::io::stdin().lines().next())),
        _ => {}
    }
    drop(LISTENS.acquire().await);
    if mode == "clings" {
        drop(HAS_WITNESS.acquire().await);
    }
    println!("ready");
    if mode == "process" {
        // The process begins a moment after its child was started.
        let pid = loop {
            let tree = ctx.supervisor().tree().await.expect("the tree runs");
            if let Some(pid) = tree.root.children[0].pid {
                break pid;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        };
        println!("{pid}");
    }
    if mode == "clings" || mode == "fails" {
        hang();
    }
    ctx.cancelled().await;
    println!("asked");
    match &*mode {
        "slow" | "waker" => tokio::time::sleep(HOUR).await,
        "flush" => {
            tokio::time::sleep(Duration::from_millis(300)).await;
            println!("flushed");
        }
        "full-1" => {
            fill(1);
            // The line does not end, so it stays in the buffer until the exit.
            print!("the rest");
        }
        "full-2" => {
            fill(2);
            tokio::time::sleep(HOUR).await;
        }
        _ => {}
    }
}

async fn witness(_: ChildContext) {
    struct Tells;
    impl Drop for Tells {
        fn drop(&mut self) {
            println!("killed");
        }
    }
    let _tells = Tells;
    HAS_WITNESS.add_permits(1);
    std::future::pending::<()>().await;
}

fn subscribe_with_a_waker_that_hangs(ctx: &ChildContext) {
    struct Hangs;
    impl Wake for Hangs {
        fn wake(self: Arc<Self>) {
            hang();
        }
    }
    let events = Box::leak(Box::new(ctx.supervisor().tree_events()));
    let waits = Box::leak(Box::new(Box::pin(async move { events.recv().await })));
    let waker = Waker::from(Arc::new(Hangs));
    assert!(waits.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
}

/// Writes to an output of the process until nothing more fits into its pipe.
fn fill(output: u32) {
    const O_NONBLOCK: i32 = 0o4000;
    let mut pipe = std::fs::File::options()
        .write(true)
        .custom_flags(O_NONBLOCK)
        .open(format!("/proc/self/fd/{output}"))
        .expect("the output is a pipe");
    // A pipe takes a short write when it has no room for a long one.
    while pipe.write(&[b'.'; 4096]).is_ok() || pipe.write(b".").is_ok() {}
}

/// Sets the subscriber of `tracing`.
fn trace(mode: &str, recorder: &Recorder) {
    let rude = match mode {
        "rude" => Rude::Panics,
        "hangs" => Rude::HangsAtSignals,
        "stuck" => Rude::Calls(|| {
            println!("ready");
            hang();
        }),
        "late" => Rude::Calls(|| {
            static IS_LATER: AtomicBool = AtomicBool::new(false);
            if !IS_LATER.swap(true, Ordering::Relaxed) {
                println!("ready");
                drop(std::io::stdin().lines().next());
            }
        }),
        "piped" => Rude::Calls(|| drop(std::io::stderr().write_all(b"an event\n"))),
        _ => return tracing::subscriber::set_global_default(recorder.clone()).expect("the first"),
    };
    tracing::subscriber::set_global_default(rude).expect("the first");
}

async fn reload(tree: SupervisorHandle) {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    match CALLS.fetch_add(1, Ordering::Relaxed) {
        0 => {
            println!("panics");
            panic!("expected: the first call");
        }
        _ => drop(tree.restart_child("child").await),
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn main() {
    let mut arguments = std::env::args().skip(1);
    let way = arguments.next().expect("a way to run the tree");
    let mode = arguments.next().expect("the behaviour of the child");
    let recorder = Recorder::default();
    trace(&mode, &recorder);
    quiet_panics();
    if mode == "own" {
        let mut hangups = signal(SignalKind::hangup()).expect("the process can listen to it");
        tokio::spawn(async move {
            while hangups.recv().await.is_some() {
                println!("its own");
            }
        });
    }

    let limit = RestartConfig { max_restarts: 0, ..RestartConfig::default() };
    let grace = if mode == "clings" { HOUR } else { GRACE };
    let mut tree = Supervisor::new(Strategy::OneForOne, limit).kill_grace(grace);
    if mode == "clings" {
        tree = tree.child("witness", witness);
    }
    if mode == "process" {
        let sleep = || {
            let mut sleep = tokio::process::Command::new("sleep");
            sleep.arg("3600");
            sleep
        };
        tree = tree.children([ChildSpec::command("process", sleep)]);
    }
    if mode == "fails" {
        let fails = async |_: ChildContext| tokio::time::sleep(GRACE).await;
        tree = tree.children([ChildSpec::new("fails", fails)]);
    }
    let shutdown = if mode == "fails" { Shutdown::BrutalKill } else { Shutdown::Infinity };
    let (subscribe, subscribed) = channel();
    let behaviour = mode.clone();
    let child = move |ctx| child(ctx, behaviour.clone(), subscribe.clone());
    tree = tree.children([ChildSpec::new("child", child).shutdown(shutdown)]);

    let repeat_within = if mode == "flush" { HOUR } else { Duration::ZERO };
    let mut run = match &*way {
        "start" => tree.start().until_signal().repeat_within(repeat_within),
        _ => {
            LISTENS.add_permits(1);
            tree.until_signal().repeat_within(repeat_within)
        }
    };
    if mode == "reloads" {
        run = run.on_hangup(reload);
    }
    let result = match &*way {
        "main" => run.run_main().await,
        "report" => {
            let report = run.run_with_report().await;
            println!("{:?}, aborted: {:?}", report.cause, report.aborted_by);
            return;
        }
        "start" => {
            let mut run = pin!(run.run());
            let early = std::future::poll_fn(|cx| Poll::Ready(run.as_mut().poll(cx))).await;
            assert!(early.is_pending());
            LISTENS.add_permits(1);
            run.await
        }
        _ => run.run().await,
    };
    match result {
        Ok(()) => println!("ok"),
        Err(error) => println!("error: {error:#}"),
    }
    if mode == "after" {
        let mut terminates = signal(SignalKind::terminate()).expect("the process listens to it");
        println!("waits");
        let _ = terminates.recv().await;
        println!("heard");
        std::process::exit(7);
    }
    for mut events in subscribed.try_iter() {
        while let Some(Ok(event)) = events.recv().await {
            println!("{} {:?}", event.path, event.kind);
        }
        for signal in recorder.take().iter().filter(|event| event.contains("=signal ")) {
            println!("{signal}");
        }
    }
}
