//! The duration of the start of idle children.
//!
//! The clock starts when the specs have been built and the start is called, and stops at the last
//! first poll of a child.

use std::time::{Duration, Instant};

use super::stage::{drive, milliseconds};
use crate::case::{Case, Effort, Findings, Metric};
use crate::contestant::{Contestant, Plan};
use crate::probe;
use crate::scenario::{Mode, Scenario};

pub(super) static SCENARIO: Scenario = Scenario {
    name: "start",
    title: "Start of idle children",
    about: "From the call that starts the tree to the last first poll. Building the specs is not \
            counted; a dynamic child is built and started by one call, which is counted.",
    metrics: &[Metric::less("time", "ms")],
    modes: &[Mode { name: "idle", children: &[10_000, 100_000, 1_000_000] }],
    limit: Duration::from_secs(30),
    rounds: (5, 3),
    run,
};

fn run(case: Case, _: Effort, contestant: &'static dyn Contestant) -> Findings {
    let part = async move {
        let mut tree = contestant.build(Plan::idle(case.children));
        probe::STARTED.expect(case.children);
        let begin = Instant::now();
        tree.start().await;
        let time = probe::STARTED.reached().await - begin;
        assert_eq!(probe::STARTED.count(), u64::from(case.children));
        assert_eq!(probe::ENDED.count(), 0);
        std::mem::forget(tree);
        Findings::of([milliseconds(time)])
    };
    drive(case.flavor, Box::pin(part))
}
