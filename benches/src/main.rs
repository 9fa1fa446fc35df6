//! Measures the cost of supervision, beside a bare `JoinSet` and beside other supervisors.
//!
//! Every figure is taken in a process of its own: this program starts itself once for each case,
//! contestant and round. The floor and the contestants take turns, so that each round has a floor of
//! its own. The report holds the median of the ratios to the floor of the same round.

mod case;
mod cell;
mod cli;
mod contestant;
mod contestants;
mod digits;
mod entrant;
mod lock;
mod machine;
mod plots;
mod probe;
mod proc;
mod report;
mod results;
mod runner;
mod scenario;
mod scenarios;
mod short;
mod targets;

use std::process::ExitCode;

use cli::Command;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match cli::parse(&arguments) {
        Ok(Command::Help) => {
            print!("{}", cli::help());
            ExitCode::SUCCESS
        }
        Ok(Command::Cell(cell)) => {
            probe::keep_quiet_about_what_is_on_purpose();
            cell::tell(&cell.measure());
            // Exit without running destructors: those of a million children take long.
            std::process::exit(0)
        }
        Ok(Command::Measure { selection, effort }) => measure(&selection, effort),
        Err(mistake) => {
            eprintln!("{mistake}\n\n{}", cli::help());
            ExitCode::FAILURE
        }
    }
}

/// Measures, and prints the tables, or writes the report if everything was measured.
fn measure(selection: &runner::Selection, effort: case::Effort) -> ExitCode {
    let results = runner::measure(selection, effort);
    let report = report::markdown(&results, effort, &machine::facts());
    if selection.is_all() && !effort.short {
        if let Err(error) = report::write(&report, &results) {
            eprintln!("failed to write the report: {error}");
            return ExitCode::FAILURE;
        }
    } else {
        println!("{report}");
    }
    if results.failures() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
