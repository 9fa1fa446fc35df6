//! Significant children, and temporary siblings that are removed (rules 13, 24 and 25).

use std::error::Error;

use std::time::Duration;

use sage_supervisor::{
    AutoShutdown, InvalidTreeKind, RestartPolicy, SageError, Strategy, Supervisor,
    TemporarySiblings,
};
use sage_supervisor_tests::{Log, Puppet, limit, settle, supervisor};

const STRATEGIES: [Strategy; 3] = [Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne];

/// The whole matrix of settings: the accepted ones, and for all others the rule that they break.
#[tokio::test(start_paused = true)]
async fn rule_24_the_matrix_of_significance() {
    let log = Log::default();
    let modes = [AutoShutdown::Never, AutoShutdown::AnySignificant, AutoShutdown::AllSignificant];
    let policies = [RestartPolicy::Permanent, RestartPolicy::Transient, RestartPolicy::Temporary];
    for mode in modes {
        for policy in policies {
            let child = Puppet::new("a", &log).spec().restart(policy).significant();
            let running =
                supervisor(Strategy::OneForOne).auto_shutdown(mode).children([child]).start();
            settle().await;
            let expected = if policy == RestartPolicy::Permanent {
                Some(InvalidTreeKind::SignificantPermanent("a".to_owned()))
            } else if mode == AutoShutdown::Never {
                Some(InvalidTreeKind::SignificantWithoutAutoShutdown("a".to_owned()))
            } else {
                None
            };
            match (running.shutdown().await, expected) {
                (Ok(()), None) => {}
                (Err(SageError::Invalid(invalid)), Some(expected)) => {
                    assert_eq!(invalid.kind, expected);
                }
                (result, expected) => {
                    panic!("{mode:?}, {policy:?}: {result:?} and not {expected:?}");
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn rule_24_any_the_first_end_for_good_stops_the_others_in_reverse() {
    for strategy in STRATEGIES {
        let log = Log::default();
        let [a, b, c] = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
        let running = supervisor(strategy)
            .auto_shutdown(AutoShutdown::AnySignificant)
            .children([
                a.spec(),
                b.spec().restart(RestartPolicy::Transient).significant(),
                c.spec(),
            ])
            .start();
        settle().await;
        log.take();
        b.finish();
        running.wait().await.unwrap();
        assert_eq!(log.take(), "-b -c -a", "{strategy:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn rule_24_any_a_failure_that_leads_to_a_restart_does_not_trigger() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let running = supervisor(Strategy::OneForOne)
        .auto_shutdown(AutoShutdown::AnySignificant)
        .children([a.spec().restart(RestartPolicy::Transient).significant()])
        .start();
    a.fail("now");
    a.started(2).await;
    a.finish();
    running.wait().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_24_an_insignificant_child_never_triggers() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    for mode in [AutoShutdown::AnySignificant, AutoShutdown::AllSignificant] {
        let running = supervisor(Strategy::OneForOne)
            .auto_shutdown(mode)
            .children([
                a.spec().restart(RestartPolicy::Temporary),
                b.spec().restart(RestartPolicy::Transient).significant(),
            ])
            .start();
        settle().await;
        a.fail("for good");
        settle().await;
        assert!(!running.handle().has_ended());
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn rule_24_all_only_the_last_triggers() {
    let log = Log::default();
    let [a, b, c] = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
    let running = supervisor(Strategy::OneForOne)
        .auto_shutdown(AutoShutdown::AllSignificant)
        .children([
            a.spec().restart(RestartPolicy::Transient).significant(),
            b.spec().restart(RestartPolicy::Temporary).significant(),
            c.spec(),
        ])
        .start();
    settle().await;
    log.take();
    a.finish();
    settle().await;
    assert_eq!(log.take(), "-a");
    b.finish();
    running.wait().await.unwrap();
    assert_eq!(log.take(), "-b -c");
}

#[tokio::test(start_paused = true)]
async fn rule_24_all_two_that_end_at_the_same_moment_trigger() {
    let log = Log::default();
    let [a, b, c] = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
    let running = supervisor(Strategy::OneForOne)
        .auto_shutdown(AutoShutdown::AllSignificant)
        .children([
            a.spec().restart(RestartPolicy::Transient).significant(),
            b.spec().restart(RestartPolicy::Transient).significant(),
            c.spec(),
        ])
        .start();
    settle().await;
    b.finish();
    a.finish();
    running.wait().await.unwrap();
}

/// The significant child is restarted as a sibling, or has ended at the moment of the decision.
#[tokio::test(start_paused = true)]
async fn rule_24_a_siblings_group_restart_never_triggers() {
    for mode in [AutoShutdown::AnySignificant, AutoShutdown::AllSignificant] {
        for strategy in [Strategy::OneForAll, Strategy::RestForOne] {
            for at_once in [false, true] {
                let log = Log::default();
                let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
                let running = supervisor(strategy)
                    .auto_shutdown(mode)
                    .children([a.spec(), b.spec().restart(RestartPolicy::Temporary).significant()])
                    .start();
                settle().await;
                if at_once {
                    b.finish();
                }
                a.fail("now");
                b.started(2).await;
                settle().await;
                assert!(!running.handle().has_ended(), "{mode:?} {strategy:?} {at_once}");
                b.finish();
                running.wait().await.unwrap();
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn rule_25_the_failed_exit_of_a_significant_child_is_an_error_that_names_it() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let running = supervisor(Strategy::OneForOne)
        .name("app")
        .auto_shutdown(AutoShutdown::AllSignificant)
        .children([
            a.spec().restart(RestartPolicy::Temporary).significant(),
            b.spec().restart(RestartPolicy::Temporary).significant(),
        ])
        .start();
    settle().await;
    a.fail("out of paper");
    settle().await;
    b.finish();
    let error = running.wait().await.unwrap_err();
    assert_eq!(format!("{error:#}"), "significant child `app/a` failed: error: out of paper");
    assert_eq!(error.source().unwrap().to_string(), "out of paper");
}

/// A failure is forgotten if a group restart has started the child again.
#[tokio::test(start_paused = true)]
async fn rule_25_a_significant_child_that_was_started_again_has_not_failed() {
    let log = Log::default();
    let [a, b, c] = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
    let running = supervisor(Strategy::OneForAll)
        .auto_shutdown(AutoShutdown::AllSignificant)
        .children([
            a.spec().restart(RestartPolicy::Temporary).significant(),
            b.spec().restart(RestartPolicy::Temporary).significant(),
            c.spec(),
        ])
        .start();
    settle().await;
    a.fail("for now");
    settle().await;
    c.fail("which starts `a` again");
    a.started(2).await;
    settle().await;
    a.finish();
    b.finish();
    running.wait().await.unwrap();
}

/// The end of the inner supervisor ends the outer one only if the entry is significant.
#[tokio::test(start_paused = true)]
async fn rule_24_it_cascades_through_significant_entries_only() {
    for significant in [false, true] {
        let log = Log::default();
        let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
        let inner = supervisor(Strategy::OneForOne)
            .auto_shutdown(AutoShutdown::AnySignificant)
            .children([a.spec().restart(RestartPolicy::Transient).significant()]);
        let mut inner = sage_supervisor::IntoChild::into_child(inner, "inner".to_owned());
        if significant {
            inner = inner.significant();
        }
        let running = supervisor(Strategy::OneForOne)
            .auto_shutdown(AutoShutdown::AnySignificant)
            .children([inner, b.spec()])
            .start();
        settle().await;
        a.finish();
        settle().await;
        assert_eq!(running.handle().has_ended(), significant);
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn rule_24_a_reached_restart_limit_is_the_result_also_beside_a_departure() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let running = Supervisor::new(Strategy::OneForOne, limit(0))
        .auto_shutdown(AutoShutdown::AnySignificant)
        .children([a.spec(), b.spec().restart(RestartPolicy::Temporary).significant()])
        .start();
    settle().await;
    b.finish();
    a.fail("now");
    let error = running.wait().await.unwrap_err();
    assert!(matches!(error, SageError::Supervisor(_)), "{error}");
}

#[tokio::test(start_paused = true)]
async fn rule_13_removed_temporary_siblings_are_stopped_and_not_started_again() {
    for strategy in [Strategy::OneForAll, Strategy::RestForOne] {
        let log = Log::default();
        let [a, gone, t, c] = ["a", "gone", "t", "c"].map(|name| Puppet::new(name, &log));
        let inner = Supervisor::new(strategy, limit(1))
            .temporary_siblings(TemporarySiblings::Remove)
            .children([
                a.spec(),
                gone.spec().restart(RestartPolicy::Temporary),
                t.spec().restart(RestartPolicy::Temporary),
                c.spec().restart(RestartPolicy::Transient),
            ]);
        let running = supervisor(Strategy::OneForOne).child("inner", inner).start();
        settle().await;
        gone.finish();
        c.finish();
        settle().await;
        log.take();
        a.fail("now");
        settle().await;
        assert_eq!(log.take(), "-a -t +a +c", "{strategy:?}: what had finished starts again");
        // All declared children come back when the supervisor itself is restarted.
        a.fail("beyond the limit");
        settle().await;
        assert_eq!(log.take(), "-a -c +a +gone +t +c");
        running.shutdown().await.unwrap();
    }
}

/// A child that waits for its restart has not ended for good (rule 21).
#[tokio::test(start_paused = true)]
async fn rule_24_all_one_that_waits_for_its_restart_is_left() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let running = supervisor(Strategy::OneForOne)
        .auto_shutdown(AutoShutdown::AllSignificant)
        .backoff(|_: u32| Duration::from_secs(1))
        .children(
            [&a, &b].map(|puppet| puppet.spec().restart(RestartPolicy::Transient).significant()),
        )
        .start();
    settle().await;
    a.fail("waits");
    b.finish();
    settle().await;
    assert!(!running.handle().has_ended());
    a.started(2).await;
    a.finish();
    running.wait().await.unwrap();
}
