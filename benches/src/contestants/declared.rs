//! `sage-supervisor`, declared by macro: the children that fail stand in a `supervisor!` block.
//!
//! In a block every child takes its context. A case with too many children to be written out has no
//! block, and is measured by hand only.

use sage_supervisor::supervisor;

use super::by_hand::{Static, idle};
use crate::case::Case;
use crate::contestant::{Contestant, Fails, Plan, Tree, because};
use crate::probe;

pub const NAME: &str = "declared";

pub(super) struct Declared;

impl Contestant for Declared {
    fn name(&self) -> &'static str {
        NAME
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
            Fails::Nothing | Fails::Failing(_) => unreachable!("the contestant has refused"),
        };
        Box::new(Static::of(supervisor.children(idle(plan))))
    }
}
