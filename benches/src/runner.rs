//! Runs every case: one contestant in one process, in turn, round after round.

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::case::{Case, Effort};
use crate::entrant::Entrant;
use crate::results::{Outcome, Results};
use crate::scenario::Scenario;
use crate::{cell, contestants, scenarios};

/// The part of all cases that is to be measured. By default that is everything.
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

/// Measures the selected cases.
pub fn measure(selection: &Selection, effort: Effort) -> Results {
    let begin = Instant::now();
    let mut results = Results::default();
    for scenario in scenarios::ALL {
        if selection.scenario.is_some_and(|only| only.name != scenario.name) {
            continue;
        }
        for case in scenario.cases(effort) {
            eprint!("{:>5.0} s  {case}", begin.elapsed().as_secs_f64());
            measure_case(scenario, case, selection, effort, &mut results);
            eprintln!();
        }
    }
    results.took = begin.elapsed();
    results
}

fn measure_case(
    scenario: &'static Scenario,
    case: Case,
    selection: &Selection,
    effort: Effort,
    results: &mut Results,
) {
    let (for_us, for_others) = scenario.rounds_of(case, effort);
    for round in 0..for_us {
        for (index, entrant) in Entrant::all().into_iter().enumerate() {
            let is_ours = index < contestants::OURS;
            let skipped = match selection.contestant {
                Some(only) => index > 0 && entrant.name() != only.name(),
                None => !is_ours && round >= for_others,
            };
            let hopeless = results.has_failed(case, entrant.name());
            if skipped || hopeless {
                continue;
            }
            let mut outcome = match entrant.refuses(&case) {
                Some(reason) => Outcome::Refused(reason.to_owned()),
                None => run(entrant.command(case, effort), scenario.limit),
            };
            if let Outcome::Failed(reason) = &outcome {
                eprint!("\n         {}: {reason}", entrant.name());
            }
            if let (Outcome::Found(findings), Some(remark)) = (&mut outcome, entrant.remark(&case))
            {
                findings.remarks.push(remark.to_owned());
            }
            results.add(case, entrant.name(), outcome);
        }
        eprint!(" .");
    }
}

/// Runs one process to its end, and kills the process at the time limit.
fn run(mut command: Command, limit: Duration) -> Outcome {
    let spawned =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut process = match spawned {
        Ok(process) => process,
        Err(error) => return Outcome::Failed(format!("the process does not start: {error}")),
    };
    let (tell, told) = mpsc::channel();
    let (mut output, mut errors) =
        (process.stdout.take().expect("it is piped"), process.stderr.take().expect("it is piped"));
    std::thread::spawn(move || {
        let mut text = String::new();
        let read = output.read_to_string(&mut text);
        let _ = tell.send(read.map(|_| text));
    });
    // Nobody reads the errors until the end: a message of a line or two fits into the pipe.
    let Ok(text) = told.recv_timeout(limit) else {
        let _ = process.kill();
        let _ = process.wait();
        return Outcome::Failed(format!("no end within {} s", limit.as_secs()));
    };
    let status = process.wait();
    let mut complaint = String::new();
    let _ = errors.read_to_string(&mut complaint);
    match (status, text) {
        (Ok(status), Ok(text)) if status.success() => {
            cell::understand(&text).map_or_else(Outcome::Failed, Outcome::Found)
        }
        (status, _) => {
            let mut lines = complaint.lines().skip_while(|line| !line.contains("panicked at"));
            let message = lines.nth(1).or_else(|| complaint.lines().next());
            let status = status.map_or_else(|error| error.to_string(), |code| code.to_string());
            Outcome::Failed(format!("{status}: {}", message.unwrap_or_default()))
        }
    }
}
