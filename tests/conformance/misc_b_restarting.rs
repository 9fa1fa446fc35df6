//! The cases of `misc B` in which children are being restarted.
//!
//! With OTP a child is `restarting` between two attempts, and the supervisor is busy in each of
//! them. Here an attempt is a child that is starting, during which the supervisor answers; no time
//! passes between two of them. `restarting` are those that wait for their turn in a group.

use sage_supervisor::{
    BoxError, ChildContext, ChildSpec, ChildState, CommandError, RunningSupervisor, Strategy,
    Supervisor, SupervisorHandle,
};
use sage_supervisor_tests::{Log, OnStop, Puppet, no_task_is_left, settle, supervisor, unclean};
use tokio::time::{Instant, sleep, timeout};

use crate::{SECOND, counts, idle, state, up};

/// Children that are being restarted are workers that do not run; they can be stopped, and then
/// they are not restarted.
#[tokio::test(start_paused = true)]
async fn count_restarting_children_of_a_group() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(SECOND * 3));
    let [a, b, c] = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
    let tree =
        supervisor(Strategy::OneForAll).children([slow.spec(), a.spec(), b.spec(), c.spec()]);
    let (running, handle) = up(tree).await;
    assert_eq!(counts(&handle).await, [4, 4, 0, 0, 4]);
    log.take();
    b.fail("now");
    settle().await;
    assert_eq!(counts(&handle).await, [4, 1, 3, 0, 4]);
    handle.stop_child("a").await.unwrap();
    assert_eq!(counts(&handle).await, [4, 1, 2, 0, 4]);
    handle.stop_child("b").await.unwrap();
    assert_eq!(counts(&handle).await, [4, 1, 1, 0, 4]);
    sleep(SECOND * 4).await;
    assert_eq!(log.take(), "-b -c -a -slow +slow +c");
    assert_eq!(counts(&handle).await, [4, 2, 0, 0, 4]);
    running.shutdown().await.unwrap();
}

/// A child that was up once, for a second. Every later start fails after a second.
pub(crate) fn failing_slowly(puppet: &Puppet) -> ChildSpec {
    let puppet = puppet.clone();
    let spec = ChildSpec::new(puppet.name().to_owned(), move |ctx: ChildContext| {
        let puppet = puppet.clone();
        async move {
            let _alive = puppet.alive();
            if puppet.starts() == 1 {
                ctx.ready().await;
            }
            sleep(SECOND).await;
            Err::<(), _>(BoxError::from("it hangs"))
        }
    });
    spec.ready_within(SECOND * 10)
}

/// Two idle children with such a child `b` between them, whose restart loop is in progress.
async fn hanging(strategy: Strategy) -> (RunningSupervisor, SupervisorHandle, Puppet) {
    let b = Puppet::new("b", &Log::default());
    let tree = Supervisor::new(strategy, sage_supervisor_tests::limit(1_000))
        .child("a", idle)
        .children([failing_slowly(&b)])
        .child("c", idle);
    let (running, handle) = up(tree).await;
    b.started(5).await;
    (running, handle, b)
}

/// Returns whether the loop is over; otherwise it goes on for ever.
pub(crate) async fn is_over(b: &Puppet) -> bool {
    let starts = b.starts();
    sleep(SECOND * 10).await;
    b.starts() == starts && b.live() == 0
}

/// In a loop of slow failing starts, commands are answered and none of them hangs. A stop by hand
/// ends the loop. A restart by hand does so too: it takes the place of the attempt, and its failure
/// is the answer (OTP refuses it).
#[tokio::test(start_paused = true)]
async fn hanging_restart_loop() {
    let (running, handle, b) = hanging(Strategy::OneForOne).await;
    assert!(!is_over(&b).await);
    assert_eq!(state(&handle, "b").await, ChildState::Starting);
    assert_eq!(counts(&handle).await, [3, 3, 0, 0, 3]);
    let start = handle.start_child(ChildSpec::new("b", idle)).await;
    assert!(matches!(start, Err(CommandError::AlreadyRunning { .. })), "{start:?}");
    assert!(matches!(handle.remove_child("b").await, Err(CommandError::StillRunning { .. })));
    handle.restart_child("a").await.unwrap();

    let asked = Instant::now();
    handle.stop_child("b").await.unwrap();
    assert!(asked.elapsed() <= SECOND);
    assert!(is_over(&b).await);
    assert_eq!(state(&handle, "b").await, ChildState::Stopped);
    assert_eq!(b.peak(), 1);
    running.shutdown().await.unwrap();

    let (running, handle, b) = hanging(Strategy::OneForOne).await;
    let restart = timeout(SECOND * 100, handle.restart_child("b")).await.unwrap();
    assert!(matches!(restart, Err(CommandError::FailedStart { .. })), "{restart:?}");
    assert!(is_over(&b).await);
    running.shutdown().await.unwrap();
}

/// The same loop under `rest_for_one`: the children after the one in the loop wait and are
/// `restarting`, and those before it are up. When the loop is stopped, the others start.
#[tokio::test(start_paused = true)]
async fn hanging_restart_loop_rest_for_one() {
    let (running, handle, b) = hanging(Strategy::RestForOne).await;
    assert!(!is_over(&b).await);
    for (name, expected) in
        [("a", ChildState::Running), ("b", ChildState::Starting), ("c", ChildState::Restarting)]
    {
        assert_eq!(state(&handle, name).await, expected, "{name}");
    }
    assert_eq!(counts(&handle).await, [3, 2, 1, 0, 3]);
    let start = handle.start_child(ChildSpec::new("c", idle)).await;
    assert!(matches!(start, Err(CommandError::AlreadyExists { .. })), "{start:?}");
    assert!(matches!(handle.remove_child("c").await, Err(CommandError::Restarting { .. })));

    handle.stop_child("b").await.unwrap();
    assert!(is_over(&b).await);
    assert_eq!(state(&handle, "c").await, ChildState::Running);
    running.shutdown().await.unwrap();
}

/// A supervisor with such a loop can be shut down, and waits for no further attempt.
#[tokio::test(start_paused = true)]
async fn hanging_restart_loop_shut_down() {
    for strategy in [Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne] {
        let (running, _, b) = hanging(strategy).await;
        let starts = b.starts();
        let asked = Instant::now();
        // The attempt that was under way fails after it was asked to stop.
        assert_eq!(unclean(running.shutdown().await), "root/b: error: it hangs");
        assert!(asked.elapsed() <= SECOND);
        assert_eq!((b.starts(), b.live()), (starts, 0));
        no_task_is_left().await;
    }
}
