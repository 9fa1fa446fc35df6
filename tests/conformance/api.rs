//! The group `API`: the answers of commands, and the declarations that are refused.

use std::sync::Arc;
use std::time::Duration;

use sage_supervisor::{
    AutoShutdown, ChildContext, ChildSpec, ChildState, CommandError, InvalidTreeKind,
    RestartConfig, RestartPolicy, SageError, Strategy, Supervisor,
};
use sage_supervisor_tests::{Log, Puppet, settle, supervisor};
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::{POLICIES, SECOND, counts, idle, names, state, up};

/// A child goes through all commands, in every state in which it can be. We differ from OTP in two
/// points. OTP refuses to restart a running child by hand, and ours stops and starts it as one
/// command (rule 28). Children are listed in start order, which OTP reverses.
#[tokio::test(start_paused = true)]
async fn child_adm() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let (running, handle) = up(supervisor(Strategy::OneForOne).children([a.spec()])).await;
    assert_eq!(counts(&handle).await, [1, 1, 0, 0, 1]);

    // A second child of the same name.
    let again = handle.start_child(ChildSpec::new("a", idle)).await;
    assert!(matches!(again, Err(CommandError::AlreadyRunning { .. })), "{again:?}");

    // Running.
    assert!(matches!(handle.remove_child("a").await, Err(CommandError::StillRunning { .. })));
    handle.restart_child("a").await.unwrap();
    settle().await;
    assert_eq!(log.take(), "+a -a +a");

    // Stopped, and stopped again.
    for _ in 0..2 {
        handle.stop_child("a").await.unwrap();
        assert_eq!(state(&handle, "a").await, ChildState::Stopped);
        assert_eq!(counts(&handle).await, [1, 0, 0, 0, 1]);
    }
    assert_eq!(log.take(), "-a");
    let again = handle.start_child(ChildSpec::new("a", idle)).await;
    assert!(matches!(again, Err(CommandError::AlreadyExists { .. })), "{again:?}");

    // Up again, then removed, and removed again.
    handle.restart_child("a").await.unwrap();
    assert_eq!(counts(&handle).await, [1, 1, 0, 0, 1]);
    handle.stop_child("a").await.unwrap();
    handle.remove_child("a").await.unwrap();
    assert_eq!(counts(&handle).await, [0; 5]);
    for answer in [
        handle.remove_child("a").await,
        handle.stop_child("a").await,
        handle.restart_child("a").await,
        handle.child("a").await.map(drop),
    ] {
        assert!(matches!(answer, Err(CommandError::NotFound { .. })), "{answer:?}");
    }

    // The name of the removed child is free.
    handle.start_child(a.spec()).await.unwrap();
    handle.start_child(ChildSpec::new("b", idle)).await.unwrap();
    handle.start_child(ChildSpec::new("c", idle)).await.unwrap();
    assert_eq!(names(&handle).await, "a b c");
    assert_eq!(counts(&handle).await, [3, 3, 0, 0, 3]);

    // The supervisor has ended.
    running.shutdown().await.unwrap();
    for answer in [
        handle.start_child(ChildSpec::new("d", idle)).await,
        handle.stop_child("a").await,
        handle.restart_child("a").await,
        handle.remove_child("a").await,
        handle.children().await.map(drop),
        handle.counts().await.map(drop),
    ] {
        assert!(matches!(answer, Err(CommandError::NotRunning { .. })), "{answer:?}");
    }
}

/// A child whose start sends a text to the test before it is ready, and the means to end all of its
/// instances.
pub(crate) fn with_extra(name: &str, tell: UnboundedSender<String>) -> (ChildSpec, Arc<Notify>) {
    let end = Arc::new(Notify::new());
    let ended = Arc::clone(&end);
    let spec = ChildSpec::new(name, move |ctx: ChildContext| {
        let (tell, end) = (tell.clone(), Arc::clone(&end));
        async move {
            let ended = end.notified();
            tell.send(format!("start {} of {}", ctx.restarts() + 1, ctx.name())).unwrap();
            ctx.ready().await;
            tokio::select! {
                () = ended => {}
                () = ctx.cancelled() => {}
            }
        }
    });
    (spec.ready_within(SECOND), ended)
}

/// A start can return more than the news that the child is up, through a channel of the caller. The
/// value is there when the start, or the restart by hand, is answered, and also comes with an
/// automatic restart. (OTP's start functions return the value, and an automatic restart has no
/// caller to give it to.)
#[tokio::test(start_paused = true)]
async fn extra_return() {
    let (running, handle) = up(supervisor(Strategy::OneForOne).keep_alive(true)).await;
    let (tell, mut told) = unbounded_channel();
    let (spec, end) = with_extra("a", tell);
    handle.start_child(spec).await.unwrap();
    assert_eq!(told.try_recv().unwrap(), "start 1 of a");
    handle.restart_child("a").await.unwrap();
    assert_eq!(told.try_recv().unwrap(), "start 2 of a");
    handle.stop_child("a").await.unwrap();
    handle.restart_child("a").await.unwrap();
    assert_eq!(told.try_recv().unwrap(), "start 3 of a");
    end.notify_waiters();
    settle().await;
    assert_eq!(told.try_recv().unwrap(), "start 4 of a");
    assert_eq!(counts(&handle).await, [1, 1, 0, 0, 1]);
    running.shutdown().await.unwrap();
    assert!(told.try_recv().is_err());
}

/// Two children of the same name are refused before anything starts. (The rest of the case, specs
/// of the wrong shape, does not compile.)
#[tokio::test(start_paused = true)]
async fn child_specs() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let children = [a.spec(), b.spec(), ChildSpec::new("a", idle), ChildSpec::new("b", idle)];
    let error = supervisor(Strategy::OneForOne).children(children).run().await.unwrap_err();
    let SageError::Invalid(invalid) = error else { panic!("{error}") };
    assert_eq!(
        invalid.kind,
        InvalidTreeKind::DuplicateName("a".to_owned()),
        "the first one is told"
    );
    assert_eq!(log.take(), "");
}

/// The whole matrix of auto-shutdown, restart and significance, declared and added by hand. A
/// significant child must be able to end for good, and its supervisor must use its significance.
#[tokio::test(start_paused = true)]
async fn child_specs_map() {
    let modes = [AutoShutdown::Never, AutoShutdown::AnySignificant, AutoShutdown::AllSignificant];
    for mode in modes {
        for policy in POLICIES {
            for significant in [false, true] {
                let expected = match (significant, policy, mode) {
                    (false, ..) => None,
                    (_, RestartPolicy::Permanent, _) => {
                        Some(InvalidTreeKind::SignificantPermanent("a".to_owned()))
                    }
                    (_, _, AutoShutdown::Never) => {
                        Some(InvalidTreeKind::SignificantWithoutAutoShutdown("a".to_owned()))
                    }
                    _ => None,
                };
                let spec = || {
                    let spec = ChildSpec::new("a", idle).restart(policy);
                    if significant { spec.significant() } else { spec }
                };
                let tree = supervisor(Strategy::OneForOne).auto_shutdown(mode);
                let (running, _) = up(tree.children([spec()])).await;
                let declared = match running.shutdown().await {
                    Err(SageError::Invalid(invalid)) => Some(invalid.kind),
                    result => result.map(|()| None).unwrap(),
                };
                assert_eq!(declared, expected, "{mode:?} {policy:?}");

                let tree = supervisor(Strategy::OneForOne).auto_shutdown(mode).keep_alive(true);
                let (running, handle) = up(tree).await;
                let added = match handle.start_child(spec()).await {
                    Err(CommandError::Invalid(invalid)) => Some(invalid.kind),
                    answer => answer.map(|()| None).unwrap(),
                };
                assert_eq!(added, expected, "{mode:?} {policy:?}");
                running.shutdown().await.unwrap();
            }
        }
    }
}

/// A window of zero is refused, wherever in the tree it stands; a limit of zero restarts is
/// allowed. (Strategies and modes that do not exist, and unknown settings, do not compile.)
#[tokio::test(start_paused = true)]
async fn sup_flags() {
    let zero = RestartConfig { max_restarts: 1, within: Duration::ZERO };
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let inner = Supervisor::new(Strategy::OneForOne, zero).child("x", idle);
    for (tree, path) in [
        (Supervisor::new(Strategy::OneForOne, zero).children([a.spec()]), "root"),
        (supervisor(Strategy::OneForOne).children([a.spec()]).child("inner", inner), "root/inner"),
    ] {
        let error = tree.start().wait().await.unwrap_err();
        let SageError::Invalid(invalid) = error else { panic!("{error}") };
        assert_eq!((invalid.path.as_str(), invalid.kind), (path, InvalidTreeKind::ZeroWindow));
    }
    assert_eq!(a.starts(), 0);

    let none = RestartConfig { max_restarts: 0, within: Duration::from_nanos(1) };
    let tree = Supervisor::new(Strategy::OneForOne, none).children([a.spec()]);
    let (running, _) = up(tree).await;
    running.shutdown().await.unwrap();
}
