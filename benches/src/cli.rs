//! The command line.

use std::fmt::Write as _;

use crate::case::{Case, Effort, Flavor};
use crate::contestants::{self, Contestant};
use crate::runner::Entrant;
use crate::scenarios::{self, Scenario};

pub enum Command {
    Help,
    /// One run of one case, for the program that started this one.
    Cell {
        case: Case,
        contestant: &'static dyn Contestant,
        effort: Effort,
    },
    Measure {
        selection: Selection,
        effort: Effort,
    },
}

/// What is to be measured.
#[derive(Default)]
pub struct Selection {
    pub scenario: Option<&'static Scenario>,
    pub contestant: Option<Entrant>,
}

impl Selection {
    pub fn is_all(&self) -> bool {
        self.scenario.is_none() && self.contestant.is_none()
    }
}

/// The word before the arguments of one run.
pub const CELL: &str = "cell";

pub fn parse(arguments: &[String]) -> Result<Command, String> {
    if arguments.iter().any(|word| word == "--help" || word == "-h") {
        return Ok(Command::Help);
    }
    let effort = Effort { short: arguments.iter().any(|word| word == "--short") };
    if let Some(flag) = arguments.iter().find(|word| word.starts_with('-') && *word != "--short") {
        return Err(format!("unknown option `{flag}`"));
    }
    let words = arguments.iter().map(String::as_str).filter(|word| !word.starts_with('-'));
    match *words.collect::<Vec<_>>() {
        [CELL, scenario, mode, children, flavor, contestant] => {
            let scenario = find_scenario(scenario)?;
            let mode = scenario.modes.iter().find(|known| known.name == mode);
            let case = Case {
                scenario: scenario.name,
                mode: mode.ok_or("unknown mode")?.name,
                children: children.parse().map_err(|_| "not a number of children")?,
                flavor: if flavor == "mt" { Flavor::Mt } else { Flavor::Ct },
            };
            let found = contestants::ALL.into_iter().find(|known| known.name() == contestant);
            Ok(Command::Cell { case, contestant: found.ok_or("unknown contestant")?, effort })
        }
        [] => Ok(Command::Measure { selection: Selection::default(), effort }),
        [scenario] => {
            let selection =
                Selection { scenario: Some(find_scenario(scenario)?), contestant: None };
            Ok(Command::Measure { selection, effort })
        }
        [scenario, contestant] => {
            let scenario = Some(find_scenario(scenario)?);
            let contestant = Entrant::all().into_iter().find(|known| known.name() == contestant);
            let contestant = Some(contestant.ok_or("unknown contestant")?);
            Ok(Command::Measure { selection: Selection { scenario, contestant }, effort })
        }
        _ => Err("too many words".to_owned()),
    }
}

fn find_scenario(name: &str) -> Result<&'static Scenario, String> {
    Scenario::find(name).ok_or_else(|| format!("unknown scenario `{name}`"))
}

pub fn help() -> String {
    let mut help = "\
Measures what supervision costs, beside a bare `JoinSet` and beside others.

    benches                           everything; writes RESULTS.md and the plots
    benches --short                   the floor and ours, few rounds, small sizes; prints the tables
    benches SCENARIO [CONTESTANT]     one scenario, for one contestant and the floor; prints the tables

Scenarios:
"
    .to_owned();
    for scenario in scenarios::ALL {
        let _ = writeln!(help, "    {:<12} {}", scenario.name, scenario.title);
    }
    help.push_str("\nContestants (quote those with a space):\n");
    for entrant in Entrant::all() {
        let _ = writeln!(help, "    {}", entrant.name());
    }
    help
}
