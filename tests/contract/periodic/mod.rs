//! Children whose work is periodic (rule 38).

mod failures;
mod reports;
mod shown;
mod stops;
mod threads;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use sage_supervisor::{
    AutoShutdown, ChildContext, ChildSpec, CommandError, DynamicSupervisor, EventKind, Every,
    IntoChild, InvalidTreeKind, RestartPolicy, SageError, Strategy, Supervisor, child,
    supervisor as block,
};
use sage_supervisor_tests::{limit, quiet_panics, settle, supervisor};
use tokio::process::Command;
use tokio::time::{Instant, advance, sleep};

const SECOND: Duration = Duration::from_secs(1);
const MILLI: Duration = Duration::from_millis(1);

/// The moments at which runs began, in milliseconds since the start of the test.
#[derive(Clone)]
struct Runs {
    since: Instant,
    begun: Arc<Mutex<Vec<u64>>>,
}

impl Runs {
    fn new() -> Self {
        Self { since: Instant::now(), begun: Arc::default() }
    }

    fn note(&self) {
        let now = u64::try_from(self.since.elapsed().as_millis()).unwrap();
        self.begun.lock().unwrap().push(now);
    }

    fn take(&self) -> Vec<u64> {
        std::mem::take(&mut *self.begun.lock().unwrap())
    }

    /// Takes the moments in whole seconds.
    fn seconds(&self) -> Vec<u64> {
        self.take().into_iter().map(|at| at / 1_000).collect()
    }

    /// A child `a` whose runs take as long as these numbers of seconds say, and no time after that.
    fn child(&self, lengths: &'static [u64]) -> ChildSpec {
        let (runs, next) = (self.clone(), Arc::new(Mutex::new(lengths.iter())));
        ChildSpec::new("a", move |_| {
            runs.note();
            let length = next.lock().unwrap().next().copied().unwrap_or(0);
            sleep(SECOND * u32::try_from(length).unwrap())
        })
    }
}

#[tokio::test(start_paused = true)]
async fn rule_38_work_is_done_at_once_and_again_every_period() {
    let runs = Runs::new();
    let spec = runs.child(&[4, 9, 0, 1]).every(SECOND * 10);
    let running = supervisor(Strategy::OneForOne).children([spec]).start();
    sleep(SECOND * 55).await;
    assert_eq!(runs.seconds(), [0, 10, 20, 30, 40, 50], "the rate does not depend on the runs");
    running.shutdown().await.unwrap();
    sleep(SECOND * 55).await;
    assert!(runs.take().is_empty());
}

#[tokio::test(start_paused = true)]
async fn rule_38_the_first_run_may_come_after_a_period() {
    let runs = Runs::new();
    let spec = runs.child(&[]).every(Every::new(SECOND * 10).first_after_period());
    let running = supervisor(Strategy::OneForOne).children([spec]).start();
    let handle = running.handle();
    sleep(SECOND * 25).await;
    assert_eq!(runs.seconds(), [10, 20]);
    // An instance that follows another one works at once.
    handle.restart_child("a").await.unwrap();
    sleep(SECOND * 15).await;
    assert_eq!(runs.seconds(), [25, 35]);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_38_a_tick_that_passes_during_a_run_is_skipped() {
    let runs = Runs::new();
    // The run that takes exactly one period misses nothing.
    let spec = runs.child(&[25, 0, 11, 10, 0]).every(SECOND * 10);
    let running = supervisor(Strategy::OneForOne).children([spec]).start();
    sleep(SECOND * 85).await;
    assert_eq!(runs.seconds(), [0, 30, 40, 60, 70, 80]);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_38_a_process_that_was_frozen_has_one_run_for_all_ticks_that_passed() {
    let runs = Runs::new();
    let spec = runs.child(&[]).every(SECOND * 10);
    let running = supervisor(Strategy::OneForOne).children([spec]).start();
    settle().await;
    advance(SECOND * 35).await;
    sleep(SECOND * 20).await;
    assert_eq!(runs.seconds(), [0, 35, 40, 50]);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_38_jitter_makes_a_run_late_by_a_part_of_the_period() {
    let late = async |seed: u64| {
        let runs = Runs::new();
        let every = Every::new(SECOND * 10).jitter(0.5).seed(seed);
        let running =
            supervisor(Strategy::OneForOne).children([runs.child(&[]).every(every)]).start();
        sleep(SECOND * 1_000 - MILLI).await;
        running.shutdown().await.unwrap();
        let begun = runs.take();
        assert_eq!((begun.len(), begun[0]), (100, 0), "the rate stays, and the first is at once");
        let late =
            begun.into_iter().zip((0..).step_by(10_000)).map(|(at, tick): (u64, u64)| at - tick);
        late.skip(1).collect::<Vec<_>>()
    };
    let drawn = late(7).await;
    assert!(drawn.iter().all(|&late| late <= 5_001), "{drawn:?}");
    assert!(drawn.iter().any(|&late| late > 4_000) && drawn.iter().any(|&late| late < 1_000));
    assert_eq!(drawn, late(7).await, "a seed repeats it");
    assert_ne!(drawn, late(8).await);
}

#[tokio::test(start_paused = true)]
async fn rule_38_children_of_a_pool_have_schedules_of_their_own() {
    let runs = Runs::new();
    let tree = {
        let runs = runs.clone();
        block! {
            #[child(every = "10s", instances = 3, clone(runs))]
            a = async move |ctx: ChildContext| {
                runs.note();
                sleep(SECOND * u32::try_from(ctx.index()).unwrap() * 8).await;
            },
        }
    };
    let running = tree.start();
    sleep(SECOND * 25).await;
    // The third child takes 16 s, and skips a tick.
    assert_eq!(runs.seconds(), [0, 0, 0, 10, 10, 20, 20, 20]);
    // This run takes no notice of the request, and ends after 28 s.
    running.handle().restart_child("a-1").await.unwrap();
    sleep(SECOND * 16).await;
    assert_eq!(runs.seconds(), [28, 30, 38, 40, 40]);
    running.kill().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_38_a_value_is_lent_to_one_run_after_the_other() {
    let runs = Runs::new();
    let tree = {
        let (runs, counts) = (runs.clone(), Vec::new());
        block! {
            #[child(every = "10s", clone(runs), lend(counts))]
            a = async move |_| {
                counts.push(());
                assert!(counts.len() < 4, "expected: enough");
                runs.note();
                if counts.len() == 2 {
                    // The guard outlives its run, and the next one comes too early for it.
                    tokio::spawn(async move {
                        sleep(SECOND * 15).await;
                        drop(counts);
                    });
                }
            },
        }
    };
    quiet_panics();
    let running = tree.start();
    sleep(SECOND * 19).await;
    assert_eq!(runs.seconds(), [0, 10]);
    let handle = running.handle();
    assert_eq!(handle.child("a").await.unwrap().restarts, 0);
    running.wait().await.unwrap_err();
    assert!(runs.take().is_empty(), "the value was away, so no run began");
}

#[child(every = "10s")]
async fn swept(_: ChildContext, runs: Runs) -> Result<(), String> {
    runs.note();
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn rule_38_a_period_can_be_set_for_every_kind_of_start() {
    let runs = Runs::new();
    let (hour, seconds) = (SECOND * 3_600, SECOND * 20);
    let tree = {
        let [closure, plain] = [runs.clone(), runs.clone()];
        block! {
            #[child]
            function = swept(runs.clone()),

            #[child(every = "15s", clone(closure))]
            closure = async move |_| closure.note(),

            #[child(every = seconds)]
            value = swept(runs.clone()),

            #[child(every = Every::new(hour).first_after_period())]
            expression = swept(runs.clone()),

            #[child(every = "25s")]
            plain = ChildSpec::without_context("plain", move || {
                plain.note();
                std::future::ready(())
            }),
        }
    };
    let running = tree.start();
    sleep(SECOND * 26).await;
    assert_eq!(runs.seconds(), [0, 0, 0, 0, 10, 15, 20, 20, 25]);
    running.kill().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_38_children_of_a_dynamic_supervisor_may_work_periodically() {
    let runs = Runs::new();
    let jobs = DynamicSupervisor::new();
    let running = jobs.clone().start();
    running.started().await.unwrap();
    // Children that share one spec have schedules of their own.
    let spec = Arc::new(runs.child(&[]).every(SECOND * 10));
    for name in ["a-1", "a-2"] {
        assert_eq!(jobs.start_child(Arc::clone(&spec)).await.unwrap(), name);
        sleep(SECOND * 4).await;
    }
    sleep(SECOND * 17).await;
    assert_eq!(runs.seconds(), [0, 4, 10, 14, 20, 24]);
    jobs.stop_child("a-1").await.unwrap();
    sleep(SECOND * 10).await;
    assert_eq!(runs.seconds(), [34]);
    let invalid = jobs.start_child(runs.child(&[]).every(Duration::ZERO)).await;
    assert!(matches!(invalid, Err(CommandError::Invalid(_))), "{invalid:?}");
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_38_a_changed_period_is_a_difference_for_a_reload() {
    async fn idle(_: ChildContext) {}
    let plan = |every: Every| {
        let spec = ChildSpec::new("a", idle).every(every);
        supervisor(Strategy::OneForOne).children([spec, ChildSpec::new("b", idle).every(SECOND)])
    };
    let running = plan(Every::new(SECOND)).start();
    running.started().await.unwrap();
    let same = running.reload(plan(SECOND.into())).await.unwrap();
    assert!(same.is_unchanged());
    for other in [
        Every::new(SECOND * 2),
        Every::new(SECOND).jitter(0.1),
        Every::new(SECOND).first_after_period(),
    ] {
        let changes = running.reload(plan(other)).await.unwrap();
        assert_eq!(
            (changes.replaced, changes.kept),
            (vec!["root/a".into()], vec!["root/b".into()])
        );
    }
    running.shutdown().await.unwrap();
}

#[tokio::test]
async fn rule_4_a_period_is_of_a_task_or_thread_and_longer_than_zero() {
    let nested = supervisor(Strategy::OneForOne).child("b", async |_: ChildContext| {});
    let task = || ChildSpec::new("a", async |_| {});
    let not_periodic = || InvalidTreeKind::NotPeriodic("a".to_owned());
    let table = [
        (task().every(Duration::ZERO), InvalidTreeKind::ZeroEvery("a".to_owned())),
        (
            task().every(Every::new(SECOND).jitter(1.1)),
            InvalidTreeKind::InvalidEvery(
                "a".to_owned(),
                "the jitter must be a number from 0 to 1",
            ),
        ),
        (
            ChildSpec::blocking("a", |_| {}).every(Duration::ZERO),
            InvalidTreeKind::ZeroEvery("a".to_owned()),
        ),
        (ChildSpec::command("a", || Command::new("true")).every(SECOND), not_periodic()),
        (nested.into_child("a".to_owned()).every(SECOND), not_periodic()),
    ];
    for (spec, expected) in table {
        let mut tree = supervisor(Strategy::OneForOne).children([spec]);
        let Err(SageError::Invalid(invalid)) = tree.run().await else { panic!("{expected}") };
        assert_eq!(invalid.kind, expected);
    }
}

/// A run that ends well is not an exit, so nothing follows from it.
#[tokio::test(start_paused = true)]
async fn rule_38_a_run_that_ends_well_is_no_exit() {
    for policy in [RestartPolicy::Permanent, RestartPolicy::Transient, RestartPolicy::Temporary] {
        let runs = Runs::new();
        let spec =
            runs.child(&[1, 2, 3]).every(SECOND * 10).restart(policy).restart_limit(limit(0));
        let spec = if policy == RestartPolicy::Permanent { spec } else { spec.significant() };
        let running = Supervisor::new(Strategy::OneForAll, limit(0))
            .auto_shutdown(AutoShutdown::AnySignificant)
            .child("sibling", async |ctx: ChildContext| ctx.cancelled().await)
            .children([spec])
            .start();
        let mut events = running.handle().tree_events();
        sleep(SECOND * 1_005).await;
        assert_eq!(runs.take().len(), 101, "{policy:?}");
        let tree = running.handle().tree().await.unwrap();
        assert!(tree.root.children.iter().all(|child| child.restarts == 0 && child.instance == 1));
        running.shutdown().await.unwrap();
        let mut exits = 0;
        while let Some(event) = events.recv().await {
            match event.unwrap() {
                event if event.child.is_none() => {}
                event => match event.kind {
                    EventKind::Restarting { .. } => panic!("nothing is restarted"),
                    EventKind::Exited { asked, .. } => {
                        assert!(asked, "{policy:?}");
                        exits += 1;
                    }
                    _ => {}
                },
            }
        }
        assert_eq!(exits, 2, "at the end");
    }
}
