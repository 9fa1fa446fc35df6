//! Commands to supervisors and children (rules 28 and 29).

mod fail;
mod from_inside;
mod kill;
mod look;
mod remove;
mod restart;
mod start;
mod stop;
mod table;
mod wait;
mod waiting;

use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, ChildState, CommandError, Counts, RunningSupervisor, Strategy,
    Supervisor, SupervisorHandle,
};
use sage_supervisor_tests::{Log, OnStop, Puppet, limit, settle, supervisor};

pub(crate) async fn idle(ctx: ChildContext) {
    ctx.cancelled().await;
}

/// A started tree of the given children, with its handle.
pub(crate) async fn started(
    strategy: Strategy,
    children: impl IntoIterator<Item = ChildSpec>,
) -> (RunningSupervisor, SupervisorHandle) {
    let running = Supervisor::new(strategy, limit(3)).children(children).start();
    settle().await;
    let handle = running.handle();
    (running, handle)
}

pub(crate) async fn state(handle: &SupervisorHandle, path: &str) -> ChildState {
    handle.child(path).await.unwrap().state
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_supervisor_that_has_ended_or_never_began_says_so() {
    let a = Puppet::new("a", &Log::default());
    let (running, handle) = started(Strategy::OneForOne, [a.spec()]).await;
    running.shutdown().await.unwrap();
    assert!(matches!(handle.children().await, Err(CommandError::NotRunning { .. })));
    assert!(matches!(handle.stop_child("a").await, Err(CommandError::NotRunning { .. })));

    let invalid = supervisor(Strategy::OneForOne).child("", idle).start();
    assert!(matches!(invalid.handle().counts().await, Err(CommandError::NotRunning { .. })));
}

/// A supervisor that closes starts nothing, and a stop waits for the shutdown that is in progress.
#[tokio::test(start_paused = true)]
async fn rule_28_while_it_closes_nothing_is_started() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(3)));
    let a = Puppet::new("a", &log);
    let (running, handle) = started(Strategy::OneForOne, [a.spec(), slow.spec()]).await;
    let closing = tokio::spawn(running.shutdown());
    settle().await;
    let start = handle.start_child(ChildSpec::new("b", idle)).await;
    assert!(matches!(start, Err(CommandError::NotRunning { .. })));
    assert!(matches!(handle.restart_child("a").await, Err(CommandError::NotRunning { .. })));
    handle.stop_child("slow").await.unwrap();
    assert_eq!(slow.live(), 0);
    closing.await.unwrap().unwrap();
    assert_eq!((a.starts(), slow.starts()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn rule_28_paths_lead_into_nested_supervisors_and_outlive_restarts() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let deep = supervisor(Strategy::OneForOne).children([a.spec()]);
    let inner = Supervisor::new(Strategy::OneForOne, limit(0)).child("deep", deep);
    let running = supervisor(Strategy::OneForOne).child("inner", inner).start();
    settle().await;
    let handle = running.handle();
    handle.restart_child("inner/deep/a").await.unwrap();
    handle.restart_child("inner/deep").await.unwrap();
    handle.restart_child("inner").await.unwrap();
    settle().await;
    assert_eq!((a.starts(), a.peak()), (4, 1));
    let status = handle.child("inner/deep/a").await.unwrap();
    assert_eq!((status.path.as_str(), status.restarts), ("root/inner/deep/a", 0));

    handle.stop_child("inner/deep").await.unwrap();
    assert!(matches!(handle.child("inner/deep/a").await, Err(CommandError::NotRunning { .. })));
    let below = handle.children_below("inner/deep").await;
    assert!(matches!(below, Err(CommandError::NotRunning { .. })));
    assert!(matches!(handle.child("inner/none/a").await, Err(CommandError::NotFound { .. })));
    running.shutdown().await.unwrap();
}

/// A child stops, restarts and shuts down its siblings and the supervisors that contain it.
#[tokio::test(start_paused = true)]
async fn rule_28_from_a_child_of_the_same_tree() {
    let log = Log::default();
    let b = Puppet::new("b", &log);
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let a = ChildSpec::new("a", move |ctx: ChildContext| {
        let tell = tell.clone();
        async move {
            let own = ctx.supervisor();
            match ctx.restarts() {
                0 => {
                    own.restart_child("b").await.unwrap();
                    own.restart_child("a").await.unwrap();
                }
                1 => own.stop_child("a").await.unwrap(),
                _ => own.shutdown().await.unwrap(),
            }
            tell.send(ctx.restarts()).unwrap();
            ctx.cancelled().await;
        }
    });
    let running = supervisor(Strategy::OneForOne).children([a, b.spec()]).start();
    let handle = running.handle();
    let before = tokio::time::Instant::now();
    assert_eq!(told.recv().await, Some(0));
    assert_eq!(told.recv().await, Some(1));
    settle().await;
    assert_eq!(state(&handle, "a").await, ChildState::Stopped);
    assert_eq!(b.starts(), 2);
    handle.restart_child("a").await.unwrap();
    assert_eq!(told.recv().await, Some(2));
    running.wait().await.unwrap();
    assert!(before.elapsed() < Duration::from_secs(1), "nothing had to be killed");
}

#[tokio::test(start_paused = true)]
async fn rule_28_once_polled_a_command_is_carried_out_even_if_dropped() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let (running, handle) = started(Strategy::OneForOne, [a.spec()]).await;
    {
        let mut stopping = std::pin::pin!(handle.stop_child("a"));
        let polled = std::future::poll_fn(|cx| {
            std::task::Poll::Ready(stopping.as_mut().poll(cx).is_pending())
        });
        assert!(polled.await);
    }
    settle().await;
    assert_eq!(a.live(), 0);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_29_counts_are_exact_at_every_moment() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(3)));
    let a = Puppet::new("a", &log);
    let nested = supervisor(Strategy::OneForOne).keep_alive(true);
    let running = Supervisor::new(Strategy::OneForAll, limit(3))
        .child("nested", nested)
        .children([slow.spec(), a.spec()])
        .start();
    let handle = running.handle();
    let counts = async || {
        let Counts { specs, running, restarting, supervisors, workers, .. } =
            handle.counts().await.unwrap();
        [specs, running, restarting, supervisors, workers]
    };
    settle().await;
    assert_eq!(counts().await, [3, 3, 0, 1, 2]);
    a.fail("now");
    settle().await;
    assert_eq!(counts().await, [3, 2, 1, 1, 2]);
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(counts().await, [3, 3, 0, 1, 2]);
    handle.stop_child("a").await.unwrap();
    assert_eq!(counts().await, [3, 2, 0, 1, 2]);
    handle.remove_child("a").await.unwrap();
    assert_eq!(counts().await, [2, 2, 0, 1, 1]);
    let names: Vec<_> =
        handle.children().await.unwrap().into_iter().map(|child| child.name).collect();
    assert_eq!(names, ["nested", "slow"]);
    running.shutdown().await.unwrap();
}
