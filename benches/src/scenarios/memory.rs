//! What an idle child holds of memory.
//!
//! The growth of the resident set from before the specs are built to when all children have been
//! polled and all is quiet, divided by their number.

use std::time::Duration;

use super::{Mode, Scenario, WARM_UP, drive, raise};
use crate::case::{Case, Effort, Findings, Metric};
use crate::contestants::{Contestant, Plan};
use crate::proc;

pub(super) static SCENARIO: Scenario = Scenario {
    name: "memory",
    title: "Memory of an idle child",
    about: "Growth of the resident set, specs and all, divided by the number of children. `deaf` \
            children take no context; `listening` ones wait for what asks them to stop. The floor has \
            only the former, and is the floor of both. Static children have a name each.",
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
