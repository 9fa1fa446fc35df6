//! Threads that are lent a value (rule 32).

use std::sync::Arc;

use sage_supervisor::{
    BlockingContext, ChildSpec, CommandError, DynamicSupervisor, EventKind, Exit, InvalidTreeKind,
    Lent, RestartPolicy, StartFailure, Strategy,
};
use sage_supervisor_tests::{quiet_panics, supervisor};
use tokio::sync::mpsc;

use super::FAR;

#[tokio::test]
async fn rule_32_the_next_thread_finds_it_as_the_last_has_left_it() {
    quiet_panics();
    let (tell, mut found) = mpsc::unbounded_channel();
    let start = move |ctx: BlockingContext, mut starts: Lent<Vec<usize>>| {
        tell.send((starts.clone(), Lent::last_holder_panicked(&starts))).unwrap();
        let start = starts.len() + 1;
        starts.push(start);
        match start {
            1 => return Err("gone"),
            2 => panic!("expected: gone"),
            3 => {}
            _ => assert!(ctx.wait_cancelled(FAR), "asked in time"),
        }
        Ok(())
    };
    let spec = ChildSpec::blocking_lending("a", vec![], start);
    let running = supervisor(Strategy::OneForOne).children([spec]).start();
    for expected in [(vec![], false), (vec![1], false), (vec![1, 2], true), (vec![1, 2, 3], false)]
    {
        assert_eq!(found.recv().await.unwrap(), expected);
    }
    running.shutdown().await.unwrap();
}

#[tokio::test]
async fn rule_32_a_thread_is_not_started_without_what_it_is_lent() {
    let (escape, mut escaped) = mpsc::unbounded_channel();
    let start = move |ctx: BlockingContext, value: Lent<u32>| {
        ctx.ready();
        escape.send(value).unwrap();
    };
    let spec = ChildSpec::blocking_lending("a", 7, start)
        .restart(RestartPolicy::Temporary)
        .ready_within(FAR);
    let running = supervisor(Strategy::OneForOne).children([spec]).keep_alive(true).start();
    let handle = running.handle();
    let mut events = handle.tree_events();
    let value = escaped.recv().await.unwrap();
    while !matches!(events.recv().await.unwrap().unwrap().kind, EventKind::Exited { .. }) {}
    let refused = handle.restart_child("a").await.unwrap_err();
    let CommandError::FailedStart { exit, .. } = &refused else { panic!("{refused}") };
    assert!(matches!(exit, Exit::FailedStart(StartFailure::LentValueMissing)), "{exit}");
    drop(value);
    handle.restart_child("a").await.unwrap();
    assert_eq!(*escaped.recv().await.unwrap(), 7);
    running.shutdown().await.unwrap();
}

#[tokio::test]
async fn rule_32_a_template_that_lends_to_threads_is_refused() {
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    running.started().await.unwrap();
    let spec = ChildSpec::blocking_lending("a", 0, |_, _: Lent<u32>| {});
    let refused = pool.start_child(Arc::new(spec)).await.unwrap_err();
    let CommandError::Invalid(invalid) = &refused else { panic!("{refused}") };
    assert_eq!(invalid.kind, InvalidTreeKind::SharedLentValue("a".to_owned()));
    running.shutdown().await.unwrap();
}
