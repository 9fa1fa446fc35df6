//! Restart limits of single children (rule 20).

use std::time::Duration;

use sage_supervisor::{
    AutoShutdown, ChildContext, ChildSpec, ChildState, DynamicSupervisor, EventKind,
    InvalidTreeKind, RestartConfig, RestartPolicy, SageError, Strategy, Supervisor,
    SupervisorHandle,
};
use sage_supervisor_tests::{Gated, Log, Puppet, limit, settle, supervisor, unclean};
use tokio::time::sleep;

const SECOND: Duration = Duration::from_secs(1);

async fn state(handle: &SupervisorHandle, path: &str) -> ChildState {
    handle.child(path).await.unwrap().state
}

fn given_up(error: SageError) -> (String, u32, String) {
    let SageError::GivenUp(given_up) = error else { panic!("{error}") };
    (given_up.path, given_up.max_restarts, given_up.exit.to_string())
}

#[tokio::test(start_paused = true)]
async fn rule_20_a_child_that_exceeds_its_own_limit_is_given_up_alone() {
    for strategy in [Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne] {
        let log = Log::default();
        let [a, b, c] = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
        let running = Supervisor::new(strategy, limit(1))
            .children([a.spec(), b.spec().restart_limit(limit(1)), c.spec()])
            .start();
        let handle = running.handle();
        let mut events = handle.tree_events();
        settle().await;
        b.fail("once");
        b.started(2).await;
        settle().await;
        log.take();
        b.fail("twice");
        settle().await;
        assert_eq!(log.take(), "-b", "{strategy:?}: no sibling is touched");
        assert_eq!(state(&handle, "b").await, ChildState::GivenUp);
        assert!(handle.tree().await.unwrap().to_string().contains("given up"));
        // Only the first failure was charged to the supervisor; a second charge would exceed its
        // limit.
        let told = async {
            loop {
                if let EventKind::ChildGivenUp { exit, used, allowed, .. } =
                    events.recv().await.unwrap().unwrap().kind
                {
                    return (exit.to_string(), used, allowed);
                }
            }
        };
        assert_eq!(told.await, ("error: twice".to_owned(), 2, 1));
        let error = running.shutdown().await.unwrap_err();
        assert_eq!(given_up(error), ("root/b".to_owned(), 1, "error: twice".to_owned()));
    }
}

#[tokio::test(start_paused = true)]
async fn rule_20_a_restart_that_it_allows_is_charged_to_both() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let running = Supervisor::new(Strategy::OneForOne, limit(2))
        .children([a.spec().restart_limit(limit(5)), b.spec()])
        .start();
    a.fail("once");
    a.started(2).await;
    a.fail("twice");
    a.started(3).await;
    b.fail("one too many");
    let error = running.wait().await.unwrap_err();
    assert!(matches!(error, SageError::Supervisor(_)), "{error}");
}

#[tokio::test(start_paused = true)]
async fn rule_20_the_window_is_the_childs_own() {
    let a = Puppet::new("a", &Log::default());
    let own = RestartConfig { max_restarts: 1, within: SECOND };
    let running = Supervisor::new(Strategy::OneForOne, limit(9))
        .children([a.spec().restart_limit(own)])
        .start();
    settle().await;
    for starts in 2..6 {
        a.fail("now and then");
        a.started(starts).await;
        sleep(SECOND + Duration::from_millis(1)).await;
    }
    a.fail("too");
    a.started(6).await;
    sleep(SECOND).await;
    a.fail("often: exactly a window ago still counts");
    settle().await;
    assert_eq!(a.starts(), 6);
    assert_eq!(given_up(running.wait().await.unwrap_err()).1, 1, "it was the last one");
}

#[tokio::test(start_paused = true)]
async fn rule_20_it_is_started_again_by_hand_or_with_its_group() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let running = Supervisor::new(Strategy::OneForAll, limit(9))
        .children([a.spec(), b.spec().restart_limit(limit(0))])
        .start();
    let handle = running.handle();
    settle().await;
    b.fail("given up");
    settle().await;
    assert_eq!(state(&handle, "b").await, ChildState::GivenUp);
    handle.restart_child("b").await.unwrap();
    assert_eq!((state(&handle, "b").await, b.starts()), (ChildState::Running, 2));
    b.fail("given up again");
    settle().await;
    assert_eq!(state(&handle, "b").await, ChildState::GivenUp);
    a.fail("takes the group along");
    b.started(3).await;
    settle().await;
    assert_eq!(state(&handle, "b").await, ChildState::Running);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_25_the_last_one_given_up_ends_the_supervisor_with_an_error() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let transient = b.spec().restart(RestartPolicy::Transient);
    let running = Supervisor::new(Strategy::OneForOne, limit(9))
        .children([a.spec().restart_limit(limit(0)), transient])
        .start();
    settle().await;
    a.fail("for good");
    settle().await;
    assert!(!running.handle().has_ended());
    b.finish();
    let error = running.wait().await.unwrap_err();
    assert_eq!(given_up(error), ("root/a".to_owned(), 0, "error: for good".to_owned()));
}

/// A child that is removed by hand no longer counts as given up.
#[tokio::test(start_paused = true)]
async fn rule_25_one_that_was_removed_is_forgotten() {
    let a = Puppet::new("a", &Log::default());
    let running = Supervisor::new(Strategy::OneForOne, limit(9))
        .keep_alive(true)
        .children([a.spec().restart_limit(limit(0))])
        .start();
    settle().await;
    a.fail("for good");
    settle().await;
    running.handle().remove_child("a").await.unwrap();
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_20_a_nested_supervisor_that_gave_a_child_up_is_no_failure_while_it_runs() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let inner = Supervisor::new(Strategy::OneForOne, limit(9))
        .children([a.spec().restart_limit(limit(0)), b.spec()]);
    let running = Supervisor::new(Strategy::OneForOne, limit(9)).child("inner", inner).start();
    settle().await;
    a.fail("for good");
    settle().await;
    assert_eq!(state(&running.handle(), "inner").await, ChildState::Running);
    // The nested supervisor ends with an error when its parent stops it, as it would at the root.
    let unclean = unclean(running.shutdown().await);
    assert!(
        unclean.starts_with("root/inner: error: child `root/inner/a` was given up"),
        "{unclean}"
    );
    assert_eq!((a.starts(), b.starts()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn rule_20_failed_starts_count_for_it_too() {
    let log = Log::default();
    let (gated, b) = (Gated::new("a", &log), Puppet::new("b", &log));
    let child = gated.spec().ready_within(SECOND).restart_limit(limit(2));
    let running =
        Supervisor::new(Strategy::OneForAll, limit(9)).children([child, b.spec()]).start();
    gated.open();
    b.started(1).await;
    settle().await;
    gated.shut();
    gated.puppet.fail("first");
    gated.puppet.started(3).await;
    // The third start is refused, and the start of the group goes on without the child.
    b.started(2).await;
    assert_eq!(state(&running.handle(), "a").await, ChildState::GivenUp);
    running.shutdown().await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn rule_24_a_significant_child_that_is_given_up_ends_its_supervisor() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let significant =
        a.spec().restart(RestartPolicy::Transient).restart_limit(limit(0)).significant();
    let running = Supervisor::new(Strategy::OneForOne, limit(9))
        .auto_shutdown(AutoShutdown::AnySignificant)
        .children([significant, b.spec()])
        .start();
    settle().await;
    a.fail("for good");
    let error = running.wait().await.unwrap_err();
    assert!(matches!(error, SageError::Significant(_)), "{error}");
}

#[tokio::test(start_paused = true)]
async fn rule_20_a_dynamic_supervisor_forgets_a_child_that_is_given_up() {
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &Log::default()));
    for puppet in [&a, &b] {
        pool.start_child(puppet.spec().restart_limit(limit(1))).await.unwrap();
    }
    settle().await;
    for starts in 2..4 {
        a.fail("again");
        settle().await;
        assert_eq!(a.starts(), starts.min(2));
    }
    assert_eq!(pool.counts().await.unwrap().specs, 1);
    assert_eq!(b.starts(), 1);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_4_the_window_of_a_child_is_longer_than_zero() {
    let own = RestartConfig { max_restarts: 1, within: Duration::ZERO };
    let a = Puppet::new("a", &Log::default()).spec().restart_limit(own);
    let error = supervisor(Strategy::OneForOne).children([a]).start().wait().await.unwrap_err();
    let SageError::Invalid(invalid) = error else { panic!("{error}") };
    assert_eq!(invalid.kind, InvalidTreeKind::ZeroChildWindow("a".to_owned()));
}

/// A child asks for the end of its nested supervisor. That end is a normal exit, so the parent does
/// not restart the supervisor.
#[tokio::test(start_paused = true)]
async fn rule_30_asked_from_inside_a_nested_supervisor_ends_well_whatever_was_given_up() {
    let log = Log::default();
    let bad = Puppet::new("bad", &log);
    let asks = ChildSpec::new("asks", async |ctx: ChildContext| {
        sleep(SECOND).await;
        ctx.shutdown_supervisor("all is done");
        ctx.cancelled().await;
    });
    let inner = Supervisor::new(Strategy::OneForOne, limit(9))
        .children([bad.spec().restart_limit(limit(0)), asks]);
    let running = Supervisor::new(Strategy::OneForOne, limit(9))
        .keep_alive(true)
        .child("inner", inner)
        .start();
    settle().await;
    bad.fail("for good");
    sleep(SECOND * 10).await;
    assert_eq!(state(&running.handle(), "inner").await, ChildState::Finished);
    running.shutdown().await.unwrap();
}
