//! The command line.

use std::fmt::Write as _;

use crate::case::Effort;
use crate::cell::{self, Cell};
use crate::entrant::Entrant;
use crate::runner::Selection;
use crate::scenario::Scenario;
use crate::scenarios;

pub enum Command {
    Help,
    /// A single run of a case, for the program that started this one.
    Cell(Cell),
    Measure {
        selection: Selection,
        effort: Effort,
    },
}

pub fn parse(arguments: &[String]) -> Result<Command, String> {
    if arguments.iter().any(|word| word == "--help" || word == "-h") {
        return Ok(Command::Help);
    }
    let effort = Effort { short: arguments.iter().any(|word| word == "--short") };
    if let Some(flag) = arguments.iter().find(|word| word.starts_with('-') && *word != "--short") {
        return Err(format!("there is no option `{flag}`"));
    }
    let words = arguments.iter().map(String::as_str).filter(|word| !word.starts_with('-'));
    let selection = match *words.collect::<Vec<_>>() {
        [cell::WORD, scenario, mode, children, flavor, contestant] => {
            let words = [scenario, mode, children, flavor, contestant];
            return Cell::parse(words, effort).map(Command::Cell);
        }
        [] => Selection::default(),
        [scenario] => Selection { scenario: Some(find_scenario(scenario)?), contestant: None },
        [scenario, contestant] => {
            let scenario = Some(find_scenario(scenario)?);
            let contestant = Some(find_contestant(contestant)?);
            Selection { scenario, contestant }
        }
        _ => return Err("expected a scenario and a contestant at most".to_owned()),
    };
    Ok(Command::Measure { selection, effort })
}

fn find_scenario(name: &str) -> Result<&'static Scenario, String> {
    scenarios::find(name).ok_or_else(|| format!("there is no scenario `{name}`"))
}

fn find_contestant(name: &str) -> Result<Entrant, String> {
    let found = Entrant::all().into_iter().find(|known| known.name() == name);
    found.ok_or_else(|| format!("there is no contestant `{name}`"))
}

pub fn help() -> String {
    let mut help = "\
Measures what supervision costs, beside a bare `JoinSet` and beside other supervisors.

    benches                           everything; writes RESULTS.md and the plots
    benches --short                   the floor and ours, few rounds, small sizes; prints the tables
    benches SCENARIO [CONTESTANT]     one scenario, for one contestant and the floor; prints the tables

Scenarios:
"
    .to_owned();
    for scenario in scenarios::ALL {
        let _ = writeln!(help, "    {:<12} {}", scenario.name, scenario.title);
    }
    help.push_str("\nContestants (a name with a space needs quotes):\n");
    for entrant in Entrant::all() {
        let _ = writeln!(help, "    {}", entrant.name());
    }
    help
}
