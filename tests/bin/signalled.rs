//! A program that runs until a signal ends it, for the tests of signals.
//!
//! The argument is the behaviour of its child: `obey`; `slow`, which stops after an hour;
//! `blocked`, which blocks a thread of the runtime for good; `fails`, which does the same beside
//! another child that reaches the restart limit; `rude` and `hangs`, which obey, while the
//! subscriber of `tracing` panics or never returns from the event of a signal. The program prints
//! `ready` when the child is up, and the result at the end. With `slow` and `hangs` it also prints
//! the events since then. With `report` the child behaves as with `slow`, and the program prints
//! the cause.

use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, Events, RestartConfig, Shutdown, Strategy, Supervisor,
};
use sage_supervisor_tests::{Recorder, Rude, quiet_panics};

const GRACE: Duration = Duration::from_millis(500);

async fn child(ctx: ChildContext, mode: String, subscribed: Sender<Events>) {
    if mode == "slow" || mode == "hangs" {
        let _ = subscribed.send(ctx.supervisor().subscribe());
    }
    println!("ready");
    if mode == "blocked" || mode == "fails" {
        loop {
            std::thread::park();
        }
    }
    ctx.cancelled().await;
    println!("asked");
    if mode == "slow" || mode == "report" {
        tokio::time::sleep(Duration::from_secs(3_600)).await;
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mode = std::env::args().nth(1).unwrap_or_default();
    let recorder = Recorder::default();
    match &*mode {
        "rude" => tracing::subscriber::set_global_default(Rude::Panics),
        "hangs" => tracing::subscriber::set_global_default(Rude::HangsAtSignals),
        _ => tracing::subscriber::set_global_default(recorder.clone()),
    }
    .expect("there is no other");
    quiet_panics();
    let limit = RestartConfig { max_restarts: 0, ..RestartConfig::default() };
    let mut tree = Supervisor::new(Strategy::OneForOne, limit).kill_grace(GRACE);
    if mode == "fails" {
        let fails = async |_: ChildContext| tokio::time::sleep(GRACE).await;
        tree = tree.children([ChildSpec::new("fails", fails)]);
    }
    let shutdown = if mode == "fails" { Shutdown::BrutalKill } else { Shutdown::Infinity };
    let (subscribe, subscribed) = channel();
    let reports = mode == "report";
    let child = ChildSpec::new("child", move |ctx| child(ctx, mode.clone(), subscribe.clone()));
    tree = tree.children([child.shutdown(shutdown)]);
    if reports {
        let report = tree.run_until_signal_with_report().await;
        println!("{:?}, aborted: {:?}", report.cause, report.aborted_by);
        return;
    }
    match tree.run_until_signal().await {
        Ok(()) => println!("ok"),
        Err(error) => println!("error: {error:#}"),
    }
    for mut events in subscribed.try_iter() {
        while let Some(Ok(event)) = events.recv().await {
            println!("{} {:?}", event.path, event.kind);
        }
        // The event of a second signal may not have arrived yet.
        if let Some(signal) = recorder.take().iter().find(|event| event.contains("=signal ")) {
            println!("{signal}");
        }
    }
}
