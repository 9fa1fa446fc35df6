//! Significant children of dynamic supervisors (rule 24).

use std::sync::Arc;

use sage_supervisor::{
    AutoShutdown, ChildContext, ChildSpec, ChildState, CommandError, DynamicSupervisor,
    InvalidTreeKind, OnceChild, RestartPolicy, SageError, Strategy,
};
use sage_supervisor_tests::{Log, Puppet, settle, supervisor};
use tokio::sync::oneshot;

use AutoShutdown::{AllSignificant, AnySignificant, Never};

async fn idle(ctx: ChildContext) {
    ctx.cancelled().await;
}

fn significant(puppet: &Puppet) -> ChildSpec {
    puppet.spec().restart(RestartPolicy::Transient).significant()
}

#[tokio::test(start_paused = true)]
async fn rule_24_a_dynamic_child_is_significant_where_that_means_something() {
    for mode in [Never, AnySignificant, AllSignificant] {
        let pool = DynamicSupervisor::new().auto_shutdown(mode);
        let running = pool.clone().start();
        settle().await;
        let policies =
            [RestartPolicy::Permanent, RestartPolicy::Transient, RestartPolicy::Temporary];
        for policy in policies {
            let spec = || ChildSpec::new("a", idle).restart(policy).significant();
            let rule = match (policy, mode) {
                (RestartPolicy::Permanent, _) => {
                    Some(InvalidTreeKind::SignificantPermanent("a".to_owned()))
                }
                (_, Never) => Some(InvalidTreeKind::SignificantWithoutAutoShutdown("a".to_owned())),
                _ => None,
            };
            for started in [
                pool.start_child(spec()).await,
                pool.start_child(Arc::new(spec())).await,
                running.handle().start_child(spec()).await.map(|()| String::new()),
            ] {
                match (started, &rule) {
                    (Ok(_), None) => {}
                    (Err(CommandError::Invalid(invalid)), Some(rule)) => {
                        assert_eq!(&invalid.kind, rule);
                    }
                    (started, _) => panic!("{mode:?}, {policy:?}: {started:?}"),
                }
            }
        }
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn rule_24_any_significant_dynamic_child_ends_its_supervisor() {
    let log = Log::default();
    let pool = DynamicSupervisor::new().auto_shutdown(AnySignificant);
    let app = supervisor(Strategy::OneForOne).keep_alive(true).child("pool", pool.clone()).start();
    app.started().await.unwrap();
    let [a, b, c] = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
    let template = Arc::new(significant(&a));
    for _ in 0..2 {
        pool.start_child(Arc::clone(&template)).await.unwrap();
    }
    pool.start_child(b.spec()).await.unwrap();
    pool.start_child(c.spec().restart(RestartPolicy::Temporary)).await.unwrap();
    log.take();
    // Neither a restart nor the end of a child that is not significant counts.
    a.fail("again");
    c.finish();
    settle().await;
    assert_eq!(log.take(), "-a -c +a");
    a.finish();
    settle().await;
    assert_eq!((a.live(), b.live()), (0, 0));
    // The supervisor has ended well, and is transient by default.
    assert_eq!(app.handle().child("pool").await.unwrap().state, ChildState::Finished);
    assert!(matches!(pool.start_child(b.spec()).await, Err(CommandError::NotRunning { .. })));
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_24_all_the_last_significant_dynamic_child_ends_its_supervisor() {
    let log = Log::default();
    let pool = DynamicSupervisor::new().auto_shutdown(AllSignificant);
    let running = pool.clone().start();
    settle().await;
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| Puppet::new(name, &log));
    // An end means nothing as long as there was no significant child.
    pool.start_child(d.spec().restart(RestartPolicy::Temporary)).await.unwrap();
    d.finish();
    settle().await;
    assert_eq!(pool.counts().await.unwrap().specs, 0);
    pool.start_child(significant(&a)).await.unwrap();
    pool.start_child(significant(&b)).await.unwrap();
    a.finish();
    settle().await;
    pool.start_child(significant(&c)).await.unwrap();
    b.finish();
    settle().await;
    assert_eq!(pool.counts().await.unwrap().specs, 1);
    c.finish();
    running.wait().await.unwrap();
}

/// A departure long ago, of a child of which nothing is left, is still the error of the end.
#[tokio::test(start_paused = true)]
async fn rule_24_a_failed_significant_dynamic_child_is_the_error() {
    let log = Log::default();
    let pool = DynamicSupervisor::new().auto_shutdown(AllSignificant);
    let running = pool.clone().start();
    settle().await;
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let temporary = |puppet: &Puppet| puppet.spec().restart(RestartPolicy::Temporary).significant();
    pool.start_child(temporary(&a)).await.unwrap();
    pool.start_child(temporary(&b)).await.unwrap();
    a.fail("boom");
    settle().await;
    assert_eq!(pool.counts().await.unwrap().specs, 1, "nothing is left of the first one");
    b.finish();
    let error = running.wait().await.unwrap_err();
    let SageError::Significant(exit) = error else { panic!("{error}") };
    assert_eq!((exit.path.as_str(), exit.exit.to_string().as_str()), ("root/a-1", "error: boom"));
}

/// A child that is stopped by hand, or aborted by its owner, does not trigger, even if it is the last one.
#[tokio::test(start_paused = true)]
async fn rule_24_a_dynamic_child_that_is_stopped_or_aborted_does_not_trigger() {
    for mode in [AnySignificant, AllSignificant] {
        let pool = DynamicSupervisor::new().auto_shutdown(mode);
        let running = pool.clone().start();
        settle().await;
        let name = pool.start_child(OnceChild::new("a", idle).significant()).await.unwrap();
        pool.stop_child(&name).await.unwrap();
        let task = pool.task("b").significant().spawn(idle).await.unwrap();
        task.abort();
        task.await.unwrap_err();
        settle().await;
        assert_eq!(pool.counts().await.unwrap().specs, 0);
        assert!(!running.handle().has_ended(), "{mode:?}");
        let (end, ended) = oneshot::channel::<()>();
        let task = pool.task("c").significant().spawn(async move |_| drop(ended.await));
        let task = task.await.unwrap();
        drop(end);
        task.await.unwrap();
        running.wait().await.unwrap();
    }
}

/// A significant child that waits for its restart is left.
#[tokio::test(start_paused = true)]
async fn rule_24_all_a_significant_dynamic_child_that_waits_for_its_restart_is_left() {
    let log = Log::default();
    let second = std::time::Duration::from_secs(1);
    let pool = DynamicSupervisor::new().auto_shutdown(AllSignificant).backoff(move |_: u32| second);
    let running = pool.clone().start();
    settle().await;
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    pool.start_child(significant(&a)).await.unwrap();
    pool.start_child(significant(&b)).await.unwrap();
    a.fail("later");
    settle().await;
    b.finish();
    settle().await;
    assert!(!running.handle().has_ended());
    tokio::time::sleep(second).await;
    a.finish();
    running.wait().await.unwrap();
}
