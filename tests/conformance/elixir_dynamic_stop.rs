//! The cases of Elixir's suite of `DynamicSupervisor` about stops, of children alone and with their
//! supervisor. The other cases of that suite are in [`elixir_dynamic`](super::elixir_dynamic).
//!
//! | case | test |
//! |---|---|
//! | with valid shutdown | here |
//! | terminates children with brutal kill | here |
//! | terminates children with infinity shutdown | here |
//! | terminates children with infinity shutdown and abnormal reason | here |
//! | terminates children with integer shutdown | here |
//! | terminates children with integer shutdown and abnormal reason | here |
//! | terminates children with expired integer shutdown | here |
//! | terminates children with permanent restart and normal reason | here |
//! | terminates with mixed children | here: with many, and all times |
//! | terminates child with brutal kill | here |
//! | terminates child with integer shutdown | here |
//! | terminates restarting child | here |

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sage_supervisor::{
    ChildContext, CommandError, DynamicSupervisor, OnceChild, RestartPolicy, SageError, Shutdown,
};
use sage_supervisor_tests::{
    Log, OnStop, Puppet, Recorder, limit, no_task_is_left, quiet_panics, settle,
};
use tokio::time::{Instant, sleep};

use crate::misc_b_restarting::{failing_slowly, is_over};
use crate::{POLICIES, SECOND, counts, up_dynamic};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Stops a supervisor of three children. All of them have to end for this reason and after this
/// time, whatever their policy.
async fn stop_three(on_stop: OnStop, shutdown: Shutdown, reason: &str, after: Duration) {
    quiet_panics();
    for policy in POLICIES {
        let recorder = Recorder::default();
        let _recording = tracing::subscriber::set_default(recorder.clone());
        let pool = DynamicSupervisor::new();
        let (running, _) = up_dynamic(&pool).await;
        let is_clean = reason == "shutdown" || shutdown == Shutdown::BrutalKill;
        let a = Puppet::with("a", &Log::default(), on_stop);
        for _ in 0..3 {
            pool.start_child(a.spec().shutdown(shutdown).restart(policy)).await.unwrap();
        }
        settle().await;
        let asked = Instant::now();
        let result = running.shutdown().await;
        assert_eq!(result.is_ok(), is_clean, "{result:?}");
        assert_eq!(asked.elapsed().as_millis() / 10, after.as_millis() / 10);
        let mut exits = recorder.exits();
        exits.sort();
        assert_eq!(exits, ["a-1", "a-2", "a-3"].map(|name| format!("{name}: {reason}")));
        assert_eq!((a.starts(), a.live()), (3, 0), "{policy:?}");
        no_task_is_left().await;
    }
}

#[tokio::test(start_paused = true)]
async fn terminates_children_with_brutal_kill() {
    stop_three(OnStop::Panic, Shutdown::BrutalKill, "killed", Duration::ZERO).await;
}

#[tokio::test(start_paused = true)]
async fn terminates_children_with_infinity_shutdown() {
    stop_three(OnStop::After(DAY), Shutdown::Infinity, "shutdown", DAY).await;
}

#[tokio::test(start_paused = true)]
async fn terminates_children_with_infinity_shutdown_and_abnormal_reason() {
    let reason = "error: failed while stopping";
    stop_three(OnStop::Fail, Shutdown::Infinity, reason, Duration::ZERO).await;
}

#[tokio::test(start_paused = true)]
async fn terminates_children_with_integer_shutdown() {
    stop_three(OnStop::After(SECOND), (SECOND * 2).into(), "shutdown", SECOND).await;
}

#[tokio::test(start_paused = true)]
async fn terminates_children_with_integer_shutdown_and_abnormal_reason() {
    let reason = "panic: expected: panicked while stopping";
    stop_three(OnStop::Panic, SECOND.into(), reason, Duration::ZERO).await;
}

#[tokio::test(start_paused = true)]
async fn terminates_children_with_expired_integer_shutdown() {
    stop_three(OnStop::Ignore, SECOND.into(), "killed", SECOND).await;
    stop_three(OnStop::After(SECOND * 3), (SECOND * 2).into(), "killed", SECOND * 2).await;
}

/// A child that returns normally because it was asked to stop is not restarted, although it is
/// permanent.
#[tokio::test(start_paused = true)]
async fn terminates_children_with_permanent_restart_and_normal_reason() {
    stop_three(OnStop::Obey, Shutdown::Infinity, "shutdown", Duration::ZERO).await;
}

/// Notes the time of its drop.
struct Ends(Arc<Mutex<BTreeMap<(u128, &'static str), usize>>>, &'static str, Instant);

impl Drop for Ends {
    fn drop(&mut self) {
        let hundredths = self.2.elapsed().as_millis() / 10;
        *self.0.lock().unwrap().entry((hundredths, self.1)).or_default() += 1;
    }
}

/// Children of all settings in one supervisor. Those that share a timeout are killed at the same
/// moment, when it is over; no child is killed earlier or later because of another. Children that
/// end in their own time are awaited.
#[tokio::test(start_paused = true)]
async fn terminates_with_mixed_children() {
    let pool = DynamicSupervisor::new();
    let (running, _) = up_dynamic(&pool).await;
    let ends = Arc::new(Mutex::new(BTreeMap::new()));
    sleep(SECOND).await;
    let asked = Instant::now();
    let forever = Duration::MAX;
    for round in 0..300 {
        for (what, shutdown, takes) in [
            ("killed", Shutdown::BrutalKill, forever),
            ("zero", Duration::ZERO.into(), forever),
            ("short", (SECOND / 2).into(), forever),
            ("longer", SECOND.into(), forever),
            ("longest", (SECOND * 3).into(), forever),
            ("in time", (SECOND * 3).into(), SECOND * 2),
            ("too slow", SECOND.into(), SECOND * 2),
            ("slow", Shutdown::Infinity, SECOND * 4),
        ] {
            let ends = Ends(Arc::clone(&ends), what, asked);
            let child =
                OnceChild::new(format!("{what}-{round}"), move |ctx: ChildContext| async move {
                    let _ends = ends;
                    ctx.cancelled().await;
                    match takes {
                        Duration::MAX => std::future::pending().await,
                        time => sleep(time).await,
                    }
                });
            pool.start_child(child.shutdown(shutdown)).await.unwrap();
        }
    }
    settle().await;
    let Err(SageError::UncleanStop(unclean)) = running.shutdown().await else {
        panic!("it is not")
    };
    // These are `short`, `longer`, `longest` and `too slow`. No time at all is a brutal kill.
    assert_eq!(unclean.failures.count, 4 * 300);
    let expected = [
        (0, "killed"),
        (0, "zero"),
        (50, "short"),
        (100, "longer"),
        (100, "too slow"),
        (200, "in time"),
        (300, "longest"),
        (400, "slow"),
    ];
    assert_eq!(*ends.lock().unwrap(), BTreeMap::from(expected.map(|end| (end, 300))));
    assert_eq!(asked.elapsed().as_millis() / 10, 400);
    no_task_is_left().await;
}

/// Stops one of two children by hand. The child has to end for this reason and after this time.
/// Nothing is left of it, and the other child lives.
async fn stop_one(on_stop: OnStop, shutdown: Shutdown, reason: &str, after: Duration) {
    for policy in POLICIES {
        let recorder = Recorder::default();
        let _recording = tracing::subscriber::set_default(recorder.clone());
        let pool = DynamicSupervisor::new();
        let (running, handle) = up_dynamic(&pool).await;
        let log = Log::default();
        let (a, b) = (Puppet::with("a", &log, on_stop), Puppet::new("b", &log));
        let name = pool.start_child(a.spec().shutdown(shutdown).restart(policy)).await.unwrap();
        pool.start_child(b.spec()).await.unwrap();
        settle().await;
        let asked = Instant::now();
        pool.stop_child(&name).await.unwrap();
        assert_eq!(asked.elapsed().as_millis() / 10, after.as_millis() / 10);
        assert_eq!(recorder.exits(), [format!("{name}: {reason}")]);
        assert!(matches!(pool.stop_child(&name).await, Err(CommandError::NotFound { .. })));
        assert_eq!((a.starts(), a.live(), b.live()), (1, 0, 1));
        assert_eq!(counts(&handle).await, [1, 1, 0, 0, 1]);
        running.shutdown().await.unwrap();
    }
}

/// Any duration is a valid timeout: zero, which is that of a `brutal_kill`, and one beyond all
/// clocks, which is `infinity`.
#[tokio::test(start_paused = true)]
async fn with_valid_shutdown() {
    let moment = Duration::from_millis(20);
    stop_one(OnStop::Ignore, Duration::ZERO.into(), "killed", Duration::ZERO).await;
    stop_one(OnStop::Ignore, moment.into(), "killed", moment).await;
    stop_one(OnStop::After(DAY), Duration::MAX.into(), "shutdown", DAY).await;
}

#[tokio::test(start_paused = true)]
async fn terminates_child_with_brutal_kill() {
    stop_one(OnStop::Ignore, Shutdown::BrutalKill, "killed", Duration::ZERO).await;
}

#[tokio::test(start_paused = true)]
async fn terminates_child_with_integer_shutdown() {
    stop_one(OnStop::After(SECOND), (SECOND * 2).into(), "shutdown", SECOND).await;
    stop_one(OnStop::Ignore, (SECOND * 2).into(), "killed", SECOND * 2).await;
}

/// A child that cannot start again is stopped for good, and its start is not tried any more.
#[tokio::test(start_paused = true)]
async fn terminates_restarting_child() {
    for policy in [RestartPolicy::Permanent, RestartPolicy::Transient] {
        let pool = DynamicSupervisor::new().restart_limit(limit(1_000));
        let (running, handle) = up_dynamic(&pool).await;
        let a = Puppet::new("a", &Log::default());
        let name = pool.start_child(failing_slowly(&a).restart(policy)).await.unwrap();
        a.started(4).await;
        pool.stop_child(&name).await.unwrap();
        assert!(matches!(pool.stop_child(&name).await, Err(CommandError::NotFound { .. })));
        assert_eq!(counts(&handle).await, [0; 5]);
        assert!(is_over(&a).await);
        running.shutdown().await.unwrap();
    }
}
