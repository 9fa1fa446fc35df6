//! Children that come and go.
//!
//! Beside a thousand idle children, one child after the other is started, polled, stopped, and
//! dropped. The next child is started after the future of the one before it is gone.

use std::time::{Duration, Instant};

use super::stage::{drive, raise};
use crate::case::{Case, Effort, Findings, Metric};
use crate::contestant::{Contestant, Plan};
use crate::probe;
use crate::scenario::{Mode, Scenario};

pub(super) static SCENARIO: Scenario = Scenario {
    name: "churn",
    title: "Children that come and go",
    about: "Children are started and stopped one after the other; each is polled once and gone \
            before the next. Static supervisors of ours do so by commands.",
    metrics: &[Metric::more("children", "/s")],
    modes: &[Mode { name: "start and stop", children: &[1_000] }],
    limit: Duration::from_secs(20),
    rounds: (5, 3),
    run,
};

fn run(case: Case, effort: Effort, contestant: &'static dyn Contestant) -> Findings {
    let times = if effort.short { 2_000 } else { 10_000 };
    let part = async move {
        let mut tree = raise(contestant, Plan::idle(case.children)).await;
        tree.churn(times / 10).await;
        let (started, ended) = (probe::STARTED.count(), probe::ENDED.count());
        let begin = Instant::now();
        tree.churn(times).await;
        let rate = f64::from(times) / begin.elapsed().as_secs_f64();
        assert_eq!(probe::STARTED.count() - started, u64::from(times));
        assert_eq!(probe::ENDED.count() - ended, u64::from(times));
        std::mem::forget(tree);
        Findings::of([rate])
    };
    drive(case.flavor, Box::pin(part))
}
