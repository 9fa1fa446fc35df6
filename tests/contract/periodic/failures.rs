//! Runs that fail.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;

use sage_supervisor::{
    Backoff, BoxError, ChildContext, ChildSpec, ChildState, EventKind, Every, Exit, RestartPolicy,
    SageError, Strategy, Supervisor,
};
use sage_supervisor_tests::{Log, Puppet, limit, quiet_panics, supervisor};
use tokio::time::sleep;

use super::{Runs, SECOND};

/// The end of one run.
#[derive(Clone, Copy)]
enum End {
    Well,
    Error,
    Panic,
    /// The destructor of the run panics.
    Drop,
}

struct Bomb(bool);

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(!self.0, "expected: dropped");
    }
}

impl Runs {
    /// A child `a` whose runs end in these ways, and well after that.
    fn ending(&self, ends: &'static [End]) -> ChildSpec {
        let (runs, next) = (self.clone(), Arc::new(AtomicU32::new(0)));
        ChildSpec::new("a", move |_| {
            runs.note();
            let number = usize::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap();
            let end = ends.get(number).copied().unwrap_or(End::Well);
            let bomb = Bomb(matches!(end, End::Drop));
            // The bomb is dropped with the future, after the future has returned.
            poll_fn(move |_| {
                let _ = &bomb;
                Poll::Ready(match end {
                    End::Well | End::Drop => Ok::<(), BoxError>(()),
                    End::Error => Err("disk full".into()),
                    End::Panic => panic!("expected: no way"),
                })
            })
        })
    }
}

#[tokio::test(start_paused = true)]
async fn rule_38_a_run_that_fails_is_an_exit_like_any_other() {
    quiet_panics();
    for (end, text) in [
        (&[End::Well, End::Well, End::Error], "error: disk full"),
        (&[End::Well, End::Well, End::Panic], "panic: expected: no way"),
        (&[End::Well, End::Well, End::Drop], "panic: expected: dropped"),
    ] {
        let (runs, log) = (Runs::new(), Log::default());
        let sibling = Puppet::new("b", &log);
        // The schedule of the new instance begins with the instance.
        let backoff = Backoff::from(|_: u32| SECOND * 3);
        let spec = runs.ending(end).every(SECOND * 10).backoff(backoff);
        let running =
            Supervisor::new(Strategy::OneForAll, limit(1)).children([spec, sibling.spec()]).start();
        let mut events = running.handle().tree_events();
        sleep(SECOND * 45).await;
        assert_eq!(runs.seconds(), [0, 10, 20, 23, 33, 43], "{text}");
        assert_eq!(log.take(), "+b -b +b", "the group is restarted with it");
        let node = running.handle().tree().await.unwrap().root.children.remove(0);
        assert_eq!((node.restarts, node.instance), (1, 2));
        assert_eq!(node.last_exit().unwrap().exit.to_string(), text);
        assert_eq!(node.last_exit().unwrap().lifetime, SECOND * 20);
        running.shutdown().await.unwrap();
        let mut told = vec![];
        while let Some(event) = events.recv().await {
            let event = event.unwrap();
            match event.kind {
                EventKind::Exited { exit, asked: false, .. } if event.child.is_some() => {
                    told.push(exit.to_string());
                }
                EventKind::Restarting { used, .. } => told.push(used.to_string()),
                _ => {}
            }
        }
        assert_eq!(told, [text, "1"]);
    }
}

#[tokio::test(start_paused = true)]
async fn rule_38_a_run_that_fails_counts_for_the_limits() {
    let runs = Runs::new();
    let spec = runs.ending(&[End::Error; 9]).every(SECOND);
    let error =
        Supervisor::new(Strategy::OneForOne, limit(2)).children([spec]).run().await.unwrap_err();
    assert!(matches!(error, SageError::Supervisor(_)), "{error}");
    assert_eq!(runs.take(), [0, 0, 0]);

    let runs = Runs::new();
    let spec = runs.ending(&[End::Well, End::Error, End::Error]).every(SECOND);
    let spec = spec.restart_limit(limit(1));
    let running = supervisor(Strategy::OneForOne).keep_alive(true).children([spec]).start();
    sleep(SECOND * 5).await;
    assert_eq!(runs.seconds(), [0, 1, 1], "the work is done at once after a restart");
    let status = running.handle().child("a").await.unwrap();
    assert_eq!(status.state, ChildState::GivenUp);
    running.shutdown().await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn rule_38_the_policy_and_the_predicate_decide_after_a_failure() {
    #[derive(Debug, thiserror::Error)]
    #[error("wrong password")]
    struct Wrong;

    let runs = Runs::new();
    let temporary = runs.ending(&[End::Well, End::Error]).every(SECOND);
    let given_up = ChildSpec::new("b", async |_| Err::<(), _>(Wrong))
        .every(Every::new(SECOND * 2).first_after_period())
        .give_up_if(|_: &Wrong| true);
    let calls =
        ChildSpec::new("c", async |ctx: ChildContext| ctx.give_up("no table")).every(SECOND);
    let running = supervisor(Strategy::OneForOne)
        .keep_alive(true)
        .children([temporary.restart(RestartPolicy::Temporary), given_up, calls])
        .start();
    let handle = running.handle();
    sleep(SECOND * 5).await;
    assert_eq!(runs.seconds(), [0, 1]);
    assert_eq!(handle.child("a").await.unwrap().state, ChildState::Finished);
    for name in ["b", "c"] {
        let status = handle.child(name).await.unwrap();
        assert_eq!((status.state, status.restarts), (ChildState::GivenUp, 0), "{name}");
    }
    running.shutdown().await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn rule_38_a_group_restart_begins_a_new_schedule() {
    let runs = Runs::new();
    let log = Log::default();
    let sibling = Puppet::new("b", &log);
    let spec = runs.ending(&[]).every(Every::new(SECOND * 10).first_after_period());
    let running = supervisor(Strategy::OneForAll).children([spec, sibling.spec()]).start();
    sleep(SECOND * 14).await;
    sibling.fail("now");
    sleep(SECOND * 11).await;
    assert_eq!(runs.seconds(), [10, 14, 24]);
    let exit = running.handle().child("a").await.unwrap().last_exit;
    assert!(matches!(exit, Some(Exit::Shutdown)), "{exit:?}");
    running.shutdown().await.unwrap();
}
