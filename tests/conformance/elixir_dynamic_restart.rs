//! The cases of Elixir's suite of `DynamicSupervisor` in which a restart does not go as the start
//! did. The table is in [`elixir_dynamic`](super::elixir_dynamic).

use sage_supervisor::{
    ChildContext, ChildSpec, ChildState, CommandError, DynamicSupervisor, SageError,
};
use sage_supervisor_tests::{Gated, Log, Puppet, limit, no_task_is_left, settle};
use tokio::time::timeout;

use crate::misc_b_restarting::failing_slowly;
use crate::{SECOND, counts, up_dynamic};

/// What a child does when it is started again.
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

/// Children that are up, decline, wait or fail when they are restarted: the first is there, the
/// second is gone, the others are being started. How each ends is no other's affair.
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
    running.shutdown().await.unwrap();
    assert_eq!(puppets.each_ref().map(Puppet::live), [0; 4]);
}

/// A child that cannot start again takes the only place, until it is stopped.
#[tokio::test(start_paused = true)]
async fn restarting_on_init_children_counted_in_max_children() {
    let log = Log::default();
    let pool = DynamicSupervisor::new().max_children(1).restart_limit(limit(1_000));
    let (running, handle) = up_dynamic(&pool).await;
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let name = pool.start_child(failing_slowly(&a)).await.unwrap();
    // Whenever it is asked: while one attempt is under way, and after the next.
    for starts in 2..6 {
        a.started(starts).await;
        let refused = pool.start_child(b.spec()).await;
        assert!(matches!(refused, Err(CommandError::MaxChildren)), "{refused:?}");
        assert_eq!(counts(&handle).await, [1, 1, 0, 0, 1]);
    }
    pool.stop_child(&name).await.unwrap();
    pool.start_child(b.spec()).await.unwrap();
    assert_eq!(counts(&handle).await, [1, 1, 0, 0, 1]);
    running.shutdown().await.unwrap();
}

/// A child that has been restarted takes one place, not two, and not none.
#[tokio::test(start_paused = true)]
async fn restarting_on_exit_children_counted_in_max_children() {
    let log = Log::default();
    let pool = DynamicSupervisor::new().max_children(1);
    let (running, handle) = up_dynamic(&pool).await;
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    pool.start_child(a.spec()).await.unwrap();
    for starts in 2..5 {
        a.fail("now");
        // In the very moment, and when it is over.
        for _ in 0..2 {
            let refused = pool.start_child(b.spec()).await;
            assert!(matches!(refused, Err(CommandError::MaxChildren)), "{refused:?}");
            settle().await;
        }
        assert_eq!((a.starts(), counts(&handle).await), (starts, [1, 1, 0, 0, 1]));
    }
    assert_eq!(b.starts(), 0);
    running.shutdown().await.unwrap();
}

/// A restart that fails is tried again, and that both are counted is all: a limit of two is enough.
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

/// A child that is never up again, under a limit: it is started once and as often as it allows.
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
