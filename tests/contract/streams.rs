//! Subscribers to events, and slow subscribers (rule 33).

use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, EventKind, Exit, KillReason, RestartConfig, RestartPolicy, SageError,
    Strategy, Supervisor,
};
use sage_supervisor_tests::{Log, Puppet, settle, supervisor};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use crate::events::{brief, received, told};

/// A child that fails `failures` times and then stays up.
fn failing(failures: u64) -> ChildSpec {
    ChildSpec::new("a", move |ctx: ChildContext| async move {
        if ctx.restarts() < failures {
            return Err("again");
        }
        ctx.cancelled().await;
        Ok(())
    })
}

#[tokio::test(start_paused = true)]
async fn rule_33_what_a_slow_subscriber_has_missed_is_counted() {
    let running =
        supervisor(Strategy::OneForOne).unlimited_restarts().children([failing(1_000)]).start();
    let handle = running.handle();
    let mut slow = handle.tree_events();
    settle().await;
    assert_eq!(handle.child("a").await.unwrap().restarts, 1_000, "nobody waited for it");

    // The first start is one event, and each failure is three: the exit, the restart and the start.
    // 1024 events are kept.
    let missed = 1 + 3 * 1_000 - 1_024;
    assert_eq!(slow.recv().await.unwrap().unwrap_err().missed, missed);
    assert_eq!(slow.missed(), missed);
    let (rest, ended) = received(&mut slow).await;
    assert_eq!((rest.len(), ended), (1_024, false));
    assert_eq!(brief(rest.last().unwrap().as_ref().unwrap()), "root/a a start 1001");

    // Later events are received again, up to the end.
    let mut late = handle.tree_events();
    running.shutdown().await.unwrap();
    let end = [
        "root - ShutdownRequested { by: Owner, reason: None }",
        "root/a a stop Some(5s)",
        "root/a a exit shutdown, asked",
        "root - exit normal",
    ];
    assert_eq!(told(&mut slow).await, end);
    assert_eq!(told(&mut late).await, end);
    assert_eq!((slow.missed(), late.missed()), (missed, 0));
}

#[tokio::test(start_paused = true)]
async fn rule_33_a_slow_or_absent_subscriber_changes_nothing() {
    let mut runs = vec![];
    for subscribers in [0, 1, 3] {
        let log = Log::default();
        let began = Instant::now();
        let noted = log.clone();
        let child = ChildSpec::new("a", move |ctx: ChildContext| {
            noted.push(format!("{} after {:?}", ctx.restarts(), began.elapsed()));
            async move { if ctx.restarts() < 1_000 { Err("again") } else { Ok(()) } }
        });
        let running = supervisor(Strategy::OneForOne)
            .unlimited_restarts()
            .children([child.restart(RestartPolicy::Transient)])
            .start();
        let deaf: Vec<_> = (0..subscribers).map(|_| running.handle().tree_events()).collect();
        running.wait().await.unwrap();
        drop(deaf);
        runs.push((began.elapsed(), log.take()));
    }
    assert!(runs[0].1.ends_with(" 1000 after 0ns"));
    assert!(runs[0] == runs[1] && runs[1] == runs[2]);
}

#[tokio::test(start_paused = true)]
async fn rule_33_the_stream_ends_with_the_tree() {
    // The stream ends, however the tree ends.
    let tree = || supervisor(Strategy::OneForOne).children([failing(0)]);
    let mut streams = vec![];
    for end in 0..4 {
        let running = tree().start();
        let handle = running.handle();
        let mut events = handle.tree_events();
        settle().await;
        let waiting = tokio::spawn(async move {
            while events.recv().await.is_some() {}
            assert!(events.recv().await.is_none(), "and stays so");
        });
        match end {
            0 => running.shutdown().await.unwrap(),
            1 => running.kill().await.unwrap(),
            2 => drop(running),
            _ => handle.shutdown().await.unwrap(),
        }
        timeout(Duration::from_secs(1), waiting).await.expect("it does not hang").unwrap();
        streams.push(handle.tree_events());
    }
    // The stream of a tree that has ended, or that has never begun, ends at once.
    let invalid = supervisor(Strategy::OneForOne).children([failing(0), failing(0)]).start();
    streams.push(invalid.handle().tree_events());
    for events in &mut streams {
        let next = timeout(Duration::from_secs(1), events.recv()).await;
        assert!(next.expect("it does not hang").is_none());
    }
    assert!(matches!(invalid.wait().await, Err(SageError::Invalid(_))));
}

#[tokio::test(start_paused = true)]
async fn rule_33_a_tree_has_one_stream_whoever_subscribes() {
    let (handles, mut given) = mpsc::unbounded_channel();
    let child = ChildSpec::new("inside", move |ctx: ChildContext| {
        handles.send(ctx.supervisor()).unwrap();
        async move { ctx.cancelled().await }
    });
    let outside = Puppet::new("outside", &Log::default());
    let inner = Supervisor::new(Strategy::OneForOne, RestartConfig::default()).children([child]);
    let running =
        supervisor(Strategy::OneForOne).children([outside.spec()]).child("inner", inner).start();
    let mut all = running.handle().tree_events();
    let inside = given.recv().await.unwrap();
    told(&mut all).await;
    let mut events = inside.tree_events();
    outside.fail("now");
    running.handle().restart_child("inner").await.unwrap();
    let from_root = told(&mut all).await;
    assert!(from_root.iter().any(|event| event.starts_with("root/outside outside exit")));
    assert_eq!(told(&mut events).await, from_root);
    // The stream is that of the tree, so it goes on although the supervisor `inner` has been
    // restarted.
    drop(running);
    settle().await;
    let (rest, ended) = received(&mut events).await;
    let exit = rest.iter().flatten().find(|event| event.path == "root/outside").unwrap();
    assert!(matches!(exit.kind, EventKind::Killed { reason: KillReason::Supervisor, .. }));
    let last = rest.last().unwrap().as_ref().unwrap();
    assert!(matches!(last.kind, EventKind::Exited { exit: Exit::Normal, .. }), "{last:?}");
    assert!(ended);
}
