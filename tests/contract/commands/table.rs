//! The table of commands and of the states in which they find a child (rule 28).

use std::time::Duration;

use sage_supervisor::{
    ChildSpec, ChildState, CommandError, RestartPolicy, RunningSupervisor, Strategy,
    SupervisorHandle,
};
use sage_supervisor_tests::{
    Blocker, Gated, Log, OnStop, Puppet, no_task_is_left, settle, supervisor,
};

use super::{idle, started, state};

/// The answers of all four commands to a child called `a`. Each command is sent to a tree of its
/// own, because a command changes the state that the next one would find.
async fn answers<F>(tree: impl Fn() -> F) -> [Result<(), CommandError>; 4]
where
    F: Future<Output = (RunningSupervisor, SupervisorHandle)>,
{
    let mut answers = vec![];
    for command in 0..4 {
        let (running, handle) = tree().await;
        let answering = async {
            match command {
                0 => handle.start_child(ChildSpec::new("a", idle)).await,
                1 => handle.stop_child("a").await,
                2 => handle.restart_child("a").await,
                _ => handle.remove_child("a").await,
            }
        };
        let answer = tokio::time::timeout(Duration::from_secs(1_000), answering).await;
        answers.push(answer.expect("a command never hangs"));
        drop(running);
        no_task_is_left().await;
    }
    answers.try_into().expect("there are four commands")
}

#[tokio::test(start_paused = true)]
async fn rule_28_the_table_running() {
    let [start, stop, restart, remove] = answers(async || {
        let a = Puppet::new("a", &Log::default());
        started(Strategy::OneForOne, [a.spec()]).await
    })
    .await;
    assert!(matches!(start, Err(CommandError::AlreadyRunning { .. })), "{start:?}");
    assert!(stop.is_ok() && restart.is_ok(), "{stop:?} {restart:?}");
    assert!(matches!(remove, Err(CommandError::StillRunning { .. })), "{remove:?}");
}

#[tokio::test(start_paused = true)]
async fn rule_28_the_table_starting() {
    let [start, stop, restart, remove] = answers(async || {
        let a = Gated::new("a", &Log::default());
        let trees = started(Strategy::OneForOne, [a.spec()]).await;
        // The gate is opened after a while, so that a restart can succeed.
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(3)).await;
            a.open();
        });
        trees
    })
    .await;
    assert!(matches!(start, Err(CommandError::AlreadyRunning { .. })), "{start:?}");
    assert!(stop.is_ok() && restart.is_ok(), "{stop:?} {restart:?}");
    assert!(matches!(remove, Err(CommandError::StillRunning { .. })), "{remove:?}");
}

#[tokio::test(start_paused = true)]
async fn rule_28_the_table_stopped_and_finished() {
    for by_hand in [true, false] {
        let [start, stop, restart, remove] = answers(async || {
            let log = Log::default();
            let (a, b) = (Puppet::new("a", &log), Puppet::new("b", &log));
            let a_spec = a.spec().restart(RestartPolicy::Transient);
            let (running, handle) = started(Strategy::OneForOne, [a_spec, b.spec()]).await;
            if by_hand {
                handle.stop_child("a").await.unwrap();
                assert_eq!(state(&handle, "a").await, ChildState::Stopped);
            } else {
                a.finish();
                settle().await;
                assert_eq!(state(&handle, "a").await, ChildState::Finished);
            }
            (running, handle)
        })
        .await;
        assert!(matches!(start, Err(CommandError::AlreadyExists { .. })), "{start:?}");
        assert!(
            stop.is_ok() && restart.is_ok() && remove.is_ok(),
            "{stop:?} {restart:?} {remove:?}"
        );
    }
}

/// `a` is down, and its group restart waits until `slow` has stopped.
#[tokio::test(start_paused = true)]
async fn rule_28_the_table_restarting() {
    let [start, stop, restart, remove] = answers(async || {
        let log = Log::default();
        let (slow, a) = (
            Puppet::with("slow", &log, OnStop::After(Duration::from_secs(3))),
            Puppet::new("a", &log),
        );
        let (running, handle) = started(Strategy::OneForAll, [slow.spec(), a.spec()]).await;
        a.fail("now");
        settle().await;
        assert_eq!(state(&handle, "a").await, ChildState::Restarting);
        (running, handle)
    })
    .await;
    assert!(matches!(start, Err(CommandError::AlreadyExists { .. })), "{start:?}");
    assert!(stop.is_ok() && restart.is_ok(), "{stop:?} {restart:?}");
    assert!(matches!(remove, Err(CommandError::Restarting { .. })), "{remove:?}");
}

#[tokio::test(start_paused = true)]
async fn rule_28_the_table_unknown() {
    let [start, stop, restart, remove] = answers(async || {
        let b = Puppet::new("b", &Log::default());
        started(Strategy::OneForOne, [b.spec()]).await
    })
    .await;
    assert!(start.is_ok(), "{start:?}");
    for answer in [stop, restart, remove] {
        assert!(matches!(answer, Err(CommandError::NotFound { .. })), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn rule_28_the_table_unresponsive() {
    let log = Log::default();
    let (blocker, open) = Blocker::new(&log);
    let running = supervisor(Strategy::OneForOne)
        .kill_grace(Duration::from_millis(50))
        .children([blocker.spec(), ChildSpec::new("b", idle)])
        .start();
    blocker.blocks().await;
    let handle = running.handle();
    // The first stop finds that the task is unresponsive; the commands after it find it known.
    let unresponsive = |answer| matches!(answer, Err(CommandError::Unresponsive { .. }));
    assert!(unresponsive(handle.stop_child("blocker").await));
    assert_eq!(state(&handle, "blocker").await, ChildState::Unresponsive);
    assert!(unresponsive(handle.stop_child("blocker").await));
    assert!(unresponsive(handle.restart_child("blocker").await));
    assert!(unresponsive(handle.remove_child("blocker").await));
    let start = handle.start_child(ChildSpec::new("blocker", idle)).await;
    assert!(matches!(start, Err(CommandError::AlreadyExists { .. })), "{start:?}");
    drop(open);
    while state(&handle, "blocker").await == ChildState::Unresponsive {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(state(&handle, "blocker").await, ChildState::Stopped);
    running.shutdown().await.unwrap();
    no_task_is_left().await;
}

/// The restart that finds the task unresponsive is refused, and is not carried out when the task
/// ends later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_28_a_restart_that_was_refused_is_not_carried_out_later() {
    let log = Log::default();
    let (blocker, open) = Blocker::new(&log);
    let running = supervisor(Strategy::OneForOne)
        .kill_grace(Duration::from_millis(50))
        .children([blocker.spec(), ChildSpec::new("b", idle)])
        .start();
    blocker.blocks().await;
    let handle = running.handle();
    let refused = handle.restart_child("blocker").await;
    assert!(matches!(refused, Err(CommandError::Unresponsive { .. })), "{refused:?}");
    drop(open);
    while state(&handle, "blocker").await == ChildState::Unresponsive {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(state(&handle, "blocker").await, ChildState::Stopped);
    handle.restart_child("blocker").await.unwrap();
    assert_eq!(state(&handle, "blocker").await, ChildState::Running);
    running.shutdown().await.unwrap();
}
