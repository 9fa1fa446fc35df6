//! Ours, declared by macro: those that fail stand in a `supervisor!` block.
//!
//! In a block every child takes its context. What cannot be written out, because there is too much of
//! it, is no matter of the macro; such cases are measured by hand only.

use sage_supervisor::supervisor;

use super::by_hand::{Static, idle};
use super::{Contestant, Fails, Plan, Tree, because};
use crate::case::Case;
use crate::probe;

pub(super) struct Declared;

impl Contestant for Declared {
    fn name(&self) -> &'static str {
        "declared"
    }

    fn package(&self) -> &'static str {
        "sage-supervisor"
    }

    fn refuses(&self, case: &Case) -> Option<&'static str> {
        let written_out = match case.scenario {
            "restarts" | "panics" | "latency" => case.children <= 100_000,
            "direct" | "events" => true,
            _ => false,
        };
        (!written_out).then_some(because::SAME)
    }

    fn build(&self, plan: Plan) -> Box<dyn Tree> {
        let last = plan.children;
        let supervisor = match plan.fails {
            Fails::Failing(1) => supervisor! {
                max_restarts = "unlimited",

                #[child]
                failing = |_| probe::failing(),
            },
            Fails::Panicking => supervisor! {
                max_restarts = "unlimited",

                #[child]
                panicking = |_| probe::panicking(),
            },
            Fails::Gated => supervisor! {
                max_restarts = "unlimited",

                #[child]
                gated = move |_| probe::gated(last),
            },
            Fails::Nothing | Fails::Failing(_) => unreachable!("it has refused"),
        };
        Box::new(Static::of(supervisor.children(idle(plan))))
    }
}
