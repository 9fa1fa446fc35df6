//! Runs every case: one contestant in one process, in turn, round after round.

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::case::{Case, Effort, Findings};
use crate::cli::{CELL, Selection};
use crate::contestants::{self, Contestant, otp};
use crate::results::{Outcome, Results};
use crate::scenarios::{self, Scenario};

/// Who can be measured: one of this program, or one that is a program itself.
#[derive(Clone, Copy)]
pub enum Entrant {
    Here(&'static dyn Contestant),
    Otp,
}

impl Entrant {
    pub fn all() -> Vec<Self> {
        let mut all: Vec<_> = contestants::ALL.into_iter().map(Self::Here).collect();
        all.push(Self::Otp);
        all
    }

    pub fn name(&self) -> &'static str {
        match self {
            Self::Here(contestant) => contestant.name(),
            Self::Otp => otp::NAME,
        }
    }

    fn refuses(self, case: &Case) -> Option<&'static str> {
        match self {
            Self::Here(contestant) => contestant.refuses(case),
            Self::Otp => otp::refuses(case),
        }
    }

    fn remark(self, case: &Case) -> Option<&'static str> {
        match self {
            Self::Here(contestant) => contestant.remark(case),
            Self::Otp => otp::remark(case),
        }
    }

    fn command(self, case: &Case, effort: Effort) -> Command {
        let Self::Here(contestant) = self else { return otp::command(case, effort) };
        let this = std::env::current_exe().expect("this program is somewhere");
        let mut command = Command::new(this);
        command.env("RUST_BACKTRACE", "0");
        let (children, flavor) = (case.children.to_string(), case.flavor.to_string());
        command.args([CELL, case.scenario, case.mode, &children, &flavor, contestant.name()]);
        if effort.short {
            command.arg("--short");
        }
        command
    }
}

/// Measures what is selected.
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
                None => run(entrant.command(&case, effort), scenario.limit),
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

/// Runs one process to its end, or to that of its time.
fn run(mut command: Command, limit: Duration) -> Outcome {
    let spawned =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut process = match spawned {
        Ok(process) => process,
        Err(error) => return Outcome::Failed(format!("it does not start: {error}")),
    };
    let (tell, told) = mpsc::channel();
    let (mut output, mut errors) =
        (process.stdout.take().expect("it is piped"), process.stderr.take().expect("it is piped"));
    std::thread::spawn(move || {
        let mut text = String::new();
        let read = output.read_to_string(&mut text);
        let _ = tell.send(read.map(|_| text));
    });
    // What goes wrong is told in a line or two, and fits into the pipe.
    let Ok(text) = told.recv_timeout(limit) else {
        let _ = process.kill();
        let _ = process.wait();
        return Outcome::Failed(format!("no end within {} s", limit.as_secs()));
    };
    let status = process.wait();
    let mut complaint = String::new();
    let _ = errors.read_to_string(&mut complaint);
    match (status, text) {
        (Ok(status), Ok(text)) if status.success() => understand(&text),
        (status, _) => {
            let mut lines = complaint.lines().skip_while(|line| !line.contains("panicked at"));
            let message = lines.nth(1).or_else(|| complaint.lines().next());
            let status = status.map_or_else(|error| error.to_string(), |code| code.to_string());
            Outcome::Failed(format!("{status}: {}", message.unwrap_or_default()))
        }
    }
}

const VALUE: &str = "value ";
const REMARK: &str = "remark ";

/// Tells the program that started this one what was found.
pub fn tell(findings: &Findings) {
    for value in &findings.values {
        println!("{VALUE}{value}");
    }
    for remark in &findings.remarks {
        println!("{REMARK}{remark}");
    }
}

fn understand(text: &str) -> Outcome {
    let mut findings = Findings::default();
    for line in text.lines() {
        if let Some(value) = line.strip_prefix(VALUE) {
            let Ok(value) = value.trim().parse() else {
                return Outcome::Failed(format!("not a number: {value}"));
            };
            findings.values.push(value);
        } else if let Some(remark) = line.strip_prefix(REMARK) {
            findings.remarks.push(remark.to_owned());
        }
    }
    if findings.values.is_empty() {
        return Outcome::Failed("it found nothing".to_owned());
    }
    Outcome::Found(findings)
}
