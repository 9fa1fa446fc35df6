//! The report: `RESULTS.md`, made of what was found.

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use crate::case::{Case, Effort, Flavor, Metric};
use crate::contestants::because;
use crate::digits::{number, rounded, scaled};
use crate::results::{Outcome, Results, Summary};
use crate::runner::Entrant;
use crate::scenarios::{self, Scenario, in_words};
use crate::{contestants, plots, short, targets};

/// Writes the report and its plots into this crate, and its short table into the README.
pub fn write(report: &str, results: &Results) -> io::Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    plots::draw_all(results, &here.join("plots")).map_err(io::Error::other)?;
    fs::write(here.join("RESULTS.md"), report)?;
    let readme = here.join("../README.md");
    let written = short::copy(report, &fs::read_to_string(&readme)?).map_err(io::Error::other)?;
    fs::write(readme, written)
}

/// The whole report. `facts` are those of [`machine`](crate::machine).
pub fn markdown(results: &Results, effort: Effort, facts: &[(&'static str, String)]) -> String {
    let mut text = "\
# What supervision costs

Made by `cargo run --release --manifest-path benches/Cargo.toml`; not to be edited. Each figure is the
median of the rounds, with the least and the greatest below it. Behind it stands the median of the
ratios to the floor of the same round. How many rounds stands above each table. The floor is a bare loop over a `JoinSet` with boxed start
functions, where each task returns its own index: no names, no order, no limits. Each run of each
contestant is a process of its own; `mt` is tokio's multi-thread runtime with two workers, `ct` its
current-thread one.

- declared: a `supervisor!` block, whose children take a context
- by hand: `Supervisor::new(..).child(..)`, children without a context unless said
- dynamic: a `DynamicSupervisor`, children from one shared template
- sage-runtime: the code this crate began as; it cannot be stopped

Measured on and with:

"
    .to_owned();
    for (what, which) in facts {
        let _ = writeln!(text, "- {what}: {which}");
    }
    let minutes = results.took.as_secs_f64() / 60.0;
    let short = if effort.short { ", in its short form" } else { "" };
    let _ = writeln!(text, "- the whole took {minutes:.0} min{short}");
    if let Some(table) = short::table(results, facts) {
        let _ = write!(text, "\n## In short\n\n{table}");
    }
    write_targets(&mut text, results);
    for scenario in scenarios::ALL {
        write_scenario(&mut text, scenario, results, effort);
    }
    text
}

fn write_targets(text: &mut String, results: &Results) {
    let mut rows = String::new();
    for target in targets::ALL {
        let figures = Flavor::ALL
            .map(|flavor| (target.figure(results, flavor), target.has_failed(results, flavor)));
        if figures.iter().all(|figure| *figure == (None, false)) {
            continue;
        }
        let _ = write!(rows, "| {} | {} | {} |", target.what, target.contestant, target.bound);
        for figure in figures {
            let _ = match figure {
                (_, true) => write!(rows, " **failed** |"),
                (Some(figure), _) if target.bound.is_met_by(figure) => {
                    write!(rows, " {} |", target.bound.exactly(figure))
                }
                (Some(figure), _) => {
                    write!(rows, " **{}** missed |", target.bound.exactly(figure))
                }
                (None, _) => write!(rows, " |"),
            };
        }
        rows.push('\n');
    }
    if !rows.is_empty() {
        let head = "\n## Targets\n\nMedians of the ratios to the floor of the same round, if nothing else is said.\n\n\
                    | | ours | target | mt | ct |\n|---|---|---|---|---|\n";
        text.push_str(head);
        text.push_str(&rows);
    }
}

fn write_scenario(
    text: &mut String,
    scenario: &'static Scenario,
    results: &Results,
    effort: Effort,
) {
    let cases = scenario.cases(effort);
    if !cases.iter().any(|&case| results.has_any(case)) {
        return;
    }
    let rounds = rounds(&cases, results);
    let _ = writeln!(text, "\n## {}\n\n{} {rounds}.\n", scenario.title, scenario.about);
    for flavor in Flavor::ALL {
        let cases: Vec<_> = cases.iter().copied().filter(|case| case.flavor == flavor).collect();
        write_table(text, scenario, &cases, results);
    }
    write_notes(text, &cases, results);
    if !effort.short && plots::has_plots(scenario) {
        for flavor in Flavor::ALL {
            for mode in scenario.modes {
                let file = plots::file_name(scenario, mode, flavor);
                let _ = writeln!(
                    text,
                    "\n![{} {}, {flavor}](plots/{file})",
                    scenario.title,
                    in_words(mode.name)
                );
            }
        }
    }
}

/// In how many rounds the cases were measured, with the sizes if they differ in it.
fn rounds(cases: &[Case], results: &Results) -> String {
    let most = |case: Case, entrants: &[Entrant]| {
        let found = entrants.iter().map(|entrant| results.values(case, entrant.name(), 0).len());
        found.max().unwrap_or(0)
    };
    let entrants = Entrant::all();
    let (ours, others) = entrants.split_at(contestants::OURS);
    let mut kinds: Vec<((usize, usize), Vec<String>)> = Vec::new();
    for &case in cases {
        let (rounds, size) = ((most(case, ours), most(case, others)), rounded(case.children));
        match kinds.iter_mut().find(|(known, _)| *known == rounds) {
            Some((_, sizes)) if sizes.contains(&size) => {}
            Some((_, sizes)) => sizes.push(size),
            None => kinds.push((rounds, vec![size])),
        }
    }
    let differ = kinds.len() > 1;
    let kinds = kinds.iter().map(|((ours, others), sizes)| {
        let sizes = if differ { format!("{}: ", sizes.join(", ")) } else { String::new() };
        let others =
            if *others > 0 { format!(", {others} with the others") } else { String::new() };
        format!("{sizes}{ours}{others}")
    });
    format!("Rounds: {}", kinds.collect::<Vec<_>>().join("; "))
}

/// One table: a line for each contestant, a column for each metric of each case.
fn write_table(text: &mut String, scenario: &'static Scenario, cases: &[Case], results: &Results) {
    let Some(first) = cases.first() else { return };
    let _ = write!(text, "| {} |", first.flavor);
    for case in cases {
        for metric in scenario.metrics {
            let size = if case.children == 0 { String::new() } else { rounded(case.children) };
            let only_one = scenario.metrics.len() == 1 && case.children > 0;
            let name = if only_one { "" } else { metric.name };
            let mode = if scenario.modes.len() > 1 { in_words(case.mode) } else { "" };
            let head: Vec<_> =
                [mode, &size, name].into_iter().filter(|word| !word.is_empty()).collect();
            let _ = write!(text, " {}, {} |", head.join(" "), metric.unit);
        }
    }
    text.push_str("\n|---|");
    text.push_str(&"---|".repeat(cases.len() * scenario.metrics.len()));
    text.push('\n');
    for entrant in Entrant::all() {
        let name = entrant.name();
        let is_absent = |&case: &Case| {
            matches!(
                refusal(results, case, name),
                Some(None | Some(("cannot" | "is not measured", _)))
            )
        };
        if cases.iter().all(is_absent) {
            continue;
        }
        let _ = write!(text, "| {name} |");
        for &case in cases {
            for (index, metric) in scenario.metrics.iter().enumerate() {
                let _ = write!(text, " {} |", cell(results, case, name, index, metric));
            }
        }
        text.push('\n');
    }
    text.push('\n');
}

/// Why there is no figure: `None` if there is one, `Some(None)` if it was never asked for.
fn refusal<'a>(
    results: &'a Results,
    case: Case,
    name: &'static str,
) -> Option<Option<(&'static str, &'a str)>> {
    let outcomes = results.get(case, name);
    let mut reasons = outcomes.iter().rev().filter_map(|outcome| match outcome {
        Outcome::Refused(reason) if is_possible(reason) => {
            Some(("is not measured", reason.as_str()))
        }
        Outcome::Refused(reason) => Some(("cannot", reason.as_str())),
        Outcome::Failed(reason) => Some(("failed", reason.as_str())),
        Outcome::Found(_) => None,
    });
    match (outcomes.len(), reasons.next()) {
        (0, _) => Some(None),
        (_, Some(reason)) => Some(Some(reason)),
        (_, None) => None,
    }
}

/// Whether who refuses could do it.
fn is_possible(reason: &str) -> bool {
    [because::SAME, because::MANY, because::BUSY].contains(&reason)
}

fn cell(results: &Results, case: Case, name: &'static str, metric: usize, unit: &Metric) -> String {
    match refusal(results, case, name) {
        None => {}
        Some(Some(("failed", _))) => return "failed".to_owned(),
        Some(_) => return "—".to_owned(),
    }
    let Some(Summary { median, min, max, ratio }) = results.summary(case, name, metric) else {
        return "—".to_owned();
    };
    let ratio = match ratio {
        Some(ratio) if name != "floor" => format!(" **{}×**", number(ratio)),
        _ => String::new(),
    };
    let show = |value| if unit.more_is_better { scaled(value) } else { number(value) };
    format!("{}{ratio}<br>{}–{}", show(median), show(min), show(max))
}

/// Below the tables: who cannot do what, who failed, and what else there is to know.
fn write_notes(text: &mut String, cases: &[Case], results: &Results) {
    let mut notes: Vec<(String, Vec<String>)> = Vec::new();
    let mut note = |what: String, case: &Case| {
        let place = format!("{} {} {}", in_words(case.mode), rounded(case.children), case.flavor);
        match notes.iter_mut().find(|(known, _)| *known == what) {
            Some((_, places)) if places.contains(&place) => {}
            Some((_, places)) => places.push(place),
            None => notes.push((what, vec![place])),
        }
    };
    for entrant in Entrant::all() {
        let name = entrant.name();
        for case in cases {
            if let Some(Some((how, reason))) = refusal(results, *case, name) {
                note(format!("{name} {how}: {reason}"), case);
            }
            for outcome in results.get(*case, name) {
                let Outcome::Found(findings) = outcome else { continue };
                for remark in &findings.remarks {
                    note(format!("{name}: {remark}"), case);
                }
            }
        }
    }
    for (what, places) in notes {
        let everywhere = places.len() == cases.len();
        let places = if everywhere { String::new() } else { format!(" ({})", places.join(", ")) };
        let _ = writeln!(text, "- {what}{places}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Findings;

    #[test]
    fn rounds_are_told_with_the_sizes_where_they_differ() {
        let scenario = Scenario::find("start").expect("there is one");
        let all = scenario.cases(Effort { short: false });
        let mut results = Results::default();
        for &case in &all {
            let (ours, others) = if case.children < 1_000_000 { (5, 3) } else { (3, 0) };
            for (name, times) in [("floor", ours), ("by hand", ours), ("kameo", others)] {
                for _ in 0..times {
                    results.add(case, name, Outcome::Found(Findings::of([1.0])));
                }
            }
            results.add(case, "taskvisor", Outcome::Refused("it cannot".to_owned()));
        }
        assert_eq!(rounds(&all, &results), "Rounds: 10k, 100k: 5, 3 with the others; 1M: 3");
        assert_eq!(rounds(&all[..2], &results), "Rounds: 5, 3 with the others");
    }
}
