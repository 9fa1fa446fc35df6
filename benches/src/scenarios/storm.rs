//! The restarts of 64 children that all fail at once, without any other child.

use std::time::Duration;

use super::restarts::{METRICS, measure};
use crate::case::{Case, Effort, Findings};
use crate::contestant::{Contestant, Fails};
use crate::scenario::{Mode, Scenario};

pub(super) static SCENARIO: Scenario = Scenario {
    name: "storm",
    title: "A storm of 64 failing children",
    about: "First polls of all 64 together in a second, after a warm-up.",
    metrics: &METRICS,
    modes: &[Mode { name: "64 failing", children: &[0] }],
    limit: Duration::from_secs(20),
    rounds: (5, 3),
    run,
};

fn run(case: Case, effort: Effort, contestant: &'static dyn Contestant) -> Findings {
    measure(case, effort, contestant, Fails::Failing(64))
}
