//! Restarts per second of one child that fails at once, beside idle siblings.
//!
//! All siblings have been polled first, and there is a warm-up. Then the child's first polls are
//! counted for a while, from another thread. The siblings must not have been touched.

use std::time::Duration;

use super::{Mode, Scenario, assert_untouched, drive, raise, rate};
use crate::case::{Case, Effort, Findings, Metric};
use crate::contestants::{Contestant, Fails, Plan};
use crate::probe;

pub(super) static SCENARIO: Scenario = Scenario {
    name: "restarts",
    title: "Restarts of one child that fails at once",
    about: "First polls of the failing child in a second, after a warm-up, while its siblings idle.",
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

/// The rate at which something fails and is started again.
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
