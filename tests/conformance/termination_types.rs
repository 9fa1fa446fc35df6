//! The group `termination types`: the exits that lead to a restart, and the remains of a child that
//! is not restarted.
//!
//! A child that shuts itself down is here a child that returns normally without having been asked
//! to stop, even if it has cancelled its own token: only the request of the engine makes a
//! `shutdown` (rule 2). A nested supervisor that is shut down by one of its own children is another
//! one.

use std::error::Error;

use sage_supervisor::{
    BoxError, ChildContext, ChildSpec, ChildState, CommandError, IntoChild, RestartPolicy, Strategy,
};
use sage_supervisor_tests::{Log, Puppet, Recorder, quiet_panics, settle, supervisor};

use crate::{SECOND, idle, state, up};

#[derive(Clone, Copy, Debug)]
enum End {
    Normal,
    OwnToken,
    OwnSupervisor,
    Error,
    Panic,
}

const SHUTDOWN: [End; 2] = [End::OwnToken, End::OwnSupervisor];
const ABNORMAL: [End; 2] = [End::Error, End::Panic];

/// A child whose first instance ends in this way. Later instances stay up.
fn ending(end: End, puppet: &Puppet) -> ChildSpec {
    let puppet = puppet.clone();
    let spec = ChildSpec::new("a", move |ctx: ChildContext| {
        let alive = puppet.alive();
        let is_first = puppet.starts() == 1;
        async move {
            let _alive = alive;
            match end {
                End::Normal if is_first => return Ok(()),
                End::OwnToken if is_first => {
                    let token = ctx.token();
                    token.cancel();
                    token.cancelled().await;
                    return Ok(());
                }
                End::OwnSupervisor if is_first => ctx.supervisor().shutdown().await?,
                End::Error if is_first => return Err(BoxError::from("it failed")),
                End::Panic if is_first => panic!("expected: it panicked"),
                _ => {}
            }
            ctx.cancelled().await;
            Ok(())
        }
    });
    match end {
        End::OwnSupervisor => {
            supervisor(Strategy::OneForOne).children([spec]).into_child("a".to_owned())
        }
        _ => spec,
    }
}

/// A declared child and an added child end in each of these ways. They are restarted or not, and
/// the declared child is then in the state `expected`. The added child is too, unless it is
/// temporary.
async fn after(policy: RestartPolicy, ends: &[End], expected: ChildState) {
    quiet_panics();
    let starts = if expected == ChildState::Running { 2 } else { 1 };
    for &end in ends {
        let log = Log::default();
        let declared = Puppet::new("a", &log);
        let child = ending(end, &declared).restart(policy);
        let (running, handle) =
            up(supervisor(Strategy::OneForOne).keep_alive(true).children([child])).await;
        assert_eq!(declared.starts(), starts, "{end:?}");
        assert_eq!(state(&handle, "a").await, expected, "{end:?}");
        running.shutdown().await.unwrap();

        let added = Puppet::new("a", &log);
        let (running, handle) = up(supervisor(Strategy::OneForOne).keep_alive(true)).await;
        handle.start_child(ending(end, &added).restart(policy)).await.unwrap();
        settle().await;
        assert_eq!(added.starts(), starts, "{end:?}");
        if policy == RestartPolicy::Temporary {
            assert!(
                matches!(handle.child("a").await, Err(CommandError::NotFound { .. })),
                "{end:?}"
            );
        } else {
            assert_eq!(state(&handle, "a").await, expected, "{end:?}");
        }
        running.shutdown().await.unwrap();
    }
}

/// A permanent child is restarted after a normal exit.
#[tokio::test(start_paused = true)]
async fn permanent_normal() {
    after(RestartPolicy::Permanent, &[End::Normal], ChildState::Running).await;
}

/// A transient child is not restarted after a normal exit, and its spec is kept.
#[tokio::test(start_paused = true)]
async fn transient_normal() {
    after(RestartPolicy::Transient, &[End::Normal], ChildState::Finished).await;
}

/// A temporary child is not restarted after a normal exit. Its spec is gone if it was added; OTP
/// drops declared ones too, ours are kept (rule 3).
#[tokio::test(start_paused = true)]
async fn temporary_normal() {
    after(RestartPolicy::Temporary, &[End::Normal], ChildState::Finished).await;
}

/// A permanent child that shuts itself down is restarted.
#[tokio::test(start_paused = true)]
async fn permanent_shutdown() {
    after(RestartPolicy::Permanent, &SHUTDOWN, ChildState::Running).await;
}

/// A transient child that shuts itself down is not restarted, and its spec is kept.
#[tokio::test(start_paused = true)]
async fn transient_shutdown() {
    after(RestartPolicy::Transient, &SHUTDOWN, ChildState::Finished).await;
}

/// A temporary child that shuts itself down is not restarted; an added one leaves nothing behind.
#[tokio::test(start_paused = true)]
async fn temporary_shutdown() {
    after(RestartPolicy::Temporary, &SHUTDOWN, ChildState::Finished).await;
}

/// A permanent child that fails is restarted.
#[tokio::test(start_paused = true)]
async fn permanent_abnormal() {
    after(RestartPolicy::Permanent, &ABNORMAL, ChildState::Running).await;
}

/// A transient child that fails is restarted.
#[tokio::test(start_paused = true)]
async fn transient_abnormal() {
    after(RestartPolicy::Transient, &ABNORMAL, ChildState::Running).await;
}

/// A temporary child that fails is not restarted; an added one leaves nothing behind.
#[tokio::test(start_paused = true)]
async fn temporary_abnormal() {
    after(RestartPolicy::Temporary, &ABNORMAL, ChildState::Finished).await;
}

/// A start by hand is reported at a level for details, an automatic restart at the level for
/// information.
#[tokio::test(start_paused = true)]
async fn external_start_no_progress_log() {
    let recorder = Recorder::default();
    let _recording = tracing::subscriber::set_default(recorder.clone());
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let (running, handle) = up(supervisor(Strategy::OneForOne).child("idle", idle)).await;
    recorder.take();
    handle.start_child(a.spec()).await.unwrap();
    handle.restart_child("a").await.unwrap();
    settle().await;
    let by_hand = recorder.take();
    assert!(by_hand.iter().all(|event| event.starts_with("DEBUG ")), "{by_hand:?}");
    assert_eq!(by_hand.iter().filter(|event| event.contains("event=start ")).count(), 2);
    a.fail("now");
    settle().await;
    let automatic = recorder.take();
    assert!(
        automatic.iter().any(|event| event.starts_with("INFO event=restart ")),
        "{automatic:?}"
    );
    running.shutdown().await.unwrap();
}

/// A panic in the start of a child two levels down reaches the caller that started the tree, with
/// the path at each level and the message at the end. (OTP's case has an application above the
/// tree.)
#[tokio::test(start_paused = true)]
async fn faulty_application_shutdown() {
    quiet_panics();
    let log = Log::default();
    let first = Puppet::new("first", &log);
    let faulty = ChildSpec::new("faulty", |_: ChildContext| -> std::future::Ready<()> {
        panic!("expected: undefined function")
    });
    let deep =
        supervisor(Strategy::OneForOne).children([first.spec(), faulty.ready_within(SECOND)]);
    let inner = supervisor(Strategy::OneForOne).child("deep", deep);
    let error =
        supervisor(Strategy::OneForOne).name("app").child("inner", inner).run().await.unwrap_err();
    let links: Vec<_> = std::iter::successors(Some(&error as &dyn Error), |&link| link.source())
        .map(ToString::to_string)
        .collect();
    assert_eq!(links.len(), 4, "{links:?}");
    for (link, path) in
        links.iter().zip(["`app/inner`", "`app/inner/deep`", "`app/inner/deep/faulty`"])
    {
        assert!(link.contains(path), "{link}");
    }
    assert_eq!(links[3], "expected: undefined function");
    assert_eq!(log.take(), "+first -first");
}
