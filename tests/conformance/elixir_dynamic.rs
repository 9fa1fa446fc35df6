//! The cases of Elixir's suite of `DynamicSupervisor` about starts, under their own names.
//!
//! The other cases are in [`elixir_dynamic_restart`](super::elixir_dynamic_restart) and
//! [`elixir_dynamic_stop`](super::elixir_dynamic_stop).
//!
//! Of 41 cases 33 are here.
//!
//! | case | test, or why there is none |
//! |---|---|
//! | can be supervised directly | here |
//! | multiple supervisors can be supervised .. | here |
//! | `use/2`, `init/1` (2) | none: there are no modules to be called back |
//! | `start_link/3` with non-ok init | here: the settings that exist |
//! | `start_link/3`, the others (3) | none: links, registered names and options of BEAM processes |
//! | `code_change/3` (2) | none: there is no code change |
//! | supports old child spec, new child spec as tuple, new child spec (3) | here: as one |
//! | supports extra arguments | here: the captures of a shared template, with its restart |
//! | with invalid child spec | here |
//! | with different returns | here |
//! | with throw/error/exit | here |
//! | with max_children | here |
//! | temporary child is not restarted regardless of reason | here |
//! | transient child is restarted unless .. | here |
//! | permanent child is restarted regardless of reason | here |
//! | child is restarted with different values | in `elixir_dynamic_restart` |
//! | restarting on init children counted in max_children | in `elixir_dynamic_restart` |
//! | restarting on exit children counted in max_children | in `elixir_dynamic_restart` |
//! | restarting a child with extra_arguments .. | here |
//! | child is restarted when trying again | in `elixir_dynamic_restart` |
//! | child triggers maximum restarts | in `elixir_dynamic_restart` |
//! | child triggers maximum intensity when trying again | in `elixir_dynamic_restart` |
//! | with valid shutdown | in `elixir_dynamic_stop` |
//! | with invalid valid shutdown | none: it does not compile |
//! | `terminate/2` (8), `terminate_child/2` (3) | in `elixir_dynamic_stop` |

use std::sync::Arc;
use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, CommandError, DynamicSupervisor, InvalidTreeKind, OnceChild,
    RestartConfig, RestartPolicy, SageError, Strategy,
};
use sage_supervisor_tests::{Gated, Log, Puppet, limit, quiet_panics, settle, supervisor};
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::timeout;

use crate::{SECOND, counts, declining, idle, names, up, up_dynamic};

#[tokio::test(start_paused = true)]
async fn can_be_supervised_directly() {
    let pool = DynamicSupervisor::new();
    let (running, handle) = up(supervisor(Strategy::OneForOne).child("pool", pool.clone())).await;
    assert!(pool.children().await.unwrap().is_empty());
    assert_eq!(counts(&handle).await, [1, 1, 0, 1, 0]);
    running.shutdown().await.unwrap();
}

/// Several supervisors side by side, and one that is added by hand, each with children of its own.
#[tokio::test(start_paused = true)]
async fn multiple_supervisors_can_be_supervised_and_identified_with_simple_child_spec() {
    use sage_supervisor::IntoChild;
    let pools = [(); 3].map(|()| DynamicSupervisor::new());
    let [a, b, late] = &pools;
    let tree = supervisor(Strategy::OneForOne).child("a", a.clone()).child("b", b.clone());
    let (running, handle) = up(tree).await;
    handle.start_child(late.clone().into_child("late".to_owned())).await.unwrap();
    let again = handle.start_child(DynamicSupervisor::new().into_child("late".to_owned())).await;
    assert!(matches!(again, Err(CommandError::AlreadyRunning { .. })), "{again:?}");
    for (pool, name) in pools.iter().zip(["a", "b", "late"]) {
        assert!(pool.children().await.unwrap().is_empty());
        pool.start_child(ChildSpec::new("x", idle)).await.unwrap();
        assert_eq!(pool.child("x-1").await.unwrap().path, format!("root/{name}/x-1"));
    }
    running.shutdown().await.unwrap();
}

/// A window of zero is refused, alone and in a tree; zero restarts and zero children are allowed.
#[tokio::test(start_paused = true)]
async fn start_link_with_non_ok_init() {
    let zero = RestartConfig { max_restarts: 1, within: Duration::ZERO };
    let pool = || DynamicSupervisor::new().restart_limit(zero);
    let tree = supervisor(Strategy::OneForOne).child("pool", pool());
    for (running, path) in [(pool().start(), "root"), (tree.start(), "root/pool")] {
        let error = timeout(SECOND, running.wait()).await.unwrap().unwrap_err();
        let SageError::Invalid(invalid) = error else { panic!("{error}") };
        assert_eq!((invalid.path.as_str(), invalid.kind), (path, InvalidTreeKind::ZeroWindow));
    }
    let pool = DynamicSupervisor::new().restart_limit(limit(0)).max_children(0);
    let (running, _) = up_dynamic(&pool).await;
    running.shutdown().await.unwrap();
}

/// A spec, a template, and a child that is started only once.
#[tokio::test(start_paused = true)]
async fn start_child_supports_new_child_spec() {
    let pool = DynamicSupervisor::new();
    let (running, handle) = up_dynamic(&pool).await;
    pool.start_child(ChildSpec::new("spec", idle)).await.unwrap();
    pool.start_child(Arc::new(ChildSpec::new("template", idle))).await.unwrap();
    pool.start_child(OnceChild::new("once", idle)).await.unwrap();
    assert_eq!(names(&handle).await, "spec-1 template-2 once-3");
    assert_eq!(counts(&handle).await, [3, 3, 0, 0, 3]);
    running.shutdown().await.unwrap();
}

/// The values that a template has captured are given to all of its children, and again at each
/// restart. (Elixir's supervisor has the arguments; here the template has them, so that one
/// supervisor can have many.)
#[tokio::test(start_paused = true)]
async fn restarting_a_child_with_extra_arguments_successfully_restarts_child() {
    let log = Log::default();
    let pool = DynamicSupervisor::new();
    let (running, handle) = up_dynamic(&pool).await;
    let (tell, mut told) = unbounded_channel();
    let extra = Arc::new("extra");
    let puppets = ["a", "b"].map(|name| Puppet::new(name, &log));
    let (given, by_name) = (Arc::clone(&extra), puppets.clone());
    let template = Arc::new(ChildSpec::new("child", move |ctx: ChildContext| {
        tell.send(format!("{} {given} {}", ctx.name(), ctx.restarts())).unwrap();
        let puppet = by_name.iter().find(|puppet| puppet.name() == ctx.name()).unwrap().clone();
        puppet.act_with(ctx)
    }));
    for puppet in &puppets {
        pool.start_named(puppet.name(), Arc::clone(&template)).await.unwrap();
        settle().await;
        assert_eq!(told.try_recv().unwrap(), format!("{} extra 0", puppet.name()));
    }
    let [a, b] = &puppets;
    for restarts in 1..=3 {
        a.fail("now");
        settle().await;
        assert_eq!(told.try_recv().unwrap(), format!("a extra {restarts}"));
    }
    assert!(told.try_recv().is_err());
    assert_eq!((counts(&handle).await, b.starts()), ([2, 2, 0, 0, 2], 1));
    // There is a single copy, however many children and restarts there are.
    assert_eq!(Arc::strong_count(&extra), 2);
    running.shutdown().await.unwrap();
    drop(template);
    assert_eq!(Arc::strong_count(&extra), 1);
}

/// Specs without a usable name and unusable names are refused, and nothing is kept. The error has
/// the name that was written.
#[tokio::test(start_paused = true)]
async fn with_invalid_child_spec() {
    let pool = DynamicSupervisor::new();
    let (running, handle) = up_dynamic(&pool).await;
    let bad = || InvalidTreeKind::InvalidName("a/b".to_owned());
    let zero = InvalidTreeKind::ZeroReadyWithin("a".to_owned());
    let significant = ChildSpec::new("a", idle).restart(RestartPolicy::Temporary).significant();
    for (refused, rule) in [
        (pool.start_child(ChildSpec::new("", idle)).await, InvalidTreeKind::EmptyName),
        (pool.start_child(ChildSpec::new("a/b", idle)).await, bad()),
        (pool.start_child(OnceChild::new("a/b", idle)).await, bad()),
        (pool.start_child(ChildSpec::new("a", idle).ready_within(Duration::ZERO)).await, zero),
        (
            pool.start_child(significant).await,
            InvalidTreeKind::SignificantWithoutAutoShutdown("a".to_owned()),
        ),
        (pool.start_named("a/b", ChildSpec::new("a", idle)).await.map(|()| String::new()), bad()),
    ] {
        let Err(CommandError::Invalid(invalid)) = refused else { panic!("{refused:?}") };
        assert_eq!((invalid.path.as_str(), invalid.kind), ("root", rule));
    }
    assert_eq!(counts(&handle).await, [0; 5]);
    running.shutdown().await.unwrap();
}

/// A child that comes up is answered with its name, one that declines with the name of a child that
/// is gone, and one that fails with the error.
#[tokio::test(start_paused = true)]
async fn with_different_returns() {
    let log = Log::default();
    let pool = DynamicSupervisor::new().restart_limit(limit(0));
    let (running, handle) = up_dynamic(&pool).await;
    let (ready, failing) = (Gated::new("ready", &log), Gated::new("failing", &log));
    ready.open();
    failing.puppet.fail("found");
    assert_eq!(pool.start_child(ready.spec()).await.unwrap(), "ready-1");
    assert_eq!(pool.start_child(ChildSpec::new("up", idle)).await.unwrap(), "up-2");
    assert_eq!(pool.start_child(declining("ignored")).await.unwrap(), "ignored-3");
    let failed = pool.start_child(failing.spec()).await.unwrap_err();
    let CommandError::FailedStart { exit, .. } = failed else { panic!("{failed}") };
    assert_eq!(exit.cause().unwrap().to_string(), "found");
    settle().await;
    assert_eq!(names(&handle).await, "ready-1 up-2");
    running.shutdown().await.unwrap();
}

/// A panic comes where the start function is called, or where its future is polled before it is
/// ready. The message is the answer, and the supervisor is not affected.
#[tokio::test(start_paused = true)]
async fn with_throw_error_exit() {
    quiet_panics();
    let pool = DynamicSupervisor::new().restart_limit(limit(0));
    let (running, handle) = up_dynamic(&pool).await;
    let called = ChildSpec::new("called", |_: ChildContext| -> std::future::Ready<()> {
        panic!("expected: oops")
    });
    let polled = ChildSpec::new("polled", async |_: ChildContext| panic!("expected: oops"));
    for spec in [called, polled] {
        let failed = pool.start_child(spec.ready_within(SECOND)).await.unwrap_err();
        let CommandError::FailedStart { exit, .. } = failed else { panic!("{failed}") };
        assert_eq!(exit.cause().unwrap().to_string(), "expected: oops");
        assert_eq!(counts(&handle).await, [0; 5]);
    }
    running.shutdown().await.unwrap();
}

/// The limit may be zero children, and a place is free as soon as its child has ended.
#[tokio::test(start_paused = true)]
async fn with_max_children() {
    let log = Log::default();
    let none = DynamicSupervisor::new().max_children(0);
    let (running, _) = up_dynamic(&none).await;
    let refused = none.start_child(ChildSpec::new("a", idle)).await;
    assert!(matches!(refused, Err(CommandError::MaxChildren { .. })), "{refused:?}");
    running.shutdown().await.unwrap();

    let one = DynamicSupervisor::new().max_children(1);
    let (running, _) = up_dynamic(&one).await;
    for _ in 0..3 {
        let a = Puppet::new("a", &log);
        one.start_child(a.spec().restart(RestartPolicy::Transient)).await.unwrap();
        let refused = one.start_child(a.spec()).await;
        assert!(matches!(refused, Err(CommandError::MaxChildren { .. })), "{refused:?}");
        a.finish();
        settle().await;
        assert_eq!(a.starts(), 1);
    }
    running.shutdown().await.unwrap();
}

/// Returns whether a child of this policy is listed after it has ended in each of three ways:
/// normally, by an error, and by a panic.
async fn after(policy: RestartPolicy) -> [bool; 3] {
    quiet_panics();
    let mut restarted = [false; 3];
    for (end, restarted) in restarted.iter_mut().enumerate() {
        let log = Log::default();
        let pool = DynamicSupervisor::new();
        let (running, handle) = up_dynamic(&pool).await;
        let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
        pool.start_child(a.spec().restart(policy)).await.unwrap();
        pool.start_child(b.spec().restart(policy)).await.unwrap();
        settle().await;
        match end {
            0 => a.finish(),
            1 => a.fail("now"),
            _ => a.panic("expected: now"),
        }
        settle().await;
        *restarted = a.live() == 1;
        let left = 1 + a.live();
        assert_eq!(counts(&handle).await, [left, left, 0, 0, left]);
        assert_eq!((a.starts(), b.starts()), (left, 1));
        running.shutdown().await.unwrap();
    }
    restarted
}

#[tokio::test(start_paused = true)]
async fn temporary_child_is_not_restarted_regardless_of_reason() {
    assert_eq!(after(RestartPolicy::Temporary).await, [false; 3]);
}

#[tokio::test(start_paused = true)]
async fn transient_child_is_restarted_unless_normal() {
    assert_eq!(after(RestartPolicy::Transient).await, [false, true, true]);
}

#[tokio::test(start_paused = true)]
async fn permanent_child_is_restarted_regardless_of_reason() {
    assert_eq!(after(RestartPolicy::Permanent).await, [true; 3]);
}
