//! Threads whose work is periodic. Unless the clock is paused, these tests run on the real clock and are
//! paced by channels.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use sage_supervisor::{
    BlockingContext, ChildSpec, ChildState, Every, Exit, Lent, RestartPolicy, Strategy,
};
use sage_supervisor_tests::supervisor;
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::{MILLI, SECOND};

/// A time that is never over.
const FAR: Duration = Duration::from_secs(3_600);

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn rule_38_a_thread_works_periodically_and_stays_the_same() {
    let (tell, told) = channel();
    let spec = ChildSpec::blocking("a", move |ctx: BlockingContext| {
        tell.send((thread::current().id(), ctx.restarts())).unwrap();
    });
    let running = supervisor(Strategy::OneForOne)
        .children([spec.every(MILLI * 5).restart_limit(sage_supervisor_tests::limit(0))])
        .start();
    running.started().await.unwrap();
    let first = told.recv().unwrap();
    assert!((0..20).all(|_| told.recv().unwrap() == first), "one thread, one instance");
    assert_eq!(running.handle().child("a").await.unwrap().state, ChildState::Running);
    running.shutdown().await.unwrap();
    assert!(told.try_iter().all(|run| run == first) && told.recv().is_err(), "no run is left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn rule_38_a_thread_that_waits_for_its_next_run_hears_the_request() {
    let (tell, told) = channel();
    let late = {
        let tell = tell.clone();
        ChildSpec::blocking("late", move |_| tell.send("late").unwrap())
    };
    let spec = ChildSpec::blocking("a", move |_| tell.send("a").unwrap());
    let running = supervisor(Strategy::OneForOne)
        .children([late.every(Every::new(FAR).first_after_period()), spec.every(FAR)])
        .start();
    running.started().await.unwrap();
    assert_eq!(told.recv(), Ok("a"));
    let handle = running.handle();
    let next = loop {
        // The thread may still be on its way out of its first run.
        let node = handle.tree().await.unwrap().root.children.remove(1);
        match node.every.unwrap().next_run_in {
            Some(time) => break time,
            None => sleep(MILLI).await,
        }
    };
    assert!(next <= FAR && next > FAR / 2);
    for name in ["a", "late"] {
        handle.stop_child(name).await.unwrap();
        let exit = handle.child(name).await.unwrap().last_exit;
        assert!(matches!(exit, Some(Exit::Shutdown)), "{exit:?}");
    }
    running.shutdown().await.unwrap();
    assert_eq!(told.try_iter().count(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn rule_38_a_thread_that_fails_is_restarted_and_works_at_once() {
    let (tell, told) = channel();
    let runs = AtomicU32::new(0);
    let spec = ChildSpec::blocking("a", move |ctx: BlockingContext| {
        tell.send(ctx.restarts()).unwrap();
        if runs.fetch_add(1, Ordering::Relaxed) == 1 { Err("disk full") } else { Ok(()) }
    });
    let every = Every::new(MILLI * 5).first_after_period();
    let running = supervisor(Strategy::OneForOne)
        .children([spec.every(every).restart(RestartPolicy::Transient)])
        .start();
    running.started().await.unwrap();
    assert_eq!([(); 4].map(|()| told.recv().unwrap()), [0, 0, 1, 1]);
    let exit = running.handle().child("a").await.unwrap().last_exit.unwrap();
    assert_eq!(exit.to_string(), "error: disk full");
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn rule_38_a_value_is_lent_to_each_run_of_a_thread() {
    let (tell, told) = channel();
    let spec =
        ChildSpec::blocking_lending("a", 0, move |_: BlockingContext, mut runs: Lent<u32>| {
            *runs += 1;
            tell.send(*runs).unwrap();
        });
    let running = supervisor(Strategy::OneForOne).children([spec.every(MILLI * 5)]).start();
    running.started().await.unwrap();
    assert_eq!([(); 5].map(|()| told.recv().unwrap()), [1, 2, 3, 4, 5]);
    running.shutdown().await.unwrap();
}

/// A heartbeat that was needed during the wait would be missed, or would hold the paused clock.
#[tokio::test(start_paused = true)]
async fn rule_38_a_thread_needs_no_heartbeat_while_it_waits() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let beats = Arc::new(AtomicU32::new(0));
    let spec = {
        let beats = Arc::clone(&beats);
        ChildSpec::blocking("a", move |_: BlockingContext| {
            beats.fetch_add(1, Ordering::Relaxed);
            tell.send(()).unwrap();
        })
    };
    let running =
        supervisor(Strategy::OneForOne).children([spec.every(FAR).heartbeat(SECOND * 60)]).start();
    told.recv().await.unwrap();
    sleep(FAR * 24).await;
    let status = running.handle().child("a").await.unwrap();
    assert_eq!((status.state, status.restarts), (ChildState::Running, 0));
    assert_eq!(beats.load(Ordering::Relaxed), 1, "a thread lives in real time");
    running.shutdown().await.unwrap();
}
