//! The duration of the stop of idle children.
//!
//! The clock starts when the stop is called. The clock stops at the last destructor of a child's
//! future or at the return of the call, whichever is later. A tree that is dropped has only the
//! destructors.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::stage::{WARM_UP, drive, milliseconds, raise};
use crate::case::{Case, Effort, Findings, Metric};
use crate::contestant::{Contestant, Plan};
use crate::contestants::by_hand;
use crate::probe;
use crate::scenario::{Mode, Scenario};

/// The remark on a contestant that stops its children last first.
pub const REVERSE_ORDER: &str = "in reverse order";

const SIZES: &[u32] = &[10_000, 100_000, 1_000_000];

pub(super) static SCENARIO: Scenario = Scenario {
    name: "stop",
    title: "Stop of idle children",
    about: "From the call that stops the tree to the last destructor of a child's future and the \
            return of the call. Asked (`cooperative`): children listen, and are asked to stop. \
            Killed (`brutal_kill`): children do not listen, and are aborted without being asked. \
            `drop`: the owner is dropped, or the supervisor killed. The floor's children cannot \
            listen: it aborts all and joins all, or drops the set.",
    metrics: &[Metric::less("time", "ms")],
    modes: &[
        Mode { name: "cooperative", children: SIZES },
        Mode { name: "brutal_kill", children: SIZES },
        Mode { name: "drop", children: SIZES },
    ],
    limit: Duration::from_secs(30),
    rounds: (5, 1),
    run,
};

fn run(case: Case, _: Effort, contestant: &'static dyn Contestant) -> Findings {
    let part = async move {
        let plan = Plan::idle(case.children);
        let plan = if case.mode == "cooperative" { plan.listening() } else { plan };
        let tree = raise(contestant, plan).await;
        // The supervisor still has work after a start, such as answering the callers that wait for it.
        tokio::time::sleep(WARM_UP).await;
        probe::ENDED.expect(case.children);
        let begin = Instant::now();
        if case.mode == "drop" {
            tree.kill();
        } else {
            tree.stop().await;
        }
        let returned = Instant::now();
        let ended = probe::ENDED.reached().await;
        assert_eq!(probe::ENDED.count(), u64::from(case.children));
        assert_eq!(probe::STARTED.count(), u64::from(case.children), "some were started again");
        let order = probe::DISORDER.load(Ordering::Relaxed) == 0;
        if contestant.name() == by_hand::NAME && case.mode != "drop" {
            assert!(order, "children stopped before one that was declared behind them");
            assert!(ended <= returned, "it had ended before its children had");
        }
        let last = if case.mode == "drop" { ended } else { ended.max(returned) };
        let findings = Findings::of([milliseconds(last - begin)]);
        let findings = if order { findings.remark(REVERSE_ORDER) } else { findings };
        if case.mode != "drop" && ended > returned {
            return findings.remark("it said so before its children had ended");
        }
        findings
    };
    drive(case.flavor, Box::pin(part))
}
