//! The group `significant`: supervisors that end with their significant children.

use sage_supervisor::{AutoShutdown, ChildSpec, IntoChild, RestartPolicy, SageError, Strategy};
use sage_supervisor_tests::{Log, Puppet, no_task_is_left, quiet_panics, settle, supervisor};

use crate::up;

const STRATEGIES: [Strategy; 3] = [Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne];
const MODES: [AutoShutdown; 2] = [AutoShutdown::AnySignificant, AutoShutdown::AllSignificant];

fn significant(puppet: &Puppet, policy: RestartPolicy) -> ChildSpec {
    puppet.spec().restart(policy).significant()
}

/// However a child that is not significant ends, and in whatever mode, its supervisor stays up.
async fn nonsignificant(policy: RestartPolicy) {
    quiet_panics();
    for mode in [AutoShutdown::Never, MODES[0], MODES[1]] {
        for end in 0..4 {
            let log = Log::default();
            let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
            let tree = supervisor(Strategy::OneForOne)
                .auto_shutdown(mode)
                .children([a.spec().restart(policy), b.spec()]);
            let (running, handle) = up(tree).await;
            match end {
                0 => a.finish(),
                1 => a.fail("now"),
                2 => a.panic("expected: now"),
                _ => handle.stop_child("a").await.unwrap(),
            }
            settle().await;
            assert!(!handle.has_ended(), "{mode:?} {end}");
            assert_eq!((b.starts(), b.live()), (1, 1));
            running.shutdown().await.unwrap();
        }
    }
}

/// The exit of a temporary child that is not significant never triggers.
#[tokio::test(start_paused = true)]
async fn nonsignificant_temporary() {
    nonsignificant(RestartPolicy::Temporary).await;
}

/// The exit of a transient child that is not significant never triggers.
#[tokio::test(start_paused = true)]
async fn nonsignificant_transient() {
    nonsignificant(RestartPolicy::Transient).await;
}

/// Any exit of a temporary significant child triggers, except a stop by hand; in the mode `all`
/// only the last one does. OTP's supervisor always ends with `shutdown`; if the child had failed,
/// ours ends with an error that names it (rule 25).
#[tokio::test(start_paused = true)]
async fn significant_temporary() {
    quiet_panics();
    for mode in MODES {
        for end in 0..3 {
            let log = Log::default();
            let puppets = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
            let [a, b, c] = &puppets;
            let tree = supervisor(Strategy::OneForOne).auto_shutdown(mode).children([
                significant(a, RestartPolicy::Temporary),
                significant(b, RestartPolicy::Temporary),
                c.spec(),
            ]);
            let (running, handle) = up(tree).await;
            handle.stop_child("a").await.unwrap();
            settle().await;
            assert!(!handle.has_ended());
            handle.restart_child("a").await.unwrap();
            log.take();

            if mode == AutoShutdown::AllSignificant {
                a.finish();
                settle().await;
                assert_eq!(log.take(), "-a", "there is another");
            }
            match end {
                0 => b.finish(),
                1 => b.fail("now"),
                _ => b.panic("expected: now"),
            }
            let result = running.wait().await;
            assert_eq!(result.is_ok(), end == 0, "{result:?}");
            if let Err(error) = result {
                let SageError::Significant(exit) = error else { panic!("{error}") };
                assert_eq!(exit.path, "root/b");
            }
            let rest = if mode == AutoShutdown::AllSignificant { "-b -c" } else { "-b -c -a" };
            assert_eq!(log.take(), rest);
            no_task_is_left().await;
        }
    }
}

/// Only a normal exit of a transient significant child triggers. A failure leads to a restart.
#[tokio::test(start_paused = true)]
async fn significant_transient() {
    quiet_panics();
    for mode in MODES {
        let log = Log::default();
        let [a, b, c] = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
        let tree = supervisor(Strategy::OneForOne).auto_shutdown(mode).children([
            significant(&a, RestartPolicy::Transient),
            significant(&b, RestartPolicy::Transient),
            c.spec(),
        ]);
        let (running, handle) = up(tree).await;
        a.fail("now");
        b.panic("expected: now");
        settle().await;
        assert_eq!([a.starts(), b.starts(), c.starts()], [2, 2, 1]);
        handle.stop_child("a").await.unwrap();
        handle.restart_child("a").await.unwrap();
        settle().await;
        assert!(!handle.has_ended());
        if mode == AutoShutdown::AllSignificant {
            b.finish();
            settle().await;
            assert!(!handle.has_ended(), "there is another");
        }
        log.take();
        a.finish();
        running.wait().await.unwrap();
        let rest = if mode == AutoShutdown::AllSignificant { "-a -c" } else { "-a -c -b" };
        assert_eq!(log.take(), rest);
    }
}

/// A significant child that is stopped because a sibling is restarted never triggers, whatever the
/// strategy. A strategy that does not include the child leaves it alone. (OTP's temporary bystander
/// is gone then; ours starts again with its group, rule 13.)
#[tokio::test(start_paused = true)]
async fn significant_bystander() {
    for strategy in STRATEGIES {
        for mode in MODES {
            for policy in [RestartPolicy::Transient, RestartPolicy::Temporary] {
                let log = Log::default();
                let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
                let tree = supervisor(strategy)
                    .auto_shutdown(mode)
                    .children([a.spec(), significant(&b, policy)]);
                let (running, handle) = up(tree).await;
                a.fail("now");
                settle().await;
                assert!(!handle.has_ended(), "{strategy:?} {mode:?} {policy:?}");
                let starts = if strategy == Strategy::OneForOne { 1 } else { 2 };
                assert_eq!((a.starts(), b.starts(), b.live()), (2, starts, 1));
                b.finish();
                running.wait().await.unwrap();
            }
        }
    }
}

/// The auto-shutdown of a lower supervisor ends the upper one only if the lower one is significant
/// there.
#[tokio::test(start_paused = true)]
async fn significant_escalation() {
    for mode in MODES {
        for is_significant in [false, true] {
            let log = Log::default();
            let [a, b, c] = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
            let inner = supervisor(Strategy::OneForOne)
                .auto_shutdown(mode)
                .children([significant(&a, RestartPolicy::Transient), b.spec()])
                .into_child("inner".to_owned());
            let inner = if is_significant { inner.significant() } else { inner };
            let tree =
                supervisor(Strategy::OneForOne).auto_shutdown(mode).children([c.spec(), inner]);
            let (running, handle) = up(tree).await;
            log.take();
            a.finish();
            settle().await;
            assert_eq!(handle.has_ended(), is_significant);
            assert_eq!(log.take(), if is_significant { "-a -b -c" } else { "-a -b" });
            running.shutdown().await.unwrap();
        }
    }
}
