//! The targets of the project, and whether they are met.

mod bound;

pub use bound::Bound;

use crate::case::{Case, Flavor};
use crate::contestants::{by_hand, declared, dynamic};
use crate::results::{Results, median};

/// A target: a bound on a figure of ours, compared with the floor or with another figure of ours.
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
    /// The figure is the ratio to the floor of the same round.
    Floor,
    /// The figure is the ratio to the same contestant in another case.
    Itself { scenario: &'static str, mode: &'static str },
    /// The figure is the ratio, per child, to the same contestant with the given number of children.
    Fewer(u32),
    /// The figure is the measured value itself.
    Nothing,
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

/// A target for a time that grows no faster than the number of children.
///
/// The factor of two leaves room for children that no longer fit into the caches of the processor. A
/// quadratic time would show a factor of ten.
const fn linear(what: &'static str, case: (&'static str, &'static str, u32), fewer: u32) -> Target {
    Target { against: Against::Fewer(fewer), ..target(what, HAND, case, 0, AtMost(2.0)) }
}

/// A target for the measured value itself.
const fn absolute(
    what: &'static str,
    contestant: &'static str,
    case: (&'static str, &'static str, u32),
    metric: usize,
    most: f64,
) -> Target {
    Target { against: Against::Nothing, ..target(what, contestant, case, metric, AtMost(most)) }
}

const HAND: &str = by_hand::NAME;
const MACRO: &str = declared::NAME;
const DYNAMIC: &str = dynamic::NAME;

use Bound::{AtLeast, AtMost};

pub static ALL: &[Target] = &[
    target("restarts, 1 sibling", MACRO, ("restarts", "error", 1), 0, AtLeast(0.9)),
    target("restarts, 1 sibling", HAND, ("restarts", "error", 1), 0, AtLeast(0.9)),
    target("restarts, 1 sibling", DYNAMIC, ("restarts", "error", 1), 0, AtLeast(0.9)),
    target("restarts, 10k siblings", HAND, ("restarts", "error", 10_000), 0, AtLeast(0.9)),
    target("restarts, 10k siblings", DYNAMIC, ("restarts", "error", 10_000), 0, AtLeast(0.9)),
    target("restarts, 100k siblings", HAND, ("restarts", "error", 100_000), 0, AtLeast(0.9)),
    target("restarts, 100k siblings", DYNAMIC, ("restarts", "error", 100_000), 0, AtLeast(0.9)),
    target("restarts, 1M siblings", HAND, ("restarts", "error", 1_000_000), 0, AtLeast(0.9)),
    target("restarts, 1M siblings", DYNAMIC, ("restarts", "error", 1_000_000), 0, AtLeast(0.9)),
    target("restarts after a panic, 1 sibling", HAND, ("panics", "panic", 1), 0, AtLeast(0.9)),
    target(
        "restarts after a panic, 100k siblings",
        HAND,
        ("panics", "panic", 100_000),
        0,
        AtLeast(0.9),
    ),
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
    target(
        "stop of 100k at once, asked",
        DYNAMIC,
        ("stop", "cooperative", 100_000),
        0,
        AtMost(1.3),
    ),
    target(
        "stop of 100k in reverse order, asked",
        HAND,
        ("stop", "cooperative", 100_000),
        0,
        AtMost(2.0),
    ),
    target(
        "stop of 100k in reverse order, killed",
        HAND,
        ("stop", "brutal_kill", 100_000),
        0,
        AtMost(1.1),
    ),
    linear(
        "stop, asked: time for one of 100k, beside one of 10k",
        ("stop", "cooperative", 100_000),
        10_000,
    ),
    linear(
        "stop, asked: time for one of 1M, beside one of 100k",
        ("stop", "cooperative", 1_000_000),
        100_000,
    ),
    linear(
        "stop, killed: time for one of 100k, beside one of 10k",
        ("stop", "brutal_kill", 100_000),
        10_000,
    ),
    linear(
        "stop, killed: time for one of 1M, beside one of 100k",
        ("stop", "brutal_kill", 1_000_000),
        100_000,
    ),
    target("drop of 100k", HAND, ("stop", "drop", 100_000), 0, AtMost(1.1)),
    target("drop of 100k", DYNAMIC, ("stop", "drop", 100_000), 0, AtMost(1.1)),
    target("memory of a child, named", HAND, ("memory", "deaf", 100_000), 0, AtMost(1.25)),
    target("memory of a child", DYNAMIC, ("memory", "deaf", 100_000), 0, AtMost(1.25)),
    target(
        "memory of a child that listens",
        HAND,
        ("memory", "listening", 100_000),
        0,
        AtMost(1.5),
    ),
    target(
        "memory of a child that listens",
        DYNAMIC,
        ("memory", "listening", 100_000),
        0,
        AtMost(1.5),
    ),
    target("one for all, 10k", HAND, ("one_for_all", "deaf", 10_000), 0, AtMost(1.2)),
    target("latency p50, 1 sibling", HAND, ("latency", "paced", 1), 0, AtMost(1.5)),
    target("latency p99, 1 sibling", HAND, ("latency", "paced", 1), 1, AtMost(1.5)),
    target("latency p50, 100k siblings", HAND, ("latency", "paced", 100_000), 0, AtMost(1.5)),
    target("latency p99, 100k siblings", HAND, ("latency", "paced", 100_000), 1, AtMost(1.5)),
    absolute("idle: ms of CPU in a second", HAND, ("idle", "idle", 100_000), 0, 0.1),
    absolute("idle: wake-ups in a second", HAND, ("idle", "idle", 100_000), 1, 0.5),
    absolute("1M children, all of it: peak in MB", HAND, ("million", "all", 1_000_000), 5, 1500.0),
    absolute(
        "1M children, all of it: peak in MB",
        DYNAMIC,
        ("million", "all", 1_000_000),
        5,
        1500.0,
    ),
];

/// The bound of the target that one of ours has in a case, if the target is a ratio to the floor.
pub fn to_the_floor(case: Case, contestant: &'static str, metric: usize) -> Option<Bound> {
    let is_it = |target: &&Target| {
        matches!(target.against, Against::Floor)
            && target.case(case.flavor) == case
            && (target.contestant, target.metric) == (contestant, metric)
    };
    ALL.iter().find(is_it).map(|target| target.bound)
}

impl Target {
    fn case(&self, flavor: Flavor) -> Case {
        let Self { scenario, mode, children, .. } = *self;
        Case { scenario, mode, children, flavor }
    }

    /// Returns whether a run of the case has failed.
    pub fn has_failed(&self, results: &Results, flavor: Flavor) -> bool {
        results.has_failed(self.case(flavor), self.contestant)
    }

    /// The median of the ratios of one case to another, round by round.
    fn growth(&self, results: &Results, from: Case, to: Case) -> Option<f64> {
        let of = |case| results.values(case, self.contestant, self.metric);
        let (from, to) = (of(from), of(to));
        median(to.iter().zip(&from).map(|(to, from)| to / from))
    }

    /// The figure that was reached, if the case was measured.
    pub fn figure(&self, results: &Results, flavor: Flavor) -> Option<f64> {
        let case = self.case(flavor);
        let summary = results.summary(case, self.contestant, self.metric)?;
        match self.against {
            Against::Floor => summary.ratio,
            Against::Nothing => Some(summary.median),
            Against::Itself { scenario, mode } => {
                self.growth(results, Case { scenario, mode, ..case }, case)
            }
            Against::Fewer(children) => {
                let growth = self.growth(results, Case { children, ..case }, case)?;
                Some(growth * f64::from(children) / f64::from(case.children))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Effort, Findings};
    use crate::contestants;
    use crate::results::Outcome;
    use crate::scenarios;

    #[test]
    fn every_target_is_of_what_is_measured() {
        for target in ALL {
            for flavor in Flavor::ALL {
                let case = target.case(flavor);
                let mut cases = vec![case];
                match target.against {
                    Against::Floor | Against::Nothing => {}
                    Against::Itself { scenario, mode } => {
                        cases.push(Case { scenario, mode, ..case });
                    }
                    Against::Fewer(children) => cases.push(Case { children, ..case }),
                }
                for case in cases {
                    let scenario = scenarios::find(case.scenario).expect("there is one");
                    assert!(scenario.cases(Effort { short: false }).contains(&case), "{case}");
                    assert!(target.metric < scenario.metrics.len(), "{case}");
                    let name = target.contestant;
                    let known = contestants::ALL.into_iter().find(|known| known.name() == name);
                    assert_eq!(known.expect("it takes part").refuses(&case), None, "{case}");
                }
            }
        }
    }

    #[test]
    fn a_bound_is_found_by_its_case() {
        let case = ALL[0].case(Flavor::Mt);
        assert!(to_the_floor(case, MACRO, 0).is_some());
        assert!(to_the_floor(case, MACRO, 1).is_none());
    }

    #[test]
    fn what_is_linear_takes_each_child_no_longer_among_more() {
        let target = linear("time of one", ("stop", "drop", 100_000), 10_000);
        let many = target.case(Flavor::Ct);
        let few = Case { children: 10_000, ..many };
        for (time, figure) in [(10.0, 1.0), (30.0, 3.0), (100.0, 10.0)] {
            let mut results = Results::default();
            results.add(few, HAND, Outcome::Found(Findings::of([1.0])));
            results.add(many, HAND, Outcome::Found(Findings::of([time])));
            assert_eq!(target.figure(&results, Flavor::Ct), Some(figure));
            assert_eq!(target.bound.is_met_by(figure), time < 20.0);
        }
    }
}
