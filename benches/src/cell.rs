//! A cell of a table: one run of one case, by one contestant, in a process of its own.
//!
//! This module knows both ends of such a process: its arguments, and the output that it leaves.

use crate::case::{Case, Effort, Findings, Flavor};
use crate::contestant::Contestant;
use crate::{contestants, scenarios};

/// The word before the arguments of a cell.
pub const WORD: &str = "cell";

const VALUE: &str = "value ";
const REMARK: &str = "remark ";

pub struct Cell {
    pub case: Case,
    pub contestant: &'static dyn Contestant,
    pub effort: Effort,
}

impl Cell {
    /// The arguments that [`parse`](Self::parse) reads, with the first word and the options.
    pub fn arguments(&self) -> Vec<String> {
        let Case { scenario, mode, children, flavor } = self.case;
        let (children, flavor) = (children.to_string(), flavor.to_string());
        let mut arguments = vec![WORD, scenario, mode, &children, &flavor, self.contestant.name()];
        if self.effort.short {
            arguments.push("--short");
        }
        arguments.into_iter().map(str::to_owned).collect()
    }

    /// Reads the arguments of a cell, without its first word and without options.
    pub fn parse(words: [&str; 5], effort: Effort) -> Result<Self, String> {
        let [scenario, mode, children, flavor, contestant] = words;
        let scenario = scenarios::find(scenario)
            .ok_or_else(|| format!("there is no scenario `{scenario}`"))?;
        let mode = scenario.modes.iter().find(|known| known.name == mode);
        let case = Case {
            scenario: scenario.name,
            mode: mode.ok_or("the scenario has no such mode")?.name,
            children: children
                .parse()
                .map_err(|_| format!("`{children}` is not a number of children"))?,
            flavor: if flavor == "mt" { Flavor::Mt } else { Flavor::Ct },
        };
        let found = contestants::ALL.into_iter().find(|known| known.name() == contestant);
        let contestant = found.ok_or_else(|| format!("there is no contestant `{contestant}`"))?;
        Ok(Self { case, contestant, effort })
    }

    /// Measures in this process.
    pub fn measure(&self) -> Findings {
        let scenario = scenarios::find(self.case.scenario).expect("the scenario was parsed");
        (scenario.run)(self.case, self.effort, self.contestant)
    }
}

/// Prints the findings for the program that started this one. [`understand`] reads them.
pub fn tell(findings: &Findings) {
    for value in &findings.values {
        println!("{VALUE}{value}");
    }
    for remark in &findings.remarks {
        println!("{REMARK}{remark}");
    }
}

/// Reads the output of a process that has carried a cell out.
pub fn understand(text: &str) -> Result<Findings, String> {
    let mut findings = Findings::default();
    for line in text.lines() {
        if let Some(value) = line.strip_prefix(VALUE) {
            let value = value.trim().parse().map_err(|_| format!("`{value}` is not a number"))?;
            findings.values.push(value);
        } else if let Some(remark) = line.strip_prefix(REMARK) {
            findings.remarks.push(remark.to_owned());
        }
    }
    if findings.values.is_empty() {
        return Err("the output holds no value".to_owned());
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_of_a_cell_are_those_that_are_parsed() {
        for short in [false, true] {
            let effort = Effort { short };
            let case = scenarios::ALL[0].cases(effort)[0];
            let arguments = Cell { case, contestant: contestants::ALL[1], effort }.arguments();
            let words: Vec<_> = arguments.iter().map(String::as_str).collect();
            let (words, options) = words.split_at(6);
            assert_eq!(words[0], WORD);
            assert_eq!(options, if short { &["--short"][..] } else { &[] });
            let words = words[1..].try_into().expect("there are five words");
            let cell = Cell::parse(words, effort).expect("the arguments are those of a cell");
            assert_eq!(cell.case, case);
            assert_eq!(cell.contestant.name(), contestants::ALL[1].name());
        }
    }
}
