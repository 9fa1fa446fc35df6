//! `max_starts`, compared with the number of starts of a child that keeps failing.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use proptest::prelude::{Just, ProptestConfig, Strategy as Generator, any};
use proptest::sample::Index;
use proptest::{option, prop_assert, prop_assert_eq, prop_oneof, proptest};

use sage_supervisor::{
    AutoShutdown, ChildContext, ChildSpec, RestartPolicy, Supervisor, supervisor,
};
use tokio::time::{Instant, sleep, timeout};

use crate::clock::paused;
use crate::plan::{Child, Delays, Sup, strategies, trees};

/// The number of starts after which an endless storm is cut off.
const MANY: u64 = 300;

/// Random trees, in which some entries have a limit of their own if `own_limits` is set.
fn settings(own_limits: bool) -> impl Generator<Value = Sup> {
    let sup = || {
        let max_restarts = prop_oneof![
            8 => (0..=2_u32).prop_map(|most| Some(Some(most))),
            1 => Just(None),
            1 => Just(Some(None)),
        ];
        (strategies(), max_restarts).prop_map(|(strategy, max_restarts)| Sup {
            strategy,
            max_restarts,
            within: None,
            delays: None,
            forgive_after: None,
            kill_grace: None,
            stop: None,
            children: Vec::new(),
        })
    };
    let policy = option::weighted(
        0.7,
        prop_oneof![
            Just(RestartPolicy::Permanent),
            Just(RestartPolicy::Transient),
            Just(RestartPolicy::Temporary),
        ],
    );
    let child = (policy, option::of(0..=2_u32)).prop_map(move |(restart, own)| Child {
        restart,
        shutdown: None,
        significant: false,
        own: own.filter(|_| own_limits),
        delays: None,
        nested: None,
    });
    trees(3, sup, child.clone(), child)
}

/// The unit of delays, in milliseconds. Windows and the like are odd multiples of its half, so that the
/// moment for which a child is up before it fails decides nothing.
const UNIT: u64 = 1_100;

/// Random trees with backoffs, in which every child is restarted after a failure.
fn delayed() -> impl Generator<Value = Sup> {
    let delays = || {
        let delays = (1..6_u64, 0..8_u64, 1..=3_u32, 0..60_u64);
        let delays = delays.prop_map(|(initial, more, factor, reset_after)| Delays {
            initial: initial * UNIT,
            max: (initial + more) * UNIT,
            factor,
            reset_after: reset_after * UNIT + UNIT / 2,
        });
        option::weighted(0.4, delays)
    };
    let sup = move || {
        let max_restarts = prop_oneof![
            6 => (0..=3_u32).prop_map(|most| Some(Some(most))),
            3 => Just(None),
            1 => Just(Some(None)),
        ];
        let time = |units: u64| units * UNIT + UNIT / 2;
        let within = (0..40_u64).prop_map(time);
        let forgive_after = option::weighted(0.1, (0..9_u64).prop_map(time));
        (strategies(), max_restarts, within, delays(), forgive_after).prop_map(
            |(strategy, max_restarts, within, delays, forgive_after)| Sup {
                strategy,
                // A window without a number would be a mistake, or set the default limit.
                within: max_restarts.flatten().map(|_| within),
                max_restarts,
                delays,
                forgive_after,
                kill_grace: None,
                stop: None,
                children: Vec::new(),
            },
        )
    };
    let policy =
        option::of(prop_oneof![Just(RestartPolicy::Permanent), Just(RestartPolicy::Transient),]);
    let child = (policy, delays()).prop_map(|(restart, delays)| Child {
        restart,
        shutdown: None,
        significant: false,
        own: None,
        delays,
        nested: None,
    });
    trees(3, sup, child.clone(), child).boxed()
}

fn forgives(sup: &Sup) -> bool {
    let below = sup.children.iter().filter_map(|child| child.nested.as_ref());
    sup.forgive_after.is_some() || below.into_iter().any(forgives)
}

/// The path of a worker. Some entries on the way are made significant, where that is allowed.
fn way(plan: &mut Sup, chosen: Index, significant: &[bool; 3]) -> String {
    let path = chosen.get(&plan.workers()).clone();
    let mut sup = plan;
    for (name, significant) in path.split('/').zip(significant) {
        let child = &mut sup.children[name.parse::<usize>().expect("a place")];
        let default =
            child.nested.as_ref().map_or(RestartPolicy::Permanent, |_| RestartPolicy::Transient);
        child.significant =
            *significant && child.restart.unwrap_or(default) != RestartPolicy::Permanent;
        match &mut child.nested {
            Some(nested) => sup = nested,
            None => break,
        }
    }
    path
}

/// Makes all children that are not on the way to `path` end by themselves, for good.
fn let_others_end(sup: &mut Sup, path: Option<&str>) {
    let (on_the_way, below) = match path.map(|path| path.split_once('/').unwrap_or((path, ""))) {
        Some((name, below)) => (name.parse::<usize>().ok(), Some(below)),
        None => (None, None),
    };
    for (place, child) in sup.children.iter_mut().enumerate() {
        let is_on_the_way = Some(place) == on_the_way;
        if !is_on_the_way && child.restart.is_none_or(|policy| policy == RestartPolicy::Permanent) {
            child.restart = Some(RestartPolicy::Transient);
        }
        if let Some(nested) = &mut child.nested {
            let_others_end(nested, below.filter(|_| is_on_the_way));
        }
    }
}

/// The behaviour of the children that do not fail.
#[derive(Clone, Copy, Debug)]
enum Others {
    End,
    StayUp,
}

/// The number of starts of the child at `path`, if it fails each time after the given number of
/// milliseconds.
fn measure(plan: &Sup, path: &str, fails_after: u64, others: Others) -> u64 {
    measure_time(plan, path, fails_after, others).0
}

/// Does the same, and also returns the time in milliseconds after which the root ended, if it did.
fn measure_time(plan: &Sup, path: &str, fails_after: u64, others: Others) -> (u64, Option<u64>) {
    let mut time = None;
    let starts = Arc::new(AtomicU64::new(0));
    paused(async {
        let built = plan.built(&mut |at| {
            let fails = at == path;
            let starts = Arc::clone(&starts);
            ChildSpec::new("", move |ctx: ChildContext| {
                let count = if fails { starts.fetch_add(1, Ordering::Relaxed) + 1 } else { 0 };
                async move {
                    match (fails, others) {
                        (true, _) if count >= MANY => pending().await,
                        (true, _) if fails_after == 0 => Err("now"),
                        (true, _) => {
                            sleep(Duration::from_millis(fails_after)).await;
                            Err("now")
                        }
                        (false, Others::End) => Ok(()),
                        (false, Others::StayUp) => {
                            ctx.cancelled().await;
                            Ok(())
                        }
                    }
                }
            })
        });
        let began = Instant::now();
        // A tree that stays up does not end.
        if timeout(Duration::from_secs(3_600), built.start().wait()).await.is_ok() {
            time = u64::try_from(began.elapsed().as_millis()).ok();
        }
    });
    (starts.load(Ordering::Relaxed), time)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// Each failure comes a moment after the start, so that all other children have been started by
    /// then.
    #[test]
    fn a_child_that_keeps_failing_is_started_max_starts_times(
        mut plan in settings(false),
        chosen in any::<Index>(),
        significant in any::<[bool; 3]>(),
    ) {
        let path = way(&mut plan, chosen, &significant);
        let_others_end(&mut plan, Some(&path));
        let tree = plan.declared();
        let most = tree.max_starts(&path);
        let measured = measure(&plan, &path, 1, Others::End);
        prop_assert_eq!(measured, most.min(MANY), "{}\n{}", path, tree);
        prop_assert!(most <= tree.restart_storm());
    }

    /// The bound holds even if the child fails before all others have been started, if entries have
    /// limits of their own, or if the others stay up.
    #[test]
    fn no_child_that_keeps_failing_is_started_more_than_max_starts_times(
        mut plan in settings(true),
        chosen in any::<Index>(),
        significant in any::<[bool; 3]>(),
        fails_after in 0..=1_u64,
    ) {
        let path = way(&mut plan, chosen, &significant);
        let tree = plan.declared();
        let measured = measure(&plan, &path, fails_after, Others::StayUp);
        let most = tree.max_starts(&path);
        prop_assert!(measured <= most, "{measured} starts, the bound is {most}\n{path}\n{tree}");
        let_others_end(&mut plan, Some(&path));
        let measured = measure(&plan, &path, fails_after, Others::End);
        prop_assert!(measured <= most, "{measured} starts, the bound is {most}\n{path}\n{tree}");
    }

    /// The shortest time is the only one without jitter. Each failure comes a moment after the start.
    #[test]
    fn a_child_that_keeps_failing_ends_the_root_when_it_gives_up(
        plan in delayed(),
        chosen in any::<Index>(),
    ) {
        let path = chosen.get(&plan.workers()).clone();
        let tree = plan.declared();
        let (after, most) = (tree.gives_up_after_ms(&path), tree.max_starts(&path));
        let (starts, time) = measure_time(&plan, &path, 1, Others::StayUp);
        prop_assert!(starts <= most, "{starts} starts, the bound is {most}\n{path}\n{tree}");
        if forgives(&plan) {
            prop_assert!(time.is_none_or(|time| time >= after), "{:?} {}\n{}", time, path, tree);
        } else {
            let said = (after < u64::MAX).then(|| after + starts);
            prop_assert_eq!(time, said, "{}\n{}", path, tree);
            prop_assert!(most == u64::MAX || starts == most, "{starts} of {most}\n{path}\n{tree}");
        }
    }

    #[test]
    fn the_largest_of_them_is_the_storm_of_the_tree(plan in settings(false)) {
        let tree = plan.declared();
        let mut paths = plan.workers();
        // The paths include those of the supervisors above the workers.
        for path in plan.workers() {
            let slashes = path.match_indices('/');
            paths.extend(slashes.map(|(end, _)| path[..end].to_owned()));
        }
        let largest = paths.iter().map(|path| tree.max_starts(path)).max();
        prop_assert_eq!(largest, Some(tree.restart_storm()));
    }
}

supervisor! {
    /// A supervisor that is significant in its own right.
    fn values(job: ChildSpec) -> Supervisor {
        max_restarts = 2,

        #[child]
        inner = supervisor! {
            auto_shutdown = AutoShutdown::AnySignificant,

            #[child(restart = "temporary")]
            job = job,
        },
    }
}

#[test]
fn a_value_counts_as_if_it_were_significant_by_itself() {
    for is_significant in [true, false] {
        let starts = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&starts);
        let job = ChildSpec::without_context("job", move || {
            counted.fetch_add(1, Ordering::Relaxed);
            async { Err("now") }
        });
        let job = job.restart(RestartPolicy::Temporary);
        let job = if is_significant { job.significant() } else { job };
        paused(async {
            let _ = timeout(Duration::from_secs(3_600), values(job).start().wait()).await;
        });
        let measured = starts.load(Ordering::Relaxed);
        assert_eq!(measured, if is_significant { 3 } else { 1 });
        assert!(measured <= values::TREE.max_starts("inner/job"));
        assert!(measured <= values::TREE.restart_storm());
    }
    let drawn = values::TREE.to_string();
    assert!(drawn.ends_with("job  temporary  unknown stop  3 starts"), "{drawn}");
}
