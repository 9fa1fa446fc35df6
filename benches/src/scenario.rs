//! The description of a scenario: its cases, its metrics, and the function that runs a case.

use std::time::Duration;

use crate::case::{Case, Effort, Findings, Flavor, Metric};
use crate::contestant::Contestant;

/// A scenario, which measures the same thing in several cases.
pub struct Scenario {
    pub name: &'static str,
    pub title: &'static str,
    /// A text for the reader: the quantity that is measured, and where the clock starts and stops.
    pub about: &'static str,
    pub metrics: &'static [Metric],
    /// The forms of the scenario, each with the sizes at which it is measured.
    pub modes: &'static [Mode],
    /// The time limit of one run of one case.
    pub limit: Duration,
    /// The number of rounds for the floor and ours, and the number of rounds for the others.
    pub rounds: (u32, u32),
    pub run: Run,
}

/// A form of a scenario.
pub struct Mode {
    pub name: &'static str,
    /// The numbers of idle children at which the form is measured.
    pub children: &'static [u32],
}

/// Measures one case for one contestant.
pub type Run = fn(Case, Effort, &'static dyn Contestant) -> Findings;

/// The name of a mode in the report.
pub fn in_words(mode: &'static str) -> &'static str {
    match mode {
        "cooperative" => "asked (cooperative)",
        "brutal_kill" => "killed (brutal_kill)",
        as_it_is => as_it_is,
    }
}

impl Scenario {
    /// The number of rounds of a case for the floor and ours, and the number of rounds for the others.
    pub fn rounds_of(&self, case: Case, effort: Effort) -> (u32, u32) {
        let (for_us, for_others) = self.rounds;
        // A round with a million children takes long, and its figures vary less.
        let is_long = case.children >= 1_000_000;
        if effort.short {
            (for_us.min(3), 0)
        } else if is_long {
            (for_us.min(3), for_others)
        } else {
            self.rounds
        }
    }

    pub fn cases(&'static self, effort: Effort) -> Vec<Case> {
        let mut cases = Vec::new();
        for flavor in Flavor::ALL {
            for mode in self.modes {
                for &children in mode.children {
                    let case = Case { scenario: self.name, mode: mode.name, children, flavor };
                    if !effort.short || children <= 100_000 {
                        cases.push(case);
                    }
                }
            }
        }
        cases
    }
}
