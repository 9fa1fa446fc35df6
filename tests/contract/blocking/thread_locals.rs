//! Threads whose thread-locals have destructors, which run after the function of the thread has
//! returned.

use std::cell::RefCell;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use sage_supervisor::{BlockingContext, ChildSpec, ChildState, RestartPolicy, Strategy};
use sage_supervisor_tests::{Alive, Log, Puppet, quiet_panics, supervisor};

use super::{FAR, GRACE};

thread_local! {
    static HELD: RefCell<Vec<Held>> = const { RefCell::new(vec![]) };
}

/// A sign of life, with the work of its destructor.
struct Held(Option<Alive>, Box<dyn Fn() + Send>);

impl Held {
    /// Puts the sign of life into a thread-local of the present thread.
    fn hold(alive: Alive, destructor: impl Fn() + Send + 'static) {
        HELD.with_borrow_mut(|held| held.push(Self(Some(alive), Box::new(destructor))));
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        (self.1)();
        self.0 = None;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_14_a_thread_is_over_when_its_thread_locals_are_gone() {
    const STARTS: usize = 30;
    quiet_panics();
    let child = Puppet::new("child", &Log::default());
    let puppet = child.clone();
    let spec = ChildSpec::blocking("child", move |_: BlockingContext| {
        Held::hold(puppet.alive(), || thread::sleep(Duration::from_millis(2)));
        match puppet.starts() {
            STARTS => Ok(()),
            start if start % 2 == 0 => panic!("expected: again"),
            _ => Err("again"),
        }
    });
    let mut tree = supervisor(Strategy::OneForOne)
        .unlimited_restarts()
        .children([spec.restart(RestartPolicy::Transient)]);
    tree.run().await.unwrap();
    assert_eq!((child.starts(), child.live(), child.peak()), (STARTS, 0, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_14_a_shutdown_waits_for_the_thread_locals() {
    let child = Puppet::new("child", &Log::default());
    let puppet = child.clone();
    let spec = ChildSpec::blocking("child", move |ctx: BlockingContext| {
        Held::hold(puppet.alive(), || thread::sleep(GRACE));
        assert!(ctx.wait_cancelled(FAR), "asked in time");
    });
    let spec = spec.shutdown(FAR);
    let running = supervisor(Strategy::OneForOne).children([spec]).start();
    child.started(1).await;
    running.shutdown().await.unwrap();
    assert_eq!(child.live(), 0);
}

/// A thread that hangs in the destructor of a thread-local until the gate is opened.
fn hangs(puppet: &Puppet) -> (ChildSpec, Sender<()>) {
    let (open, gate): (_, Receiver<()>) = channel();
    let (puppet, gate) = (puppet.clone(), Arc::new(Mutex::new(gate)));
    let spec = ChildSpec::blocking(puppet.name().to_owned(), move |ctx: BlockingContext| {
        let gate = Arc::clone(&gate);
        Held::hold(puppet.alive(), move || {
            let _ = gate.lock().unwrap().recv();
        });
        assert!(ctx.wait_cancelled(FAR), "asked in time");
    });
    (spec.shutdown(Duration::from_millis(10)), open)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_23_a_thread_that_hangs_in_a_thread_local_is_unresponsive() {
    let child = Puppet::new("child", &Log::default());
    let (spec, open) = hangs(&child);
    let running = supervisor(Strategy::OneForOne).kill_grace(GRACE).children([spec]).start();
    child.started(1).await;
    let error = running.shutdown().await.unwrap_err();
    assert_eq!(error.to_string(), "killed and not ended: root/child");
    assert_eq!(child.live(), 1);
    drop(open);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_23_threads_that_hang_in_a_thread_local_hold_up_no_other() {
    let log = Log::default();
    let hanging = ["one", "two", "three"].map(|name| Puppet::new(name, &log));
    let (specs, gates): (Vec<_>, Vec<_>) = hanging.iter().map(hangs).unzip();
    let other = Puppet::new("other", &log);
    let puppet = other.clone();
    let spec = ChildSpec::blocking("other", move |ctx: BlockingContext| {
        let _alive = puppet.alive();
        if puppet.starts() < 50 {
            return Err("again");
        }
        assert!(ctx.wait_cancelled(FAR), "asked in time");
        Ok(())
    });
    let running = supervisor(Strategy::OneForOne)
        .kill_grace(GRACE)
        .unlimited_restarts()
        .children(specs)
        .children([spec.restart(RestartPolicy::Transient)])
        .start();
    let handle = running.handle();
    for child in &hanging {
        child.started(1).await;
        handle.stop_child(child.name()).await.unwrap_err();
        let state = handle.child(child.name()).await.unwrap().state;
        assert_eq!(state, ChildState::Unresponsive);
    }
    let before = other.starts();
    handle.restart_child("other").await.unwrap();
    other.started(before.max(50) + 1).await;
    drop(gates);
    for child in &hanging {
        while handle.child(child.name()).await.unwrap().state == ChildState::Unresponsive {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    running.shutdown().await.unwrap();
    assert_eq!(hanging.map(|child| child.live()), [0; 3]);
}
