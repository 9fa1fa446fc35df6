//! The time between the end of a child and the first poll of its next instance.
//!
//! The failing instance notes its last moment, and its successor the moment of its first poll. A timer
//! paces the failures, so that the runtime is at rest before each of them.

use std::time::Duration;

use super::stage::{drive, raise};
use crate::case::{Case, Effort, Findings, Metric};
use crate::contestant::{Contestant, Fails, Plan};
use crate::probe;
use crate::scenario::{Mode, Scenario};

pub(super) static SCENARIO: Scenario = Scenario {
    name: "latency",
    title: "From a child's end to its successor",
    about: "From just before a child returns its error to the first poll of its successor. One \
            every millisecond or two, so that each finds a runtime at rest; 500 of them in a \
            round.",
    metrics: &[Metric::less("p50", "µs"), Metric::less("p99", "µs"), Metric::less("longest", "µs")],
    modes: &[Mode { name: "paced", children: &[1, 100_000] }],
    limit: Duration::from_secs(40),
    rounds: (3, 1),
    run,
};

fn run(case: Case, effort: Effort, contestant: &'static dyn Contestant) -> Findings {
    let times: usize = if effort.short { 200 } else { 500 };
    let part = async move {
        let tree = raise(contestant, Plan::idle(case.children).with(Fails::Gated)).await;
        for round in 0..times + times / 10 {
            if round == times / 10 {
                probe::latencies();
            }
            probe::BORN.expect(probe::BORN.count() + 1);
            probe::open_the_gate();
            probe::BORN.reached().await;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        std::mem::forget(tree);
        let mut latencies = probe::latencies();
        assert_eq!(latencies.len(), times, "each had a successor");
        latencies.sort_unstable();
        let at = |part: f64| {
            let index = (latencies.len() as f64 * part).ceil() as usize;
            latencies[index.clamp(1, latencies.len()) - 1].as_secs_f64() * 1e6
        };
        Findings::of([at(0.5), at(0.99), at(1.0)])
    };
    drive(case.flavor, Box::pin(part))
}
