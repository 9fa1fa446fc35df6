//! The group `sup_start_map`: specs and their defaults.

use std::time::Duration;

use sage_supervisor::{
    ChildSpec, CommandError, InvalidTreeKind, RestartPolicy, Shutdown, Strategy,
};
use sage_supervisor_tests::supervisor;

use crate::{idle, names, up};

/// The defaults can be read from a running child. As in OTP, a worker is permanent and has 5 s to
/// stop, and a supervisor has unlimited time. Unlike in OTP, a nested supervisor is transient (rule
/// 25), and a child that cannot hear the request to stop is killed (rule 22).
#[tokio::test(start_paused = true)]
async fn sup_start_map() {
    let inner = supervisor(Strategy::OneForOne).child("x", idle);
    let deaf = ChildSpec::without_context("deaf", std::future::pending::<()>);
    let tree = supervisor(Strategy::OneForOne)
        .child("worker", idle)
        .child("inner", inner)
        .children([deaf])
        .child("own", ChildSpec::new("", idle).restart(RestartPolicy::Temporary));
    let (running, handle) = up(tree).await;
    let five = Shutdown::Timeout(Duration::from_secs(5));
    for (name, restart, shutdown, is_supervisor) in [
        ("worker", RestartPolicy::Permanent, five, false),
        ("inner", RestartPolicy::Transient, Shutdown::Infinity, true),
        ("deaf", RestartPolicy::Permanent, Shutdown::BrutalKill, false),
        ("own", RestartPolicy::Temporary, five, false),
    ] {
        let child = handle.child(name).await.unwrap();
        assert_eq!(child.name, name);
        assert_eq!((child.restart, child.shutdown), (restart, shutdown), "{name}");
        assert_eq!((child.is_supervisor, child.is_significant), (is_supervisor, false), "{name}");
        assert_eq!((child.restarts, child.ready_within), (0, None), "{name}");
    }
    assert!(matches!(handle.child("unknown").await, Err(CommandError::NotFound { .. })));
    running.shutdown().await.unwrap();
}

/// Specs without a usable name are refused, and nothing is kept of them. (A missing start function,
/// an unknown setting or a value that is no spec does not compile: `tests/ui`.)
#[tokio::test(start_paused = true)]
async fn sup_start_map_faulty_specs() {
    let (running, handle) = up(supervisor(Strategy::OneForOne).child("a", idle)).await;
    for (name, rule) in [
        ("", InvalidTreeKind::EmptyName),
        ("b/c", InvalidTreeKind::InvalidName("b/c".to_owned())),
        ("b\n", InvalidTreeKind::InvalidName("b\n".to_owned())),
    ] {
        let refused = handle.start_child(ChildSpec::new(name, idle)).await.unwrap_err();
        let CommandError::Invalid(invalid) = refused else { panic!("{refused}") };
        assert_eq!((invalid.path.as_str(), invalid.kind), ("root", rule));
    }
    assert_eq!(names(&handle).await, "a");
    running.shutdown().await.unwrap();
}
