//! Restarts, with the supervisor awaited directly in `block_on`, as in a `#[tokio::main]`.
//!
//! On a multi-thread runtime that future is not on a worker, and what wakes it has to cross threads.
//! The floor in a task is the floor of the restarts; here it suffers as well.

use std::time::Duration;

use super::{Mode, Scenario, assert_untouched, rate};
use crate::case::{Case, Effort, Findings, Metric};
use crate::contestants::{Contestant, Fails, Plan};
use crate::probe;

pub(super) static SCENARIO: Scenario = Scenario {
    name: "direct",
    title: "`run()` awaited directly in main",
    about: "As the restarts with one sibling; the supervisor's future is awaited by `block_on` itself. \
            The floor is the bare loop in the same place; compare with the first table as well.",
    metrics: &METRICS,
    modes: &[Mode { name: "block_on", children: &[1] }],
    limit: Duration::from_secs(20),
    rounds: (5, 3),
    run,
};

const METRICS: [Metric; 1] = [Metric::more("restarts", "/s")];

fn run(case: Case, effort: Effort, contestant: &'static dyn Contestant) -> Findings {
    let tree = contestant.build(Plan::idle(case.children).with(Fails::Failing(1)));
    let runtime = case.flavor.build();
    let restarts = runtime.block_on(async {
        let mut run = tree.run_here();
        let counted = tokio::spawn(rate(&probe::RESTARTS, effort));
        let restarts = tokio::select! {
            () = &mut run => panic!("it ended by itself"),
            rate = counted => rate.expect("it counts"),
        };
        assert_untouched(case.children);
        std::mem::forget(run);
        restarts
    });
    std::mem::forget(runtime);
    Findings::of([restarts])
}
