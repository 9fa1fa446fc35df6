//! The short table: at the head of the report, and the same in the README.
//!
//! The figures are those of the multi-thread runtime, because a reader's program has a `#[tokio::main]`.
//! Among our own forms, each line shows the form that a reader would write: a block where one is possible, otherwise
//! children by hand or a dynamic supervisor.

mod rows;

use std::fmt::Write as _;

use crate::contestants::{self, OURS, otp};
use crate::digits::{number, scaled};
use crate::entrant::Entrant;
use crate::results::{Outcome, Results};
use crate::scenario::Scenario;
use crate::scenarios::{self, REVERSE_ORDER};
use crate::targets;
use rows::{ROWS, Row};

/// The first of the two lines that enclose the table, in the report and in the README.
const BEGIN: &str = "<!-- figures: written by benches -->\n";
const END: &str = "<!-- end of figures -->\n";

const STAR: &str = " \\*";

/// The table between its marks, if at least one of its lines was measured. `facts` are those of
/// [`machine`].
///
/// [`machine`]: crate::machine
pub fn table(results: &Results, facts: &[(&'static str, String)]) -> Option<String> {
    let mut text = format!(
        "{BEGIN}\n| | ours | floor | ratio | best of the others | {} |\n|---|---|---|---|---|---|\n",
        otp::NAME
    );
    let rows: Vec<_> =
        ROWS.iter().filter(|row| !results.get(row.case, row.ours).is_empty()).collect();
    if rows.is_empty() {
        return None;
    }
    let (mut named, mut stars) = (Vec::new(), Vec::new());
    for row in rows {
        let Row { what, ours, .. } = row;
        let unit = row.unit();
        let figures = row.figures(results, ours);
        let figures = figures.map_or_else(|| "failed".to_owned(), |it| format!("{it} {ours}"));
        let floor = row.figures(results, contestants::FLOOR).unwrap_or_else(none);
        let ratio = row.ratios(results).map_or_else(none, |ratio| format!("**{ratio}**"));
        let best = row.best(results).map_or_else(none, |(name, figures)| {
            named.push(name);
            format!("{figures} {name}{}", row.star(results, name, &mut stars))
        });
        let takes_part = row.among.has(otp::NAME, row.case, results);
        let erlang = takes_part.then(|| row.figures(results, otp::NAME)).flatten();
        let erlang = erlang.map_or_else(none, |figures| {
            named.push(otp::NAME);
            format!("{figures}{}", row.star(results, otp::NAME, &mut stars))
        });
        let cells = [&figures, &floor, &ratio, &best, &erlang].map(String::as_str).join(" | ");
        let _ = writeln!(text, "| {what}, {unit} | {cells} |");
    }
    let _ = write!(
        text,
        "\nMedians, on the multi-thread runtime with two workers: {}. The ratio is the median of the \
         ratios to the floor of the same round, which need not be the ratio of the medians. The best of \
         the others is among those who do that very thing.",
        place(facts, &named)
    );
    for star in stars {
        let _ = write!(text, "\n\n{} {star}.", STAR.trim());
    }
    let _ = write!(text, "\n\n{END}");
    Some(text)
}

fn none() -> String {
    "–".to_owned()
}

/// The machine, and the versions of the named packages.
fn place(facts: &[(&'static str, String)], named: &[&str]) -> String {
    let mut places = Vec::new();
    for (what, which) in facts {
        match *what {
            "processor" | "kernel" => places.push(which.clone()),
            // The version is shown without the commit.
            "rustc" => places.push(which.split(" (").next().unwrap_or(which).to_owned()),
            package if package == "tokio" || named.contains(&package) => {
                places.push(format!("{package} {which}"));
            }
            _ => {}
        }
    }
    places.join(", ")
}

impl Row {
    fn scenario(&self) -> &'static Scenario {
        scenarios::find(self.case.scenario).expect("the lines are of scenarios")
    }

    fn unit(&self) -> &'static str {
        self.scenario().metrics[self.metrics[0]].unit
    }

    /// The figures of one contestant, if it was measured and has never failed in the case.
    fn figures(&self, results: &Results, name: &'static str) -> Option<String> {
        let figures = self.metrics.iter().map(|&metric| {
            let median = results.summary(self.case, name, metric)?.median;
            let more_is_better = self.scenario().metrics[metric].more_is_better;
            Some(if more_is_better { scaled(median) } else { number(median) })
        });
        Some(figures.collect::<Option<Vec<_>>>()?.join(" / "))
    }

    fn ratios(&self, results: &Results) -> Option<String> {
        let ratios = self.metrics.iter().map(|&metric| {
            let ratio = results.summary(self.case, self.ours, metric)?.ratio?;
            let bound = targets::to_the_floor(self.case, self.ours, metric);
            Some(
                bound
                    .map_or_else(|| format!("{ratio:.2}×"), |it| format!("{}×", it.exactly(ratio))),
            )
        });
        Some(ratios.collect::<Option<Vec<_>>>()?.join(" / "))
    }

    /// The best of the other supervisors in Rust, judged by the first metric.
    fn best(&self, results: &Results) -> Option<(&'static str, String)> {
        let first = self.metrics[0];
        let more_is_better = self.scenario().metrics[first].more_is_better;
        let others = Entrant::all().into_iter().skip(OURS).map(|entrant| entrant.name());
        let others = others.filter(|name| *name != otp::NAME);
        let others = others.filter(|name| self.among.has(name, self.case, results));
        let medians = others.filter_map(|name| {
            let median = results.summary(self.case, name, first)?.median;
            Some((name, if more_is_better { -median } else { median }))
        });
        let (name, _) = medians.min_by(|one, other| one.1.total_cmp(&other.1))?;
        Some((name, self.figures(results, name)?))
    }

    /// A star, if the contestant has a remark, which is then added to `stars` for the text below
    /// the table.
    fn star(&self, results: &Results, name: &'static str, stars: &mut Vec<String>) -> &'static str {
        let found = results.get(self.case, name).iter().filter_map(|outcome| match outcome {
            Outcome::Found(found) => Some(&found.remarks),
            Outcome::Refused(_) | Outcome::Failed(_) => None,
        });
        let Some(remark) = found.flatten().find(|remark| *remark != REVERSE_ORDER) else {
            return "";
        };
        let star = format!("{name}: {remark}");
        if !stars.contains(&star) {
            stars.push(star);
        }
        STAR
    }
}

/// The text of the README with its table replaced by that of a report.
pub fn copy(report: &str, readme: &str) -> Result<String, &'static str> {
    let (_, table, _) = split(report).ok_or("the report has no short table")?;
    let (before, _, after) = split(readme).ok_or("the README has no place for the short table")?;
    Ok(format!("{before}{BEGIN}{table}{END}{after}"))
}

/// The text before the first mark, between the two marks, and after the second mark.
fn split(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (table, after) = rest.split_once(END)?;
    Some((before, table, after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Effort, Findings};
    use crate::report;

    const FULL: Effort = Effort { short: false };

    fn facts() -> Vec<(&'static str, String)> {
        let facts = [
            ("date", "2000-01-01"),
            ("processor", "Abacus, 2 cores"),
            ("kernel", "Linux 1.0"),
            ("rustc", "rustc 1.95.0 (abcdef 2000-01-01)"),
            ("tokio", "1.2.3"),
            ("kameo", "4.5.6"),
            ("taskvisor", "7.8.9"),
            (otp::NAME, "25"),
        ];
        facts.map(|(what, which)| (what, which.to_owned())).to_vec()
    }

    /// Results in which all find the same value in every case, except for the given contestants.
    fn results(others: &[(&'static str, f64)]) -> Results {
        let mut results = Results::default();
        for Row { case, .. } in ROWS {
            for entrant in Entrant::all() {
                let name = entrant.name();
                let other = others.iter().find(|(known, _)| *known == name);
                let value = other.map_or(100.0, |(_, value)| *value);
                results.add(*case, name, Outcome::Found(Findings::of([value; 6])));
            }
        }
        results
    }

    #[test]
    fn every_line_is_measured_for_the_one_of_ours_that_it_names() {
        for Row { what, ours, case, metrics, .. } in ROWS {
            let scenario = scenarios::find(case.scenario).expect("there is one");
            assert!(scenario.cases(FULL).contains(case), "{what}");
            assert!(metrics.iter().all(|&metric| metric < scenario.metrics.len()), "{what}");
            let unit = scenario.metrics[metrics[0]].unit;
            assert!(metrics.iter().all(|&metric| scenario.metrics[metric].unit == unit), "{what}");
            let contestant = contestants::ALL.into_iter().find(|known| known.name() == *ours);
            assert_eq!(contestant.expect("it takes part").refuses(case), None, "{what}");
        }
    }

    #[test]
    fn the_best_of_the_others_is_named_with_its_version_and_nobody_else() {
        let found = results(&[("floor", 50.0), ("kameo", 10.0), ("taskvisor", 4_000.0)]);
        let table = table(&found, &facts()).expect("everything was measured");
        let lines: Vec<_> = table.lines().filter(|line| line.starts_with("| ")).collect();
        assert_eq!(lines.len(), ROWS.len() + 1);
        let restarts = "| restarts, 1 sibling, /s | 100 declared | 50.0 | **2.00×** | 4.00 k taskvisor | 100 |";
        assert_eq!(lines[1], restarts);
        let start = "| start of 100k, ms | 100 by hand | 50.0 | **2.00×** | 10.0 kameo | 100 |";
        assert!(lines.contains(&start), "{table}");
        let place = "two workers: Abacus, 2 cores, Linux 1.0, rustc 1.95.0, tokio 1.2.3, kameo 4.5.6, \
                     taskvisor 7.8.9, Erlang/OTP 25. The ratio is";
        assert!(table.contains(place), "{table}");
    }

    #[test]
    fn who_is_told_of_with_a_remark_has_a_star() {
        let mut found = results(&[("kameo", 10.0)]);
        assert!(!table(&found, &facts()).expect("it was measured").contains("\\*"));
        let case =
            ROWS.iter().find(|row| row.case.scenario == "one_for_all").expect("there is one").case;
        let good = Findings::of([10.0]).remark(REVERSE_ORDER);
        found.add(case, "kameo", Outcome::Found(good));
        assert!(!table(&found, &facts()).expect("it was measured").contains("\\*"));
        let bad = Findings::of([10.0]).remark("it said so before its children had ended");
        found.add(case, "kameo", Outcome::Found(bad));
        let table = table(&found, &facts()).expect("it was measured");
        assert!(
            table.contains(" kameo \\* |")
                && table.contains("\n\\* kameo: it said so before its children had ended.\n"),
            "{table}"
        );
    }

    #[test]
    fn the_best_of_the_others_does_that_very_thing() {
        let mut found = results(&[("sage-runtime", 1.0), ("task-supervisor", 10.0)]);
        let line = |found: &Results, what: &str| {
            let table = table(found, &facts()).expect("it was measured");
            let line = table.lines().find(|line| line.contains(what)).expect("there is one");
            line.split(" | ").skip(4).collect::<Vec<_>>().join(" | ")
        };
        assert_eq!(line(&found, "at once, asked"), "10.0 task-supervisor | – |");
        assert_eq!(line(&found, "in reverse order, asked"), "– | 100 |");
        assert_eq!(line(&found, "asked, from a shared"), "100 taskvisor | – |");
        let case = ROWS.iter().find(|row| row.what.contains("at once")).expect("there is one").case;
        let mut ordered = Results::default();
        ordered.add(case, "by hand", Outcome::Found(Findings::of([5.0])));
        ordered.add(case, "dynamic", Outcome::Found(Findings::of([5.0])));
        ordered.add(case, "kameo", Outcome::Found(Findings::of([9.0]).remark(REVERSE_ORDER)));
        assert_eq!(line(&ordered, "at once, asked"), "– | – |");
        assert_eq!(line(&ordered, "in reverse order, asked"), "9.00 kameo | – |");
        // Once is not every time.
        ordered.add(case, "kameo", Outcome::Found(Findings::of([9.0])));
        assert_eq!(line(&ordered, "in reverse order, asked"), "– | – |");
        found = results(&[("kameo", 1.0)]);
        assert_eq!(line(&found, "to be asked, named"), "100 task-supervisor | 100 |");
    }

    #[test]
    fn what_failed_is_told_and_what_was_not_measured_is_left_out() {
        assert_eq!(table(&Results::default(), &facts()), None);
        let mut found = Results::default();
        found.add(ROWS[0].case, ROWS[0].ours, Outcome::Failed("it hangs".to_owned()));
        let table = table(&found, &facts()).expect("one was tried");
        assert!(table.contains("| restarts, 1 sibling, /s | failed | – | – | – | – |"), "{table}");
        assert_eq!(table.lines().filter(|line| line.starts_with("| ")).count(), 2);
    }

    #[test]
    fn the_readme_gets_the_table_of_the_report_and_keeps_all_else() {
        let report = report::markdown(&results(&[]), FULL, &facts());
        let readme = format!("before\n{BEGIN}old\n{END}after\n");
        let written = copy(&report, &readme).expect("both have their marks");
        let (before, table, after) = split(&written).expect("it has its marks");
        assert_eq!((before, after), ("before\n", "after\n"));
        assert_eq!(Some(table), split(&report).map(|(_, table, _)| table));
        assert!(
            table.contains("| 1M children, peak without a snapshot of the tree, MB | "),
            "{table}"
        );
        assert_eq!(copy(&report, &written), Ok(written));
        assert!(copy(&report, "before\n").is_err() && copy("", &readme).is_err());
    }
}
