//! What is aimed at, and whether it is met.

use crate::case::{Case, Flavor};
use crate::contestants;
use crate::results::{Results, median};
use crate::scenarios::Scenario;

/// One target: a figure of ours against the floor's, or against another of ours.
pub struct Target {
    pub what: &'static str,
    pub contestant: &'static str,
    scenario: &'static str,
    mode: &'static str,
    children: u32,
    metric: usize,
    against: Against,
    pub bound: Bound,
}

#[derive(Clone, Copy)]
enum Against {
    /// The floor of the same round.
    Floor,
    /// The same contestant in another case.
    Itself { scenario: &'static str, mode: &'static str },
    /// Nothing: the figure itself counts.
    Nothing,
}

#[derive(Clone, Copy)]
pub enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Bound {
    pub fn is_met_by(self, figure: f64) -> bool {
        match self {
            Self::AtLeast(bound) => figure >= bound,
            Self::AtMost(bound) => figure <= bound,
        }
    }
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AtLeast(bound) => write!(f, "≥ {bound}"),
            Self::AtMost(bound) => write!(f, "≤ {bound}"),
        }
    }
}

const fn target(
    what: &'static str,
    contestant: &'static str,
    case: (&'static str, &'static str, u32),
    metric: usize,
    bound: Bound,
) -> Target {
    let (scenario, mode, children) = case;
    Target { what, contestant, scenario, mode, children, metric, against: Against::Floor, bound }
}

const HAND: &str = "by hand";
const MACRO: &str = "declared";
const DYNAMIC: &str = "dynamic";

use Bound::{AtLeast, AtMost};

pub static ALL: &[Target] = &[
    target("restarts, 1 sibling", MACRO, ("restarts", "error", 1), 0, AtLeast(0.9)),
    target("restarts, 1 sibling", HAND, ("restarts", "error", 1), 0, AtLeast(0.9)),
    target("restarts, 1 sibling", DYNAMIC, ("restarts", "error", 1), 0, AtLeast(0.9)),
    target("restarts, 10k siblings", HAND, ("restarts", "error", 10_000), 0, AtLeast(0.9)),
    target("restarts, 100k siblings", HAND, ("restarts", "error", 100_000), 0, AtLeast(0.9)),
    target("restarts, 1M siblings", HAND, ("restarts", "error", 1_000_000), 0, AtLeast(0.9)),
    target("panicking child", HAND, ("panics", "panic", 1), 0, AtLeast(0.9)),
    Target {
        against: Against::Itself { scenario: "restarts", mode: "error" },
        ..target(
            "`run()` in main, beside spawned",
            HAND,
            ("direct", "block_on", 1),
            0,
            AtLeast(0.9),
        )
    },
    target("start of 100k", HAND, ("start", "idle", 100_000), 0, AtMost(1.2)),
    target("start of 100k", DYNAMIC, ("start", "idle", 100_000), 0, AtMost(1.2)),
    target("graceful stop of 100k", DYNAMIC, ("stop", "cooperative", 100_000), 0, AtMost(1.3)),
    target("stop of 100k in order, asked", HAND, ("stop", "cooperative", 100_000), 0, AtMost(2.0)),
    target("stop of 100k in order, killed", HAND, ("stop", "brutal_kill", 100_000), 0, AtMost(1.1)),
    target("drop of 100k", HAND, ("stop", "drop", 100_000), 0, AtMost(1.1)),
    target("memory of a named child", HAND, ("memory", "deaf", 100_000), 0, AtMost(1.25)),
    target("memory of a dynamic child", DYNAMIC, ("memory", "deaf", 100_000), 0, AtMost(1.25)),
    target("memory, with its token", HAND, ("memory", "listening", 100_000), 0, AtMost(1.5)),
    target("memory, with its token", DYNAMIC, ("memory", "listening", 100_000), 0, AtMost(1.5)),
    target("one for all, 10k", HAND, ("one_for_all", "deaf", 10_000), 0, AtMost(1.2)),
    target("latency p50, 1 sibling", HAND, ("latency", "paced", 1), 0, AtMost(1.5)),
    target("latency p99, 1 sibling", HAND, ("latency", "paced", 1), 1, AtMost(1.5)),
    target("latency p50, 100k siblings", HAND, ("latency", "paced", 100_000), 0, AtMost(1.5)),
    target("latency p99, 100k siblings", HAND, ("latency", "paced", 100_000), 1, AtMost(1.5)),
    Target {
        against: Against::Nothing,
        ..target("idle: ms of CPU in a second", HAND, ("idle", "idle", 100_000), 0, AtMost(0.1))
    },
    Target {
        against: Against::Nothing,
        ..target("idle: wake-ups in a second", HAND, ("idle", "idle", 100_000), 1, AtMost(0.5))
    },
    Target {
        against: Against::Nothing,
        ..target("1M children: MB at most", HAND, ("million", "all", 1_000_000), 5, AtMost(1500.0))
    },
    Target {
        against: Against::Nothing,
        ..target(
            "1M children: MB at most",
            DYNAMIC,
            ("million", "all", 1_000_000),
            5,
            AtMost(1500.0),
        )
    },
];

impl Target {
    fn case(&self, flavor: Flavor) -> Case {
        let Self { scenario, mode, children, contestant, .. } = *self;
        let known = Scenario::find(scenario).expect("the targets are of scenarios");
        debug_assert!(known.modes.iter().any(|known| known.name == mode));
        debug_assert!(contestants::ALL.iter().any(|known| known.name() == contestant));
        Case { scenario, mode, children, flavor }
    }

    /// Whether it was tried, and failed.
    pub fn has_failed(&self, results: &Results, flavor: Flavor) -> bool {
        results.has_failed(self.case(flavor), self.contestant)
    }

    /// What was reached, if it was measured.
    pub fn figure(&self, results: &Results, flavor: Flavor) -> Option<f64> {
        let Self { metric, contestant, .. } = *self;
        let case = self.case(flavor);
        let summary = results.summary(case, contestant, metric)?;
        match self.against {
            Against::Floor => summary.ratio,
            Against::Nothing => Some(summary.median),
            Against::Itself { scenario, mode } => {
                let other = Case { scenario, mode, ..case };
                let values = results.values(case, contestant, metric);
                let others = results.values(other, contestant, metric);
                median(values.iter().zip(&others).map(|(value, other)| value / other))
            }
        }
    }
}
