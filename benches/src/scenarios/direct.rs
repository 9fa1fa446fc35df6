//! Restarts, with the supervisor awaited directly in `block_on`, as in a `#[tokio::main]`.
//!
//! On a multi-thread runtime that future is not on a worker, so each wake has to cross threads. The
//! floor runs in the same place and is slower as well; its rate as a task is in the table of the
//! restarts.

use std::time::Duration;

use super::restarts::METRICS;
use super::stage::{assert_untouched, rate};
use crate::case::{Case, Effort, Findings};
use crate::contestant::{Contestant, Fails, Plan};
use crate::probe;
use crate::scenario::{Mode, Scenario};

pub(super) static SCENARIO: Scenario = Scenario {
    name: "direct",
    title: "`run()` awaited directly in main",
    about: "The restarts with one sibling, with the supervisor's future awaited by `block_on` \
            itself. The floor is the bare loop in the same place; compare with the first table as \
            well.",
    metrics: &METRICS,
    modes: &[Mode { name: "block_on", children: &[1] }],
    limit: Duration::from_secs(20),
    rounds: (5, 3),
    run,
};

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
