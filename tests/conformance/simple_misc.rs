//! The cases of `significant` and `misc B` that are about OTP's `simple_one_for_one`, with a dynamic
//! supervisor.
//!
//! OTP counts such a supervisor as one spec; ours, like Elixir's, as many as there are children. A
//! child that is being started again counts as one that runs: there is an instance of it. Between
//! two attempts no time passes, so none is ever seen `restarting`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use sage_supervisor::{
    AutoShutdown, ChildContext, ChildSpec, ChildState, CommandError, DynamicSupervisor, IntoChild,
    InvalidTreeKind, OnceChild, RestartPolicy, RunningSupervisor, Strategy, SupervisorHandle,
};
use sage_supervisor_tests::{
    Log, Puppet, limit, no_task_is_left, quiet_panics, settle, supervisor, unclean,
};
use tokio::time::{Instant, timeout};

use crate::misc_b_restarting::{failing_slowly, is_over};
use crate::{POLICIES, SECOND, counts, idle, up_dynamic};

/// OTP 27 refuses `auto_shutdown` together with `simple_one_for_one`. In OTP 24 to 26 it is allowed, and
/// it is here: a child may be significant if it can end for good and its supervisor has an auto-shutdown,
/// which the first or the last such end triggers.
#[tokio::test(start_paused = true)]
async fn significant_simple() {
    use AutoShutdown::{AllSignificant, AnySignificant, Never};
    for mode in [Never, AnySignificant, AllSignificant] {
        let log = Log::default();
        let pool = DynamicSupervisor::new().auto_shutdown(mode);
        let (running, handle) = up_dynamic(&pool).await;
        for policy in POLICIES {
            let spec = || ChildSpec::new("a", idle).restart(policy).significant();
            let rule = match policy {
                RestartPolicy::Permanent => InvalidTreeKind::SignificantPermanent("a".to_owned()),
                _ if mode == Never => {
                    InvalidTreeKind::SignificantWithoutAutoShutdown("a".to_owned())
                }
                _ => continue,
            };
            for refused in [
                pool.start_named("a", spec()).await,
                pool.start_named("a", Arc::new(spec())).await,
                handle.start_child(spec()).await,
            ] {
                let Err(CommandError::Invalid(invalid)) = refused else { panic!("{refused:?}") };
                assert_eq!((invalid.path.as_str(), &invalid.kind), ("root", &rule));
            }
            assert_eq!(counts(&handle).await, [0; 5]);
        }
        if mode == Never {
            running.shutdown().await.unwrap();
            continue;
        }
        let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
        for puppet in [&a, &b] {
            let template = puppet.spec().restart(RestartPolicy::Transient).significant();
            pool.start_child(Arc::new(template)).await.unwrap();
        }
        a.finish();
        settle().await;
        assert_eq!(handle.has_ended(), mode == AnySignificant);
        assert_eq!(b.live(), usize::from(mode == AllSignificant));
        b.finish();
        running.wait().await.unwrap();
    }
}

/// Two thousand children are counted, and zero when all have ended.
#[tokio::test(start_paused = true)]
async fn count_children() {
    quiet_panics();
    let log = Log::default();
    let pool = DynamicSupervisor::new();
    let (running, handle) = up_dynamic(&pool).await;
    let a = Puppet::new("a", &log);
    let template = Arc::new(a.spec().restart(RestartPolicy::Temporary));
    for _ in 0..2_000 {
        pool.start_child(Arc::clone(&template)).await.unwrap();
    }
    assert_eq!(counts(&handle).await, [2_000, 2_000, 0, 0, 2_000]);
    for number in 0..2_000 {
        match number % 3 {
            0 => a.finish(),
            1 => a.fail("now"),
            _ => a.panic("expected: now"),
        }
        // Each order is for a single instance.
        settle().await;
    }
    assert_eq!((counts(&handle).await, a.live()), ([0; 5], 0));
    assert_eq!(handle.children().await.unwrap().len(), 0);
    running.shutdown().await.unwrap();
}

/// The same counts with supervisors, which are dynamic children like any other.
#[tokio::test(start_paused = true)]
async fn count_children_supervisor() {
    let log = Log::default();
    let pool = DynamicSupervisor::new();
    let (running, handle) = up_dynamic(&pool).await;
    let puppets: Vec<_> = (0..200).map(|_| Puppet::new("worker", &log)).collect();
    for puppet in &puppets {
        let worker = puppet.spec().restart(RestartPolicy::Transient);
        let nested = supervisor(Strategy::OneForOne).children([worker]);
        pool.start_child(nested.into_child("nested".to_owned())).await.unwrap();
    }
    let worker = pool.start_child(ChildSpec::new("worker", idle)).await.unwrap();
    assert_eq!(counts(&handle).await, [201, 201, 0, 200, 1]);
    for puppet in &puppets {
        puppet.finish();
    }
    settle().await;
    assert_eq!(counts(&handle).await, [1, 1, 0, 0, 1]);
    pool.stop_child(&worker).await.unwrap();
    assert_eq!(counts(&handle).await, [0; 5]);
    running.shutdown().await.unwrap();
}

/// Children that are started again and again are counted, and can be stopped; the later counts are
/// those of the remaining children. (OTP counts one running child less for each of them from then
/// on.)
#[tokio::test(start_paused = true)]
async fn count_restarting_children() {
    let log = Log::default();
    let pool = DynamicSupervisor::new().restart_limit(limit(10_000));
    let (running, handle) = up_dynamic(&pool).await;
    let puppets: Vec<_> = (0..20).map(|_| Puppet::new("loop", &log)).collect();
    for (number, puppet) in puppets.iter().enumerate() {
        pool.start_named(format!("loop-{number}"), failing_slowly(puppet)).await.unwrap();
    }
    assert_eq!(counts(&handle).await, [20, 20, 0, 0, 20]);
    for puppet in &puppets {
        puppet.started(3).await;
    }
    assert_eq!(counts(&handle).await, [20, 20, 0, 0, 20]);
    for child in handle.children().await.unwrap() {
        assert_eq!(child.state, ChildState::Starting);
    }
    for left in (0..20).rev() {
        pool.stop_child(&format!("loop-{left}")).await.unwrap();
        assert_eq!(counts(&handle).await, [left, left, 0, 0, left]);
    }
    for puppet in &puppets {
        assert_eq!((puppet.live(), puppet.peak()), (0, 1));
    }
    for started in 1..=3 {
        pool.start_child(ChildSpec::new("up", idle)).await.unwrap();
        assert_eq!(counts(&handle).await, [started, started, 0, 0, started]);
    }
    running.shutdown().await.unwrap();
}

/// A child in a loop of slow failing starts, beside a child that is up.
async fn hanging() -> (DynamicSupervisor, RunningSupervisor, SupervisorHandle, Puppet) {
    let b = Puppet::new("b", &Log::default());
    let pool = DynamicSupervisor::new().restart_limit(limit(1_000));
    let (running, handle) = up_dynamic(&pool).await;
    pool.start_named("a", ChildSpec::new("a", idle)).await.unwrap();
    pool.start_named("b", failing_slowly(&b)).await.unwrap();
    b.started(5).await;
    (pool, running, handle, b)
}

/// In such a loop commands are answered and none of them hangs. A stop by hand ends the loop and
/// leaves nothing behind. A restart by hand does so too, and its failure is the answer (OTP refuses
/// it). The supervisor can be shut down in the meantime, and waits for no further attempt.
#[tokio::test(start_paused = true)]
async fn hanging_restart_loop_simple() {
    let (pool, running, handle, b) = hanging().await;
    assert!(!is_over(&b).await);
    let again = pool.start_named("b", ChildSpec::new("b", idle)).await;
    assert!(matches!(again, Err(CommandError::AlreadyRunning { .. })), "{again:?}");
    assert!(matches!(handle.remove_child("b").await, Err(CommandError::StillRunning { .. })));
    handle.restart_child("a").await.unwrap();
    let asked = Instant::now();
    pool.stop_child("b").await.unwrap();
    assert!(asked.elapsed() <= SECOND);
    assert!(is_over(&b).await);
    assert_eq!((counts(&handle).await, b.peak()), ([1, 1, 0, 0, 1], 1));
    running.shutdown().await.unwrap();

    let (pool, running, handle, b) = hanging().await;
    let restart = timeout(SECOND * 100, handle.restart_child("b")).await.unwrap();
    assert!(matches!(restart, Err(CommandError::FailedStart { .. })), "{restart:?}");
    assert!(is_over(&b).await);
    // The child is not found any more, as after a stop.
    assert!(matches!(pool.stop_child("b").await, Err(CommandError::NotFound { .. })));
    assert_eq!(counts(&handle).await, [1, 1, 0, 0, 1]);
    running.shutdown().await.unwrap();

    let (_, running, _, b) = hanging().await;
    let starts = b.starts();
    let asked = Instant::now();
    assert_eq!(unclean(running.shutdown().await), "root/b: error: it hangs");
    assert!(asked.elapsed() <= SECOND);
    assert_eq!((b.starts(), b.live()), (starts, 0));
    no_task_is_left().await;
}

/// Counts itself at the moment of its drop.
struct Ends(Arc<Mutex<BTreeMap<u128, usize>>>, Instant);

impl Drop for Ends {
    fn drop(&mut self) {
        let hundredths = self.1.elapsed().as_millis() / 10;
        *self.0.lock().unwrap().entry(hundredths).or_default() += 1;
    }
}

/// Many temporary children that are stopped one by one leave nothing behind, whatever their number.
/// Stopped with their supervisor, they take no longer than one of them would, and all children with
/// the same timeout are killed at the same moment. (OTP's case compares the times for ten times as
/// many children; they are measured elsewhere, because a test of them could fail by load.)
#[tokio::test(start_paused = true)]
async fn simple_one_for_one_scale_many_temporary_children() {
    for many in [1_000, 10_000] {
        let pool = DynamicSupervisor::new();
        let (running, handle) = up_dynamic(&pool).await;
        let ended = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&ended);
        let template = ChildSpec::new("child", move |ctx: ChildContext| {
            let count = Arc::clone(&count);
            async move {
                ctx.cancelled().await;
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        let template = Arc::new(template.restart(RestartPolicy::Temporary));
        let mut all = vec![];
        for _ in 0..many {
            all.push(pool.start_child(Arc::clone(&template)).await.unwrap());
        }
        settle().await;
        assert_eq!(counts(&handle).await, [many, many, 0, 0, many]);
        let before = Instant::now();
        // The children are stopped from the middle on, and then from both ends.
        let (early, late) = all.split_at(many / 3);
        for name in late.iter().chain(early) {
            pool.stop_child(name).await.unwrap();
        }
        assert_eq!(ended.load(Ordering::Relaxed), many);
        assert_eq!((counts(&handle).await, before.elapsed().as_millis()), ([0; 5], 0));
        assert_eq!(Arc::strong_count(&template), 1);

        let ends = Arc::new(Mutex::new(BTreeMap::new()));
        let began = Instant::now();
        for number in 0..many {
            let ends = Ends(Arc::clone(&ends), began);
            let stuck = OnceChild::new("stuck", |_| async move {
                let _ends = ends;
                std::future::pending::<()>().await;
            });
            let time = SECOND * if number % 10 == 0 { 3 } else { 2 };
            pool.start_child(stuck.shutdown(time)).await.unwrap();
        }
        settle().await;
        assert_eq!(unclean(running.shutdown().await).matches("timed out").count(), 32);
        let expected = BTreeMap::from([(200, many - many / 10), (300, many / 10)]);
        assert_eq!(*ends.lock().unwrap(), expected);
        no_task_is_left().await;
    }
}
