//! The cost of events for the supervisor that emits them.
//!
//! The measurement is that of the restarts with one sibling: without a subscriber, with a subscriber
//! that receives all it can, and with a subscriber that receives one event in a millisecond. A restart
//! emits three events.

use std::time::Duration;

use super::restarts::METRICS;
use super::stage::{assert_untouched, drive, raise, rate};
use crate::case::{Case, Effort, Findings};
use crate::contestant::{Contestant, Fails, Plan};
use crate::probe;
use crate::scenario::{Mode, Scenario};

pub(super) static SCENARIO: Scenario = Scenario {
    name: "events",
    title: "Restarts with subscribers",
    about: "The restarts with one sibling: without a subscriber to the events, with `one` \
            subscriber that receives all it can, and with a `slow` subscriber that receives one \
            event in a millisecond. A restart emits three events. The floor emits none.",
    metrics: &METRICS,
    modes: &[
        Mode { name: "none", children: &[1] },
        Mode { name: "one", children: &[1] },
        Mode { name: "slow", children: &[1] },
    ],
    limit: Duration::from_secs(20),
    rounds: (5, 2),
    run,
};

fn run(case: Case, effort: Effort, contestant: &'static dyn Contestant) -> Findings {
    let part = async move {
        let tree = raise(contestant, Plan::idle(case.children).with(Fails::Failing(1))).await;
        let subscriber = match (case.mode, tree.handle()) {
            ("none", _) | (_, None) => None,
            (mode, Some(handle)) => {
                let mut events = handle.tree_events();
                Some(tokio::spawn(async move {
                    loop {
                        match events.recv().await {
                            Some(_) if mode == "slow" => {
                                tokio::time::sleep(Duration::from_millis(1)).await;
                            }
                            Some(_) => {}
                            None => return,
                        }
                    }
                }))
            }
        };
        let restarts = rate(&probe::RESTARTS, effort).await;
        assert_untouched(case.children);
        assert!(subscriber.is_none_or(|task| !task.is_finished()), "the events ended");
        std::mem::forget(tree);
        Findings::of([restarts])
    };
    drive(case.flavor, Box::pin(part))
}
