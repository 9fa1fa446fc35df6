//! No user code runs while the crate holds a lock, so wakers and destructors may call anything.

use std::fmt;
use std::pin::pin;
use std::sync::{Arc, mpsc};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, DynamicSupervisor, RestartConfig, Strategy, Supervisor,
    SupervisorHandle,
};
use sage_supervisor_tests::{settle, supervisor};

async fn idle(ctx: ChildContext) {
    ctx.cancelled().await;
}

/// Runs a test on a thread of its own, so that a deadlock is found and not joined.
fn without_deadlock(test: impl Future<Output = ()> + Send + 'static) {
    let (done, waits) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap().block_on(test);
        let _ = done.send(());
    });
    // Only a deadlock takes this long. A panic drops the sender.
    waits.recv_timeout(Duration::from_secs(60)).expect("neither a deadlock nor a panic");
}

#[test]
fn rule_33_a_waker_may_subscribe() {
    struct Subscribes(SupervisorHandle);

    impl Wake for Subscribes {
        fn wake(self: Arc<Self>) {
            drop(self.0.tree_events());
        }
    }

    without_deadlock(async {
        let app = supervisor(Strategy::OneForOne).child("a", idle).start();
        let handle = app.handle();
        settle().await;
        let mut events = handle.tree_events();
        {
            let waker = Waker::from(Arc::new(Subscribes(handle.clone())));
            let mut next = pin!(events.recv());
            assert!(next.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
            handle.restart_child("a").await.unwrap();
            assert!(next.await.is_some());
        }
        app.shutdown().await.unwrap();
    });
}

/// An error whose destructor runs a function.
struct Rude<F: Fn()>(F);

impl<F: Fn()> Drop for Rude<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

impl<F: Fn()> fmt::Debug for Rude<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rude")
    }
}

impl<F: Fn()> fmt::Display for Rude<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rude")
    }
}

impl<F: Fn()> std::error::Error for Rude<F> {}

/// More events are sent than are kept. The events that are discarded drop the errors that they
/// hold.
#[test]
fn rule_33_an_error_that_is_dropped_with_its_event_may_subscribe() {
    without_deadlock(async {
        let child = ChildSpec::new("a", async |ctx: ChildContext| {
            let handle = ctx.supervisor();
            if ctx.restarts() < 5_000 {
                return Err(Rude(move || drop(handle.tree_events())));
            }
            ctx.cancelled().await;
            Ok(())
        });
        let app = supervisor(Strategy::OneForOne).unlimited_restarts().children([child]).start();
        let mut never_read = app.handle().tree_events();
        while app.handle().child("a").await.unwrap().restarts < 5_000 {
            tokio::task::yield_now().await;
        }
        assert!(never_read.recv().await.unwrap().is_err(), "it has missed some");
        app.shutdown().await.unwrap();
    });
}

/// The error of an earlier run is dropped when the next run begins.
#[test]
fn rule_28_an_error_that_is_dropped_with_its_run_may_ask_its_supervisor() {
    without_deadlock(async {
        let none = RestartConfig { max_restarts: 0, ..RestartConfig::default() };
        let pool = DynamicSupervisor::new().restart_limit(none);
        let running = pool.clone().start();
        running.started().await.unwrap();
        let asked = pool.clone();
        let child = ChildSpec::new("a", move |_: ChildContext| {
            let asked = asked.clone();
            let ask = move || {
                let polled = pin!(asked.counts()).poll(&mut Context::from_waker(Waker::noop()));
                drop(polled);
            };
            async move { Err(Rude(ask)) }
        });
        pool.start_child(child).await.unwrap();
        drop(running.wait().await.unwrap_err());
        let again = pool.clone().start();
        again.started().await.unwrap();
        again.shutdown().await.unwrap();
    });
}

/// The error is the last owner of another tree, and is dropped with its child.
#[test]
fn rule_26_a_destructor_may_drop_the_owner() {
    without_deadlock(async {
        let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default());
        let inner = app.child("a", idle).start();
        let holder = Arc::new(std::sync::Mutex::new(Some(inner)));
        let held = Arc::clone(&holder);
        let child = ChildSpec::new("b", move |_: ChildContext| {
            let held = Arc::clone(&held);
            async move { Err(Rude(move || drop(held.lock().unwrap().take()))) }
        });
        let temporary = child.restart(sage_supervisor::RestartPolicy::Temporary);
        supervisor(Strategy::OneForOne).children([temporary]).start().wait().await.unwrap();
        settle().await;
        assert!(holder.lock().unwrap().is_none());
    });
}
