//! The memory of an idle child.
//!
//! The measure is the growth of the resident set, divided by the number of children. The growth is
//! taken from before the specs are built until all children have been polled and the runtime is idle.

use std::time::Duration;

use super::stage::{WARM_UP, drive, raise};
use crate::case::{Case, Effort, Findings, Metric};
use crate::contestant::{Contestant, Plan};
use crate::proc;
use crate::scenario::{Mode, Scenario};

pub(super) static SCENARIO: Scenario = Scenario {
    name: "memory",
    title: "Memory of an idle child",
    about: "Growth of the resident set, specs and all, divided by the number of children. `deaf` \
            children take no context; `listening` ones wait for the request to stop. The floor \
            has only the former, and is the floor of both. Static children have a name each.",
    metrics: &[Metric::less("resident", "B")],
    modes: &[
        Mode { name: "deaf", children: &[100_000] },
        Mode { name: "listening", children: &[100_000] },
    ],
    limit: Duration::from_secs(20),
    rounds: (3, 2),
    run,
};

fn run(case: Case, _: Effort, contestant: &'static dyn Contestant) -> Findings {
    let part = async move {
        let before = proc::resident();
        let plan = Plan::idle(case.children);
        let plan = if case.mode == "listening" { plan.listening() } else { plan };
        let tree = raise(contestant, plan).await;
        tokio::time::sleep(WARM_UP).await;
        let grown = proc::resident().saturating_sub(before);
        std::mem::forget(tree);
        Findings::of([grown as f64 / f64::from(case.children)])
    };
    drive(case.flavor, Box::pin(part))
}
