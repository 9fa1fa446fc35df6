//! The group `sup_start`: the start of a supervisor, and of children that decline or fail.

use sage_supervisor::{
    ChildContext, ChildSpec, ChildState, CommandError, Exit, RestartPolicy, SageError, Strategy,
    Supervisor,
};
use sage_supervisor_tests::{
    Gated, Log, Puppet, limit, no_task_is_left, quiet_panics, settle, supervisor,
};

use crate::{SECOND, counts, declining, idle, names, state, up};

/// A supervisor without children starts, stays up and stops without error. OTP's supervisor always
/// stays up; ours has to be set so (rule 25), and otherwise ends normally at once.
#[tokio::test(start_paused = true)]
async fn sup_start_normal() {
    let (running, handle) = up(supervisor(Strategy::OneForOne).keep_alive(true)).await;
    assert_eq!(counts(&handle).await, [0; 5]);
    tokio::time::sleep(SECOND * 100).await;
    running.shutdown().await.unwrap();
    assert!(handle.has_ended());

    supervisor(Strategy::OneForOne).run().await.unwrap();
}

/// A child that is added by hand and declines is no error. The child is listed and counted, it is
/// down, and its start can be requested again.
#[tokio::test(start_paused = true)]
async fn sup_start_ignore_child() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let (running, handle) = up(supervisor(Strategy::OneForOne).children([a.spec()])).await;
    handle.start_child(declining("ignored")).await.unwrap();
    settle().await;
    assert_eq!(state(&handle, "ignored").await, ChildState::Finished);
    assert_eq!(counts(&handle).await, [2, 1, 0, 0, 2]);
    handle.restart_child("ignored").await.unwrap();
    settle().await;
    assert_eq!(state(&handle, "ignored").await, ChildState::Finished);
    assert_eq!(a.starts(), 1);
    running.shutdown().await.unwrap();
}

/// A declared temporary child that declines is down without an error. OTP drops its spec; ours
/// keeps declared children for a start by hand or with the group (rule 3).
#[tokio::test(start_paused = true)]
async fn sup_start_ignore_temporary_child() {
    let log = Log::default();
    let [a, z] = ["a", "z"].map(|name| Puppet::new(name, &log));
    let ignored = declining("ignored").restart(RestartPolicy::Temporary);
    let tree = supervisor(Strategy::OneForOne).children([a.spec(), ignored, z.spec()]);
    let (running, handle) = up(tree).await;
    assert_eq!(log.take(), "+a +z");
    assert_eq!(state(&handle, "ignored").await, ChildState::Finished);
    assert_eq!(counts(&handle).await, [3, 2, 0, 0, 3]);
    running.shutdown().await.unwrap();
}

/// A temporary child added by hand that declines leaves nothing behind.
#[tokio::test(start_paused = true)]
async fn sup_start_ignore_temporary_child_start_child() {
    let (running, handle) = up(supervisor(Strategy::OneForOne).child("a", idle)).await;
    for _ in 0..2 {
        let ignored = declining("ignored").restart(RestartPolicy::Temporary);
        handle.start_child(ignored).await.unwrap();
        settle().await;
        assert!(matches!(handle.child("ignored").await, Err(CommandError::NotFound { .. })));
        assert_eq!(counts(&handle).await, [1, 1, 0, 0, 1]);
    }
    running.shutdown().await.unwrap();
}

/// An invalid supervisor is an error of its caller, and nothing has started. (There is no callback
/// that could return garbage; the rest of the case is a declaration that breaks a rule.)
#[tokio::test(start_paused = true)]
async fn sup_start_error_return() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let inner = supervisor(Strategy::OneForOne).child("not/a/name", idle);
    let running =
        supervisor(Strategy::OneForOne).children([a.spec()]).child("inner", inner).start();
    let handle = running.handle();
    assert!(matches!(running.wait().await, Err(SageError::Invalid(_))));
    assert!(matches!(handle.wait().await, Err(SageError::Invalid(_))));
    assert_eq!(a.starts(), 0);
    no_task_is_left().await;
}

/// A panic in a start function, before the child is up, is the error of the start of the
/// supervisor. The error keeps the message, is not retried, and leaves nothing behind.
#[tokio::test(start_paused = true)]
async fn sup_start_fail() {
    quiet_panics();
    let log = Log::default();
    let [a, c] = ["a", "c"].map(|name| Puppet::new(name, &log));
    let b = ChildSpec::new("b", |_: ChildContext| -> std::future::Ready<()> {
        panic!("expected: no such module")
    });
    let error = Supervisor::new(Strategy::OneForOne, limit(10))
        .children([a.spec(), b.ready_within(SECOND), c.spec()])
        .run()
        .await
        .unwrap_err();
    let SageError::FailedStart(failed) = error else { panic!("{error}") };
    assert_eq!(failed.path, "root/b");
    assert_eq!(failed.exit.cause().unwrap().to_string(), "expected: no such module");
    assert_eq!(log.take(), "+a -a");
    no_task_is_left().await;
}

/// A failed start by hand is answered with the child's own error. Nothing is kept of the child, and
/// nothing is retried or counted.
#[tokio::test(start_paused = true)]
async fn sup_start_child_returns_error() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let tree = Supervisor::new(Strategy::OneForAll, limit(0)).children([a.spec()]);
    let (running, handle) = up(tree).await;
    for message in ["no license", "no disk"] {
        let b = Gated::new("b", &log);
        b.puppet.fail(message);
        let failed = handle.start_child(b.spec()).await.unwrap_err();
        let CommandError::FailedStart { exit, .. } = failed else { panic!("{failed}") };
        assert_eq!(exit.cause().unwrap().to_string(), message);
        settle().await;
        assert_eq!((b.puppet.starts(), b.puppet.live()), (1, 0));
        assert_eq!(names(&handle).await, "a");
    }
    assert_eq!((a.starts(), counts(&handle).await), (1, [1, 1, 0, 0, 1]));
    running.shutdown().await.unwrap();
}

/// A failed restart by hand is answered with the error. The spec stays, the child is down, and can
/// be started later.
#[tokio::test(start_paused = true)]
async fn sup_start_restart_child_returns_error() {
    let log = Log::default();
    let a = Gated::new("a", &log);
    a.open();
    let tree = Supervisor::new(Strategy::OneForOne, limit(0)).children([a.spec()]);
    let (running, handle) = up(tree).await;
    handle.stop_child("a").await.unwrap();
    a.shut();
    for starts in [2, 3] {
        a.puppet.fail("no license");
        let failed = handle.restart_child("a").await.unwrap_err();
        assert!(
            matches!(failed, CommandError::FailedStart { exit: Exit::FailedStart(_), .. }),
            "{failed}"
        );
        settle().await;
        assert_eq!(a.puppet.starts(), starts);
        assert_eq!(state(&handle, "a").await, ChildState::Stopped);
        assert_eq!(counts(&handle).await, [1, 0, 0, 0, 1]);
    }
    a.open();
    handle.restart_child("a").await.unwrap();
    assert_eq!(state(&handle, "a").await, ChildState::Running);
    running.shutdown().await.unwrap();
}
