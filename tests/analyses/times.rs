//! `worst_case_shutdown_ms`, compared with the duration of a shutdown.

use std::future::pending;
use std::time::Duration;

use proptest::prelude::{Just, ProptestConfig, Strategy as Generator, any};
use proptest::{option, prop_assert, prop_assert_eq, prop_oneof, proptest};

use sage_supervisor::{ChildContext, ChildSpec, Order, RestartPolicy, SageError, Shutdown};
use sage_supervisor_tests::settle;
use tokio::time::{Instant, sleep, timeout};

use crate::clock::paused;
use crate::plan::{Child, Sup, strategies, trees};

const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A time that exceeds the bound of any tree here.
const FAR: Duration = Duration::from_secs(24 * 60 * 60);

fn time() -> impl Generator<Value = Shutdown> + Clone {
    (1..8_000_u64).prop_map(|time| Duration::from_millis(time).into())
}

/// Random trees, in which `endless` of 100 workers have no bound.
fn settings(endless: u32) -> impl Generator<Value = Sup> {
    let sup = || {
        let stop = prop_oneof![2 => Just(None), 1 => Just(Some(Order::Together))];
        (strategies(), stop).prop_map(|(strategy, stop)| Sup {
            strategy,
            max_restarts: Some(None),
            within: None,
            delays: None,
            forgive_after: None,
            kill_grace: None,
            stop,
            children: Vec::new(),
        })
    };
    let worker = prop_oneof![
        60 => time().prop_map(Some),
        20 => Just(None),
        10 => Just(Some(Shutdown::BrutalKill)),
        5 => Just(Some(Duration::ZERO.into())),
        endless => prop_oneof![
            Just(Some(Shutdown::Infinity)),
            Just(Some((YEAR + Duration::from_nanos(1)).into())),
        ],
    ];
    let entry = prop_oneof![
        4 => Just(None),
        1 => Just(Some(Shutdown::Infinity)),
        1 => Just(Some(Shutdown::BrutalKill)),
        // The timeout may be shorter or longer than the time that the children need.
        4 => (1..30_000_u64).prop_map(|time| Some(Duration::from_millis(time).into())),
    ];
    let child = |shutdown| Child {
        restart: Some(RestartPolicy::Permanent),
        shutdown,
        significant: false,
        own: None,
        delays: None,
        nested: None,
    };
    trees(4, sup, worker.prop_map(child), entry.prop_map(child))
}

/// A worker that goes on until it is aborted.
fn deaf() -> ChildSpec {
    ChildSpec::new("", async |_: ChildContext| pending::<()>().await)
}

/// The behaviour of a worker.
#[derive(Clone, Copy, Debug)]
struct Conduct {
    fails_after: Option<u64>,
    /// The time from the request to the end, or `None` if the worker never ends.
    stops_after: Option<u64>,
}

impl Conduct {
    fn spec(self) -> ChildSpec {
        ChildSpec::new("", move |ctx: ChildContext| async move {
            let failure = async {
                match self.fails_after {
                    Some(time) => sleep(Duration::from_millis(time)).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                () = ctx.cancelled() => {}
                () = failure => return Err("now"),
            }
            match self.stops_after {
                Some(time) => sleep(Duration::from_millis(time)).await,
                None => pending().await,
            }
            Ok(())
        })
    }
}

fn conducts() -> impl Generator<Value = Conduct> + Clone {
    let fails_after = option::weighted(0.3, 1..10_000_u64);
    let stops_after = option::weighted(0.8, 0..8_000_u64);
    (fails_after, stops_after)
        .prop_map(|(fails_after, stops_after)| Conduct { fails_after, stops_after })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn children_that_go_on_until_they_are_aborted_take_exactly_the_worst_case(plan in settings(5)) {
        let bound = plan.declared().worst_case_shutdown_ms();
        let measured = paused(async {
            let running = plan.built(&mut |_| deaf()).start();
            settle().await;
            let asked = Instant::now();
            match timeout(FAR, running.shutdown()).await {
                Ok(result) => {
                    let yielded = matches!(result, Ok(()) | Err(SageError::UncleanStop(_)));
                    assert!(yielded, "all children yield: {result:?}");
                    asked.elapsed().as_millis()
                }
                Err(_) => u64::MAX.into(),
            }
        });
        prop_assert_eq!(measured, u128::from(bound));
    }

    /// The children may be in any state when they are asked to stop: up, being restarted with their
    /// group, or down.
    #[test]
    fn no_shutdown_takes_longer_than_the_worst_case(
        plan in settings(2),
        conducts in proptest::collection::vec(conducts(), 1..16),
        asked_at in 1..15_000_u64,
    ) {
        let bound = plan.declared().worst_case_shutdown_ms();
        let (asked, ended) = paused(async {
            let mut next = conducts.iter().cycle();
            let running = plan.built(&mut |_| next.next().expect("a cycle").spec()).start();
            sleep(Duration::from_millis(asked_at)).await;
            let asked = Instant::now();
            // A tree without a bound does not end if one of its children goes on for ever.
            let ended = timeout(FAR, running.shutdown()).await;
            (asked.elapsed().as_millis(), ended.is_ok())
        });
        prop_assert!(asked <= u128::from(bound), "{asked} ms, the bound is {bound} ms");
        prop_assert!(ended || bound == u64::MAX);
    }

    #[test]
    fn a_tree_fits_into_its_worst_case_and_no_less(plan in settings(5), less in any::<u64>()) {
        let tree = plan.declared();
        let bound = tree.worst_case_shutdown_ms();
        prop_assert_eq!(tree.fits_within_ms(bound), bound < u64::MAX);
        prop_assert!(bound == 0 || !tree.fits_within_ms(less % bound));
    }
}
