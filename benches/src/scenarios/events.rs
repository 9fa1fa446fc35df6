//! What events cost whom they are told about.
//!
//! As the restarts with one sibling: nobody subscribes; one does, and receives all it can; one does,
//! and receives one in a millisecond. A restart is three events.

use std::time::Duration;

use super::{Mode, Scenario, assert_untouched, drive, raise, rate};
use crate::case::{Case, Effort, Findings, Metric};
use crate::contestants::{Contestant, Fails, Plan};
use crate::probe;

pub(super) static SCENARIO: Scenario = Scenario {
    name: "events",
    title: "Restarts with subscribers",
    about: "As the restarts with one sibling, with nobody who subscribes to the events, with `one` \
            who receives what it can, and with one who is `slow`: one event in a millisecond. A \
            restart is three events. The floor has none.",
    metrics: &[Metric::more("restarts", "/s")],
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
                let mut events = handle.subscribe();
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
