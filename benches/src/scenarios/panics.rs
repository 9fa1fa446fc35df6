//! The restarts of a child that panics. The panic hook prints nothing.

use std::time::Duration;

use super::restarts::{METRICS, measure};
use crate::case::{Case, Effort, Findings};
use crate::contestant::{Contestant, Fails};
use crate::scenario::{Mode, Scenario};

pub(super) static SCENARIO: Scenario = Scenario {
    name: "panics",
    title: "Restarts of one child that panics at once",
    about: "The same, with a panic in place of the error; the panic hook prints nothing.",
    metrics: &METRICS,
    modes: &[Mode { name: "panic", children: &[1, 100_000] }],
    limit: Duration::from_secs(30),
    rounds: (5, 2),
    run,
};

fn run(case: Case, effort: Effort, contestant: &'static dyn Contestant) -> Findings {
    measure(case, effort, contestant, Fails::Panicking)
}
