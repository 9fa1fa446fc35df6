//! A million children in one process: a start, restarts, a snapshot, and a stop.

use std::time::{Duration, Instant};

use sage_supervisor::TreeSnapshot;

use super::stage::{assert_untouched, drive, milliseconds, rate};
use crate::case::{Case, Effort, Findings, Metric};
use crate::contestant::{Contestant, Fails, Plan};
use crate::scenario::{Mode, Scenario};
use crate::{probe, proc};

pub(super) static SCENARIO: Scenario = Scenario {
    name: "million",
    title: "A million children",
    about: "One process: start, restarts of one child more, a snapshot of the whole tree, stop; \
            and the largest resident set on the way, without and with the snapshot. The floor has \
            no snapshot, and is dropped.",
    metrics: &[
        Metric::less("start", "ms"),
        Metric::more("restarts", "/s"),
        Metric::less("resident", "MB"),
        Metric::less("snapshot", "ms"),
        Metric::less("stop", "ms"),
        Metric::less("peak", "MB"),
    ],
    modes: &[Mode { name: "all", children: &[1_000_000] }],
    limit: Duration::from_secs(60),
    rounds: (3, 1),
    run,
};

fn run(case: Case, effort: Effort, contestant: &'static dyn Contestant) -> Findings {
    let part = async move {
        let mut tree = contestant.build(Plan::idle(case.children).with(Fails::Failing(1)));
        probe::STARTED.expect(case.children);
        let begin = Instant::now();
        tree.start().await;
        let start = probe::STARTED.reached().await - begin;
        let restarts = rate(&probe::RESTARTS, effort).await;
        assert_untouched(case.children);
        let resident = proc::peak();

        let begin = Instant::now();
        let snapshot = match tree.handle() {
            Some(handle) => Some(handle.tree().await.expect("it runs")),
            None => None,
        };
        let pictured = begin.elapsed();
        let all = case.children as usize + 1;
        assert!(snapshot.as_ref().is_none_or(|snapshot| nodes(snapshot) == all));
        let snapshot = snapshot.map_or(f64::NAN, |_| milliseconds(pictured));

        probe::ENDED.expect(case.children);
        let begin = Instant::now();
        tree.stop().await;
        let stop = probe::ENDED.reached().await.max(Instant::now()) - begin;
        assert_eq!(probe::ENDED.count(), u64::from(case.children));
        let megabytes = |bytes: u64| bytes as f64 / 1e6;
        Findings::of([
            milliseconds(start),
            restarts,
            megabytes(resident),
            snapshot,
            milliseconds(stop),
            megabytes(proc::peak()),
        ])
    };
    drive(case.flavor, Box::pin(part))
}

fn nodes(snapshot: &TreeSnapshot) -> usize {
    snapshot.root.children.len()
}
