//! The duration of a group restart.
//!
//! The clock starts when one child fails, and stops at the last first poll of a new instance. No new
//! instance may begin before all old ones have ended; a contestant that breaks this rule gets a remark.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::stage::{WARM_UP, drive, milliseconds, raise, remark_overlaps};
use crate::case::{Case, Effort, Findings, Metric};
use crate::contestant::{Contestant, Fails, Plan};
use crate::probe;
use crate::scenario::{Mode, Scenario};

pub(super) static SCENARIO: Scenario = Scenario {
    name: "one_for_all",
    title: "Group restart, one for all",
    about: "From the failure of one child to the last first poll of a new instance. The old ones \
            are to be gone first. `deaf` children take no context and are aborted; `listening` \
            ones are asked.",
    metrics: &[Metric::less("time", "ms")],
    modes: &[
        Mode { name: "deaf", children: &[10_000] },
        Mode { name: "listening", children: &[10_000] },
    ],
    limit: Duration::from_secs(20),
    rounds: (5, 3),
    run,
};

fn run(case: Case, _: Effort, contestant: &'static dyn Contestant) -> Findings {
    let part = async move {
        let plan = Plan::idle(case.children).with(Fails::Gated).together();
        let plan = if case.mode == "listening" { plan.listening() } else { plan };
        let tree = raise(contestant, plan).await;
        tokio::time::sleep(WARM_UP).await;
        let all = u64::from(case.children) + 1;
        probe::POPULATION.store(all, Ordering::Relaxed);
        probe::STARTED.expect(2 * all);
        probe::ENDED.expect(all);
        probe::open_the_gate();
        let time = probe::STARTED.reached().await - probe::death();
        probe::ENDED.reached().await;
        assert_eq!(probe::STARTED.count(), 2 * all, "some were started twice");
        assert_eq!(probe::ENDED.count(), all, "new ones ended");
        let ours = contestant.package() == "sage-supervisor";
        if ours {
            assert_eq!(probe::OVERLAPS.load(Ordering::Relaxed), 0);
            assert_eq!(probe::DISORDER.load(Ordering::Relaxed), 0, "not in reverse order");
        }
        std::mem::forget(tree);
        remark_overlaps(Findings::of([milliseconds(time)]))
    };
    drive(case.flavor, Box::pin(part))
}
