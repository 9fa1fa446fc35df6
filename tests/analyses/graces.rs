//! `kill_grace_ms`, compared with the time that unresponsive children add to a shutdown. The children
//! are threads, whose limits pass in real time, so the limits are short.

use std::future::pending;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use proptest::prelude::{Just, ProptestConfig, Strategy as Generator};
use proptest::sample::Index;
use proptest::{option, prop_assert, prop_assert_eq, prop_oneof, proptest};

use sage_supervisor::{BlockingContext, ChildContext, ChildSpec, SageError, Shutdown};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::clock::paused;
use crate::plan::{Child, Sup, strategies, trees};

/// Random trees whose supervisors have unlimited time to stop, or sometimes a timeout, by the
/// weight `hurried`.
fn settings(hurried: u32) -> impl Generator<Value = Sup> {
    let sup = || {
        (strategies(), option::of(1..20_u64)).prop_map(|(strategy, kill_grace)| Sup {
            strategy,
            max_restarts: None,
            within: None,
            delays: None,
            forgive_after: None,
            kill_grace,
            stop: None,
            children: Vec::new(),
        })
    };
    let time = |most| (1..most).prop_map(|time| Some(Duration::from_millis(time).into()));
    let worker = prop_oneof![4 => time(20_u64), 1 => Just(Some(Shutdown::BrutalKill))];
    let entry = prop_oneof![
        5 => Just(None),
        hurried => prop_oneof![3 => time(60), 1 => Just(Some(Shutdown::BrutalKill))],
    ];
    let child = |shutdown| Child {
        restart: None,
        shutdown,
        significant: false,
        own: None,
        delays: None,
        nested: None,
    };
    let trees = trees(4, sup, worker.prop_map(child), entry.prop_map(child));
    // The default of a root that sets no grace would take a second.
    trees.prop_map(|mut root| {
        root.kill_grace.get_or_insert(20);
        root
    })
}

/// A thread that does not check for the request to stop until the gate is opened.
fn unresponsive(started: &mpsc::UnboundedSender<()>) -> (ChildSpec, Sender<()>) {
    let (open, gate) = channel::<()>();
    let (started, gate) = (started.clone(), Mutex::new(gate));
    let spec = ChildSpec::blocking("", move |_: BlockingContext| {
        started.send(()).expect("the test waits");
        // An error means that the test has ended, and opens the gate too.
        let _ = gate.lock().unwrap_or_else(PoisonError::into_inner).recv();
    });
    (spec, open)
}

/// The duration of a shutdown, in milliseconds, in which the children at these paths do not end,
/// and all others end only when they are aborted.
fn measure(plan: &Sup, paths: &[String]) -> u128 {
    paused(async {
        let (started, mut starts) = mpsc::unbounded_channel();
        let mut gates = Vec::new();
        let running = plan
            .built(&mut |path| {
                if paths.iter().any(|stuck| stuck == path) {
                    let (spec, open) = unresponsive(&started);
                    gates.push(open);
                    spec
                } else {
                    let started = started.clone();
                    ChildSpec::new("", move |_: ChildContext| {
                        started.send(()).expect("the test waits");
                        pending::<()>()
                    })
                }
            })
            .start();
        // The threads are awaited too, because a thread that is asked before it has begun does not
        // begin.
        for _ in plan.workers() {
            starts.recv().await.expect("it starts");
        }
        let asked = Instant::now();
        let result = running.shutdown().await;
        let elapsed = asked.elapsed().as_millis();
        match result.expect_err("there are unresponsive children") {
            SageError::Unresponsive(error) => assert_eq!(error.paths.len(), paths.len()),
            error => panic!("{error}"),
        }
        elapsed
    })
}

/// The kill grace that applies to the child at this path, in milliseconds.
fn grace_of(plan: &Sup, path: &str) -> u64 {
    let way = plan.way_to(path);
    way.iter().rev().find_map(|(sup, _)| sup.kill_grace).unwrap_or(1_000)
}

fn stuck() -> impl Generator<Value = Vec<Index>> + Clone {
    proptest::collection::vec(proptest::prelude::any::<Index>(), 1..5)
}

/// The paths of the chosen workers, each once.
fn choose(plan: &Sup, chosen: &[Index]) -> Vec<String> {
    let workers = plan.workers();
    let mut paths = chosen.iter().map(|index| index.get(&workers).clone()).collect::<Vec<_>>();
    paths.sort();
    paths.dedup();
    paths
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_unresponsive_child_adds_the_kill_grace_of_its_supervisor(
        plan in settings(0),
        chosen in stuck(),
    ) {
        let paths = choose(&plan, &chosen);
        let bound = plan.declared().worst_case_shutdown_ms();
        let graces = paths.iter().map(|path| grace_of(&plan, path)).sum::<u64>();
        prop_assert_eq!(measure(&plan, &paths), u128::from(bound + graces));
    }

    #[test]
    fn the_longest_of_them_is_the_kill_grace_of_the_tree(plan in settings(1)) {
        let longest = plan.workers().iter().map(|path| grace_of(&plan, path)).max();
        prop_assert_eq!(Some(plan.declared().kill_grace_ms()), longest);
    }

    /// The children below a supervisor that is killed share one grace.
    #[test]
    fn no_unresponsive_child_adds_more_than_the_kill_grace(
        plan in settings(5),
        chosen in stuck(),
    ) {
        let paths = choose(&plan, &chosen);
        let tree = plan.declared();
        let most = tree.worst_case_shutdown_ms() + paths.len() as u64 * tree.kill_grace_ms();
        let measured = measure(&plan, &paths);
        prop_assert!(measured <= u128::from(most), "{measured} ms, the bound is {most} ms");
    }
}
