//! Restarts per second of one child that fails at once, beside idle siblings.
//!
//! After all siblings have been polled and a warm-up is over, another thread counts the first polls of
//! the failing child for a while. The siblings must neither end nor be started again.

use std::time::Duration;

use super::stage::{assert_untouched, drive, raise, rate};
use crate::case::{Case, Effort, Findings, Metric};
use crate::contestant::{Contestant, Fails, Plan};
use crate::probe;
use crate::scenario::{Mode, Scenario};

pub(super) static SCENARIO: Scenario = Scenario {
    name: "restarts",
    title: "Restarts of one child that fails at once",
    about: "First polls of the failing child in a second, after a warm-up, while its siblings \
            idle.",
    metrics: &METRICS,
    modes: &[Mode { name: "error", children: &[1, 100, 10_000, 100_000, 1_000_000] }],
    limit: Duration::from_secs(30),
    rounds: (5, 3),
    run,
};

pub(super) const METRICS: [Metric; 1] = [Metric::more("restarts", "/s")];

fn run(case: Case, effort: Effort, contestant: &'static dyn Contestant) -> Findings {
    measure(case, effort, contestant, Fails::Failing(1))
}

/// Measures the rate at which the failing children are started again.
pub(super) fn measure(
    case: Case,
    effort: Effort,
    contestant: &'static dyn Contestant,
    fails: Fails,
) -> Findings {
    let part = async move {
        let tree = raise(contestant, Plan::idle(case.children).with(fails)).await;
        let restarts = rate(&probe::RESTARTS, effort).await;
        assert_untouched(case.children);
        std::mem::forget(tree);
        Findings::of([restarts])
    };
    drive(case.flavor, Box::pin(part))
}
