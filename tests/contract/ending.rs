//! The end of a supervisor, and its result (rule 25).

use std::sync::Arc;

use sage_supervisor::{
    ChildContext, ChildSpec, DynamicSupervisor, RestartPolicy, SageError, Strategy, Supervisor,
};
use sage_supervisor_tests::{Log, Puppet, limit, settle, supervisor, unclean};

#[tokio::test(start_paused = true)]
async fn rule_25_it_ends_when_every_child_has_ended_for_good() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let running = supervisor(Strategy::OneForOne)
        .children([
            a.spec().restart(RestartPolicy::Transient),
            b.spec().restart(RestartPolicy::Temporary),
        ])
        .start();
    a.finish();
    settle().await;
    assert!(!running.handle().has_ended());
    b.finish();
    running.wait().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_25_a_temporary_failure_is_no_error() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let spec = a.spec().restart(RestartPolicy::Temporary);
    let running = supervisor(Strategy::OneForOne).children([spec]).start();
    a.fail("for good");
    running.wait().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_25_without_children_it_ends_at_once_unless_it_is_kept_alive() {
    supervisor(Strategy::OneForOne).run().await.unwrap();

    let kept = supervisor(Strategy::OneForOne).keep_alive(true).start();
    settle().await;
    assert!(!kept.handle().has_ended());
    kept.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_25_a_nested_supervisor_ends_normally_and_stays_down() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let inner =
        supervisor(Strategy::OneForOne).children([a.spec().restart(RestartPolicy::Transient)]);
    let running = supervisor(Strategy::OneForOne).child("inner", inner).start();
    a.finish();
    running.wait().await.unwrap();
    assert_eq!(a.starts(), 1, "its default policy is transient");
}

#[tokio::test(start_paused = true)]
async fn rule_25_run_can_be_called_again_and_begins_anew() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let mut tree = Supervisor::new(Strategy::OneForOne, limit(1)).children([a.spec()]);
    for round in 1..=3 {
        a.fail("first");
        a.fail("second");
        let error = tree.run().await.unwrap_err();
        assert!(matches!(error, SageError::Supervisor(_)));
        assert_eq!(a.starts(), 2 * round, "the limit is fresh");
    }
}

#[tokio::test(start_paused = true)]
async fn rule_25_children_can_be_added_between_two_runs() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let mut tree =
        supervisor(Strategy::OneForOne).children([a.spec().restart(RestartPolicy::Transient)]);
    a.finish();
    tree.run().await.unwrap();
    tree = tree.children([b.spec().restart(RestartPolicy::Transient)]);
    a.finish();
    b.finish();
    tree.run().await.unwrap();
    assert_eq!((a.starts(), b.starts()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn rule_26_a_handle_owns_nothing_and_gives_the_result_afterwards() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let running = Supervisor::new(Strategy::OneForOne, limit(0)).children([a.spec()]).start();
    let handle = running.handle();
    let waiting = tokio::spawn({
        let handle = handle.clone();
        async move { handle.wait().await }
    });
    a.fail("now");
    let error = running.wait().await.unwrap_err().to_string();
    assert_eq!(waiting.await.unwrap().unwrap_err().to_string(), error);
    assert_eq!(handle.wait().await.unwrap_err().to_string(), error);
    assert_eq!(handle.shutdown().await.unwrap_err().to_string(), error);
    assert!(handle.has_ended());
}

/// A child shuts its own tree down, without waiting for its own end.
#[tokio::test(start_paused = true)]
async fn rule_26_a_child_may_end_its_own_tree() {
    use sage_supervisor::{ChildContext, ChildSpec, SupervisorHandle};
    use std::sync::{Arc, OnceLock};

    let handle: Arc<OnceLock<SupervisorHandle>> = Arc::default();
    let to_child = Arc::clone(&handle);
    let child = ChildSpec::new("child", move |ctx: ChildContext| {
        let handle = Arc::clone(&to_child);
        async move {
            let handle = handle.get().expect("set before the first poll").clone();
            let asking = tokio::spawn(async move { handle.shutdown().await });
            ctx.cancelled().await;
            drop(asking);
        }
    });
    let running = supervisor(Strategy::OneForOne).children([child]).start();
    handle.set(running.handle()).expect("set once");
    let before = tokio::time::Instant::now();
    running.wait().await.unwrap();
    assert!(before.elapsed().as_millis() < 100, "nothing had to be killed");
}

/// The destructors of captured values belong to the end, whatever the way to it.
#[tokio::test(start_paused = true)]
async fn rule_25_what_start_functions_have_captured_is_dropped_before_the_end_is_told() {
    async fn deaf(_: ChildContext, _: Arc<()>) {
        std::future::pending::<()>().await;
    }
    for is_killed in [true, false] {
        let captured = Arc::new(());
        let spec = |name: &str| {
            let captured = Arc::clone(&captured);
            ChildSpec::new(name, move |ctx| deaf(ctx, Arc::clone(&captured)))
        };
        let pool = DynamicSupervisor::new();
        let inner = supervisor(Strategy::OneForOne).children([spec("b")]);
        let running = supervisor(Strategy::OneForOne)
            .children([spec("a")])
            .child("inner", inner)
            .child("pool", pool.clone())
            .start();
        running.started().await.unwrap();
        pool.start_child(spec("c")).await.unwrap();
        if is_killed {
            running.kill().await.unwrap();
        } else {
            assert_eq!(unclean(running.shutdown().await).split("; ").count(), 3);
        }
        assert_eq!(Arc::strong_count(&captured), 1, "killed: {is_killed}");
    }
}
