//! What is asked for by hand (rules 25, 28 and 29).

use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, ChildState, CommandError, Counts, Exit, RestartPolicy,
    RunningSupervisor, Strategy, Supervisor, SupervisorHandle,
};
use sage_supervisor_tests::{
    Gated, Log, OnStop, Puppet, limit, no_task_is_left, settle, supervisor,
};

use crate::unresponsive::Blocker;

pub(crate) async fn idle(ctx: ChildContext) {
    ctx.cancelled().await;
}

/// A started tree of these children, with its handle.
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

/// The answers of all four commands to a child called `a`. They are given to four trees of a kind,
/// since a command changes what the next one finds.
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
    assert!(matches!(start, Err(CommandError::AlreadyRunning)), "{start:?}");
    assert!(stop.is_ok() && restart.is_ok(), "{stop:?} {restart:?}");
    assert!(matches!(remove, Err(CommandError::StillRunning)), "{remove:?}");
}

#[tokio::test(start_paused = true)]
async fn rule_28_the_table_starting() {
    let [start, stop, restart, remove] = answers(async || {
        let a = Gated::new("a", &Log::default());
        let trees = started(Strategy::OneForOne, [a.spec()]).await;
        // Opened by time, so that a restart can succeed.
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(3)).await;
            a.open();
        });
        trees
    })
    .await;
    assert!(matches!(start, Err(CommandError::AlreadyRunning)), "{start:?}");
    assert!(stop.is_ok() && restart.is_ok(), "{stop:?} {restart:?}");
    assert!(matches!(remove, Err(CommandError::StillRunning)), "{remove:?}");
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
        assert!(matches!(start, Err(CommandError::AlreadyExists)), "{start:?}");
        assert!(
            stop.is_ok() && restart.is_ok() && remove.is_ok(),
            "{stop:?} {restart:?} {remove:?}"
        );
    }
}

/// `a` is down and waits for its group, which waits for `slow` to stop.
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
    assert!(matches!(start, Err(CommandError::AlreadyExists)), "{start:?}");
    assert!(stop.is_ok() && restart.is_ok(), "{stop:?} {restart:?}");
    assert!(matches!(remove, Err(CommandError::Restarting)), "{remove:?}");
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
        assert!(matches!(answer, Err(CommandError::NotFound)), "{answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_supervisor_that_has_ended_or_never_began_says_so() {
    let a = Puppet::new("a", &Log::default());
    let (running, handle) = started(Strategy::OneForOne, [a.spec()]).await;
    running.shutdown().await.unwrap();
    assert!(matches!(handle.children().await, Err(CommandError::NotRunning)));
    assert!(matches!(handle.stop_child("a").await, Err(CommandError::NotRunning)));

    let invalid = supervisor(Strategy::OneForOne).child("", idle).start();
    assert!(matches!(invalid.handle().counts().await, Err(CommandError::NotRunning)));
}

/// While it closes, nothing is started; a stop waits for the end that is under way.
#[tokio::test(start_paused = true)]
async fn rule_28_while_it_closes_nothing_is_started() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(3)));
    let a = Puppet::new("a", &log);
    let (running, handle) = started(Strategy::OneForOne, [a.spec(), slow.spec()]).await;
    let closing = tokio::spawn(running.shutdown());
    settle().await;
    let start = handle.start_child(ChildSpec::new("b", idle)).await;
    assert!(matches!(start, Err(CommandError::NotRunning)));
    assert!(matches!(handle.restart_child("a").await, Err(CommandError::NotRunning)));
    handle.stop_child("slow").await.unwrap();
    assert_eq!(slow.live(), 0);
    closing.await.unwrap().unwrap();
    assert_eq!((a.starts(), slow.starts()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_stop_waits_for_the_end_and_leads_to_no_restart() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(3)));
    let b = Puppet::new("b", &log);
    let (running, handle) = started(Strategy::OneForAll, [slow.spec(), b.spec()]).await;
    log.take();
    handle.stop_child("slow").await.unwrap();
    assert_eq!(log.take(), "-slow");
    settle().await;
    assert_eq!(log.take(), "");
    running.shutdown().await.unwrap();
}

/// Everything else is served while a child takes its time to stop.
#[tokio::test(start_paused = true)]
async fn rule_28_a_slow_stop_holds_up_nobody() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(3)));
    let b = Puppet::new("b", &log);
    let (running, handle) = started(Strategy::OneForOne, [slow.spec(), b.spec()]).await;
    let stopping = tokio::spawn({
        let handle = handle.clone();
        async move { handle.stop_child("slow").await }
    });
    settle().await;
    assert_eq!(state(&handle, "slow").await, ChildState::Stopping);
    b.fail("meanwhile");
    b.started(2).await;
    handle.start_child(ChildSpec::new("c", idle)).await.unwrap();
    assert!(!stopping.is_finished());
    stopping.await.unwrap().unwrap();
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_restart_is_one_command_and_not_counted() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let running = Supervisor::new(Strategy::OneForAll, limit(0))
        .children([a.spec(), Puppet::new("b", &log).spec()])
        .start();
    settle().await;
    log.take();
    let handle = running.handle();
    for _ in 0..5 {
        handle.restart_child("a").await.unwrap();
        settle().await;
        assert_eq!(log.take(), "-a +a", "no sibling is touched");
    }
    assert_eq!(handle.child("a").await.unwrap().restarts, 5);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_failed_start_by_hand_is_returned_and_not_retried() {
    let log = Log::default();
    let a = Gated::new("a", &log);
    a.open();
    let b = Puppet::new("b", &log);
    let (running, handle) = started(Strategy::OneForOne, [a.spec(), b.spec()]).await;
    handle.stop_child("a").await.unwrap();
    a.shut();
    a.puppet.fail("no license");
    let failed = handle.restart_child("a").await.unwrap_err();
    let CommandError::FailedStart(exit) = failed else { panic!("{failed}") };
    assert!(matches!(exit, Exit::FailedStart(_)));
    settle().await;
    assert_eq!(a.puppet.starts(), 2);
    assert_eq!(state(&handle, "a").await, ChildState::Stopped);

    let new = Gated::new("new", &log);
    new.puppet.fail("no license");
    let failed = handle.start_child(new.spec()).await.unwrap_err();
    assert!(matches!(failed, CommandError::FailedStart(_)), "{failed}");
    assert!(matches!(handle.child("new").await, Err(CommandError::NotFound)), "nothing is left");
    handle.start_child(ChildSpec::new("new", idle)).await.unwrap();
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_start_by_hand_waits_until_the_child_is_ready() {
    let log = Log::default();
    let a = Gated::new("a", &log);
    let (running, handle) = started(Strategy::OneForOne, [ChildSpec::new("b", idle)]).await;
    let starting = tokio::spawn({
        let (handle, spec) = (handle.clone(), a.spec());
        async move { handle.start_child(spec).await }
    });
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(!starting.is_finished());
    assert_eq!(state(&handle, "a").await, ChildState::Starting);
    a.open();
    starting.await.unwrap().unwrap();
    assert_eq!(state(&handle, "a").await, ChildState::Running);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_an_invalid_spec_is_refused() {
    let (running, handle) = started(Strategy::OneForOne, [ChildSpec::new("b", idle)]).await;
    let twice = supervisor(Strategy::OneForOne).child("x", idle).child("x", idle);
    let nested = sage_supervisor::IntoChild::into_child(twice, "nested".to_owned());
    for (spec, message) in [
        (ChildSpec::new("a/b", idle), "supervisor `root`: the name"),
        (ChildSpec::new("", idle), "supervisor `root`: a name is empty"),
        (nested, "supervisor `root/nested`: two children are named `x`"),
    ] {
        let refused = handle.start_child(spec).await.unwrap_err();
        assert!(matches!(refused, CommandError::Invalid(_)));
        assert!(refused.to_string().contains(message), "{refused}");
    }
    assert_eq!(handle.counts().await.unwrap().specs, 1);
    running.shutdown().await.unwrap();
}

/// Added children are full members: last in order, restarted, part of group restarts; but only what
/// was declared comes back when the supervisor itself is restarted.
#[tokio::test(start_paused = true)]
async fn rule_28_an_added_child_is_a_full_member_until_its_supervisor_restarts() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let inner = Supervisor::new(Strategy::RestForOne, limit(2)).children([a.spec()]);
    let running = supervisor(Strategy::OneForOne).child("inner", inner).start();
    settle().await;
    let handle = running.handle();
    handle.start_child_below("inner", b.spec()).await.unwrap();
    settle().await;
    assert_eq!(log.take(), "+a +b");
    b.fail("now");
    settle().await;
    assert_eq!(log.take(), "-b +b");
    a.fail("now");
    settle().await;
    assert_eq!(log.take(), "-a -b +a +b");
    a.fail("beyond the limit");
    settle().await;
    assert_eq!(log.take(), "-a -b +a");
    assert!(matches!(handle.child("inner/b").await, Err(CommandError::NotFound)));
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_3_a_temporary_child_added_at_run_time_leaves_nothing_behind() {
    let log = Log::default();
    let (running, handle) = started(Strategy::OneForOne, [ChildSpec::new("b", idle)]).await;
    for round in 0..3 {
        let a = Puppet::new("a", &log);
        handle.start_child(a.spec().restart(RestartPolicy::Temporary)).await.unwrap();
        match round {
            0 => a.finish(),
            1 => a.fail("for good"),
            _ => handle.stop_child("a").await.unwrap(),
        }
        settle().await;
        assert!(matches!(handle.child("a").await, Err(CommandError::NotFound)));
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_8_a_stop_by_hand_cancels_the_restart_and_the_group_goes_on() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(3)));
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let (running, handle) = started(Strategy::OneForAll, [slow.spec(), a.spec(), b.spec()]).await;
    log.take();
    b.fail("now");
    settle().await;
    handle.stop_child("b").await.unwrap();
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(log.take(), "-b -a -slow +slow +a");
    assert_eq!(state(&handle, "b").await, ChildState::Stopped);
    // The next group restart starts it again.
    a.fail("now");
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(log.take(), "-a -slow +slow +a +b");
    running.shutdown().await.unwrap();
}

/// Stopped in the very turn in which it ends: it stays down.
#[tokio::test(start_paused = true)]
async fn rule_28_a_stop_that_meets_the_end_of_its_child_wins() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let (running, handle) = started(Strategy::OneForOne, [a.spec()]).await;
    a.fail("now");
    handle.stop_child("a").await.unwrap();
    settle().await;
    assert_eq!((a.starts(), a.live()), (1, 0));
    assert_eq!(state(&handle, "a").await, ChildState::Stopped);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_25_what_is_stopped_or_removed_by_hand_keeps_the_supervisor_up() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let (running, handle) =
        started(Strategy::OneForOne, [a.spec(), b.spec().restart(RestartPolicy::Transient)]).await;
    handle.stop_child("a").await.unwrap();
    b.finish();
    settle().await;
    assert!(!handle.has_ended(), "`a` can be started again");
    handle.remove_child("a").await.unwrap();
    handle.remove_child("b").await.unwrap();
    settle().await;
    assert!(!handle.has_ended(), "others can be started");
    handle.start_child(a.spec().restart(RestartPolicy::Transient)).await.unwrap();
    a.finish();
    running.wait().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_24_a_significant_child_stopped_by_hand_does_not_trigger() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    for mode in [
        sage_supervisor::AutoShutdown::AnySignificant,
        sage_supervisor::AutoShutdown::AllSignificant,
    ] {
        let spec = a.spec().restart(RestartPolicy::Transient).significant();
        let running =
            supervisor(Strategy::OneForOne).auto_shutdown(mode).children([spec, b.spec()]).start();
        settle().await;
        running.handle().stop_child("a").await.unwrap();
        settle().await;
        assert!(!running.handle().has_ended());
        running.shutdown().await.unwrap();
    }
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
    assert!(matches!(handle.child("inner/deep/a").await, Err(CommandError::NotRunning)));
    let below = handle.children_below("inner/deep").await;
    assert!(matches!(below, Err(CommandError::NotRunning)));
    assert!(matches!(handle.child("inner/none/a").await, Err(CommandError::NotFound)));
    running.shutdown().await.unwrap();
}

/// A child stops, restarts and shuts down what includes itself, and its siblings.
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

/// Places of removed children are used again, and nothing of the old ones reaches the new ones.
#[tokio::test(start_paused = true)]
async fn rule_28_many_children_come_and_go() {
    let log = Log::default();
    let (running, handle) = started(Strategy::RestForOne, [ChildSpec::new("b", idle)]).await;
    for round in 0..200_u32 {
        let name = format!("child-{}", round % 7);
        let a = Puppet::with(&name, &log, OnStop::Ignore);
        let spec = a.spec().shutdown(Duration::from_millis(5 + u64::from(round % 11)));
        handle.start_child(spec).await.unwrap();
        if round % 3 == 0 {
            a.fail("once");
            a.started(2).await;
        }
        handle.stop_child(&name).await.unwrap();
        assert_eq!((a.live(), a.peak()), (0, 1));
        handle.remove_child(&name).await.unwrap();
        if round % 3 == 0 {
            // Forget the restart.
            tokio::time::sleep(Duration::from_secs(61)).await;
        }
    }
    assert_eq!(handle.counts().await.unwrap().specs, 1);
    running.shutdown().await.unwrap();
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
    // The stop that finds out, and what comes after.
    let unresponsive = |answer| matches!(answer, Err(CommandError::Unresponsive));
    assert!(unresponsive(handle.stop_child("blocker").await));
    assert_eq!(state(&handle, "blocker").await, ChildState::Unresponsive);
    assert!(unresponsive(handle.stop_child("blocker").await));
    assert!(unresponsive(handle.restart_child("blocker").await));
    assert!(unresponsive(handle.remove_child("blocker").await));
    let start = handle.start_child(ChildSpec::new("blocker", idle)).await;
    assert!(matches!(start, Err(CommandError::AlreadyExists)), "{start:?}");
    drop(open);
    while state(&handle, "blocker").await == ChildState::Unresponsive {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(state(&handle, "blocker").await, ChildState::Stopped);
    running.shutdown().await.unwrap();
    no_task_is_left().await;
}

/// Its start function and all it owns are dropped, not only forgotten.
#[tokio::test(start_paused = true)]
async fn rule_28_a_removed_child_is_let_go() {
    let (running, handle) = started(Strategy::OneForOne, [ChildSpec::new("b", idle)]).await;
    let (owned, mut all_dropped) = tokio::sync::mpsc::channel::<()>(1);
    let child = ChildSpec::new("a", move |ctx: ChildContext| {
        let _owned = owned.clone();
        idle(ctx)
    });
    handle.start_child(child).await.unwrap();
    handle.stop_child("a").await.unwrap();
    handle.remove_child("a").await.unwrap();
    assert!(all_dropped.recv().await.is_none());
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_24_a_temporary_significant_child_added_at_run_time_triggers() {
    for fails in [false, true] {
        let log = Log::default();
        let a = Puppet::new("a", &log);
        let running = supervisor(Strategy::OneForOne)
            .auto_shutdown(sage_supervisor::AutoShutdown::AllSignificant)
            .child("b", idle)
            .start();
        settle().await;
        let spec = a.spec().restart(RestartPolicy::Temporary).significant();
        running.handle().start_child(spec).await.unwrap();
        if fails {
            a.fail("for good");
        } else {
            a.finish();
        }
        assert_eq!(running.wait().await.is_err(), fails);
    }
}

/// A start that was queued and is stopped before its turn leaves nothing behind.
#[tokio::test(start_paused = true)]
async fn rule_28_a_queued_start_can_be_stopped() {
    let log = Log::default();
    let first = Gated::new("first", &log);
    let running = supervisor(Strategy::OneForOne).children([first.spec()]).start();
    settle().await;
    let handle = running.handle();
    let queued = tokio::spawn({
        let handle = handle.clone();
        async move { handle.start_child(ChildSpec::new("queued", idle)).await }
    });
    settle().await;
    assert_eq!(state(&handle, "queued").await, ChildState::Restarting);
    handle.stop_child("queued").await.unwrap();
    assert!(matches!(queued.await.unwrap(), Err(CommandError::Stopped)));
    assert!(matches!(handle.child("queued").await, Err(CommandError::NotFound)));
    first.open();
    settle().await;
    assert_eq!(handle.counts().await.unwrap().specs, 1);
    running.shutdown().await.unwrap();
}

/// Who waits for a start is told that it failed, also if it is retried with its group.
#[tokio::test(start_paused = true)]
async fn rule_28_a_restart_with_its_group_tells_that_it_failed() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(3)));
    let (a, z) = (Gated::new("a", &log), Puppet::new("z", &log));
    a.open();
    let (running, handle) = started(Strategy::OneForAll, [slow.spec(), a.spec(), z.spec()]).await;
    a.shut();
    z.fail("now");
    settle().await;
    assert_eq!(state(&handle, "a").await, ChildState::Restarting);
    a.puppet.fail("no license");
    let failed = handle.restart_child("a").await.unwrap_err();
    assert!(matches!(failed, CommandError::FailedStart(_)), "{failed}");
    a.open();
    z.started(2).await;
    running.shutdown().await.unwrap();
}
