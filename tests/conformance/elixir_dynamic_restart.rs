//! The cases of Elixir's suite of `DynamicSupervisor` in which a restart does not go as the start
//! did. The table is in [`elixir_dynamic`](super::elixir_dynamic).

use sage_supervisor::{
    ChildContext, ChildSpec, ChildState, CommandError, DynamicSupervisor, SageError,
};
use sage_supervisor_tests::{Gated, Log, Puppet, limit, no_task_is_left, settle, unclean};
use tokio::time::timeout;

use crate::misc_b_restarting::failing_slowly;
use crate::{SECOND, counts, up_dynamic};

/// The behaviour of a child that is started again.
#[derive(Clone, Copy)]
enum Again {
    Runs,
    Declines,
    Waits,
}

/// A child that is up at its first start.
fn child(puppet: &Puppet, again: Again) -> ChildSpec {
    let puppet = puppet.clone();
    let spec = ChildSpec::new(puppet.name().to_owned(), move |ctx: ChildContext| {
        let puppet = puppet.clone();
        async move {
            match again {
                _ if ctx.restarts() == 0 => ctx.ready().await,
                Again::Runs => ctx.ready().await,
                Again::Declines => ctx.decline().await,
                Again::Waits => {}
            }
            puppet.act_with(ctx).await
        }
    });
    spec.ready_within(SECOND * 100)
}

/// Some children come up when they are restarted, some decline, some wait and some fail. The first
/// are running, the second are gone, and the others are being started. The end of one does not
/// affect the others.
#[tokio::test(start_paused = true)]
async fn child_is_restarted_with_different_values() {
    let log = Log::default();
    let pool = DynamicSupervisor::new().restart_limit(limit(1_000));
    let (running, handle) = up_dynamic(&pool).await;
    let puppets @ [runs, declines, waits, fails] =
        &["runs", "declines", "waits", "fails"].map(|name| Puppet::new(name, &log));
    pool.start_named("runs", child(runs, Again::Runs)).await.unwrap();
    pool.start_named("declines", child(declines, Again::Declines)).await.unwrap();
    pool.start_named("waits", child(waits, Again::Waits)).await.unwrap();
    pool.start_named("fails", failing_slowly(fails)).await.unwrap();
    assert_eq!(counts(&handle).await, [4, 4, 0, 0, 4]);
    for puppet in &puppets[..3] {
        puppet.fail("now");
    }
    fails.started(3).await;
    assert_eq!([runs.starts(), declines.starts(), waits.starts()], [2; 3]);
    let mut seen = vec![];
    for child in handle.children().await.unwrap() {
        seen.push((child.name, child.state, child.restarts));
    }
    let expected = [
        ("runs".to_owned(), ChildState::Running, 1),
        ("waits".to_owned(), ChildState::Starting, 1),
        ("fails".to_owned(), ChildState::Starting, 2),
    ];
    assert_eq!(seen, expected);
    assert_eq!(counts(&handle).await, [3, 3, 0, 0, 3]);
    assert_eq!(unclean(running.shutdown().await), "root/fails: error: it hangs");
    assert_eq!(puppets.each_ref().map(Puppet::live), [0; 4]);
}

/// A child that cannot start again keeps the only place until it is stopped.
#[tokio::test(start_paused = true)]
async fn restarting_on_init_children_counted_in_max_children() {
    let log = Log::default();
    let pool = DynamicSupervisor::new().max_children(1).restart_limit(limit(1_000));
    let (running, handle) = up_dynamic(&pool).await;
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let name = pool.start_child(failing_slowly(&a)).await.unwrap();
    // The place is taken while an attempt is in progress, and after the next one.
    for starts in 2..6 {
        a.started(starts).await;
        let refused = pool.start_child(b.spec()).await;
        assert!(matches!(refused, Err(CommandError::MaxChildren { .. })), "{refused:?}");
        assert_eq!(counts(&handle).await, [1, 1, 0, 0, 1]);
    }
    pool.stop_child(&name).await.unwrap();
    pool.start_child(b.spec()).await.unwrap();
    assert_eq!(counts(&handle).await, [1, 1, 0, 0, 1]);
    running.shutdown().await.unwrap();
}

/// A child that has been restarted takes exactly one place.
#[tokio::test(start_paused = true)]
async fn restarting_on_exit_children_counted_in_max_children() {
    let log = Log::default();
    let pool = DynamicSupervisor::new().max_children(1);
    let (running, handle) = up_dynamic(&pool).await;
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    pool.start_child(a.spec()).await.unwrap();
    for starts in 2..5 {
        a.fail("now");
        // The place is taken at the moment of the exit, and after the restart.
        for _ in 0..2 {
            let refused = pool.start_child(b.spec()).await;
            assert!(matches!(refused, Err(CommandError::MaxChildren { .. })), "{refused:?}");
            settle().await;
        }
        assert_eq!((a.starts(), counts(&handle).await), (starts, [1, 1, 0, 0, 1]));
    }
    assert_eq!(b.starts(), 0);
    running.shutdown().await.unwrap();
}

/// A failed restart is tried again. Both attempts are counted and nothing else is, so a limit of
/// two is enough.
#[tokio::test(start_paused = true)]
async fn child_is_restarted_when_trying_again() {
    let log = Log::default();
    let pool = DynamicSupervisor::new().restart_limit(limit(2));
    let (running, handle) = up_dynamic(&pool).await;
    let a = Gated::new("a", &log);
    a.open();
    pool.start_child(a.spec()).await.unwrap();
    a.shut();
    a.puppet.fail("now");
    a.puppet.fail("not yet");
    a.puppet.started(3).await;
    a.open();
    settle().await;
    assert_eq!(pool.child("a-1").await.unwrap().state, ChildState::Running);
    assert_eq!(counts(&handle).await, [1, 1, 0, 0, 1]);
    running.shutdown().await.unwrap();
    assert_eq!(a.puppet.starts(), 3);
}

/// A child that never comes up again, under a limit. The child is started once, and then as often
/// as the limit allows.
async fn never_up_again(max_restarts: u32) {
    let log = Log::default();
    let pool = DynamicSupervisor::new().restart_limit(limit(max_restarts));
    let (running, _) = up_dynamic(&pool).await;
    let (a, b) = (Gated::new("a", &log), Puppet::new("b", &log));
    a.open();
    pool.start_child(a.spec()).await.unwrap();
    pool.start_child(b.spec()).await.unwrap();
    a.shut();
    for _ in 0..=max_restarts {
        a.puppet.fail("never");
    }
    let error = timeout(SECOND * 1_000, running.wait()).await.unwrap().unwrap_err();
    let SageError::Supervisor(reached) = error else { panic!("{error}") };
    assert_eq!((reached.child.as_str(), reached.max_restarts), ("a-1", max_restarts));
    let starts = usize::try_from(max_restarts).unwrap() + 1;
    assert_eq!((a.puppet.starts(), b.starts(), b.live()), (starts, 1, 0));
    no_task_is_left().await;
}

#[tokio::test(start_paused = true)]
async fn child_triggers_maximum_restarts() {
    never_up_again(1).await;
}

#[tokio::test(start_paused = true)]
async fn child_triggers_maximum_intensity_when_trying_again() {
    never_up_again(10).await;
}
