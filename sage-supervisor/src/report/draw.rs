//! A report for people.

use std::fmt;
use std::time::Duration;

use super::{EndCause, NodeReport, Report, TemporaryChildFailures};
use crate::tree::{human, one_line};

/// What came of it and why, one line for each thing that is to be said, and at last how long each
/// part took to stop.
///
/// The mark is `○` if it ended well, and `×` if not.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = Vec::new();
        let mut say = |label: &str, text: String| {
            lines.push(Line { label: label.to_owned(), text, ..Line::default() });
        };
        let (mark, how) =
            if self.result.is_ok() { ('○', "ended well") } else { ('×', "failed") };
        let name = one_line(&self.root.name);
        say(&format!("{mark} {name}"), format!("{how} after {}", time(self.ran)));
        say("  because", self.because());
        if let Some(by) = &self.aborted_by {
            say("  aborted", by.to_string());
        }
        say("  restarts", number(self.restarts));
        failures(&self.failures, &mut say);
        list("  overdue", self.shutdown_timeouts.count, &self.shutdown_timeouts.paths, &mut say);
        let unresponsive = u64::try_from(self.unresponsive.len()).unwrap_or(u64::MAX);
        list("  alive", unresponsive, &self.unresponsive, &mut say);
        if let (EndCause::Requested { .. } | EndCause::AllEnded, Err(error)) =
            (&self.cause, &self.result)
        {
            say("  error", one_line(&error.to_string()));
        }
        if let Some(took) = self.root.took {
            let many =
                self.root.dynamic_children.as_ref().map_or_else(String::new, |_| many(&self.root));
            say("  stop", [time(took), many].join("  ").trim_end().to_owned());
            add_below(&self.root, &mut "  ".to_owned(), &mut lines);
        }
        write(&lines, f)
    }
}

impl Report {
    /// An error says more than the cause that it comes from.
    fn because(&self) -> String {
        let text = match (&self.cause, &self.result) {
            (EndCause::Requested { .. } | EndCause::AllEnded, _) | (_, Ok(())) => {
                self.cause.to_string()
            }
            (_, Err(error)) => error.to_string(),
        };
        one_line(&text)
    }
}

#[derive(Default)]
struct Line {
    label: String,
    /// How long it took, if it is about a part.
    took: Option<String>,
    text: String,
}

fn write(lines: &[Line], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let width = |text: &str| text.chars().count();
    let label = lines.iter().map(|line| width(&line.label)).max().unwrap_or(0);
    let took = lines.iter().filter_map(|line| line.took.as_deref()).map(width).max().unwrap_or(0);
    for (number, Line { label: name, took: time, text }) in lines.iter().enumerate() {
        f.write_str(if number > 0 { "\n" } else { "" })?;
        let line = match time {
            Some(time) => format!("{name:label$}  {time:took$}  {text}"),
            None => format!("{name:label$}  {text}"),
        };
        f.write_str(line.trim_end())?;
    }
    Ok(())
}

/// A short time has tenths of seconds, so that those of parts and whole go together.
fn time(duration: Duration) -> String {
    match duration.as_millis() / 100 {
        tenths @ 10..100 if tenths % 10 > 0 => format!("{}.{}s", tenths / 10, tenths % 10),
        tenths @ 10..100 => format!("{}s", tenths / 10),
        _ => human(duration),
    }
}

fn number(count: u64) -> String {
    if count == 0 { "none".to_owned() } else { count.to_string() }
}

/// The latest first, as in a snapshot.
fn failures(failures: &TemporaryChildFailures, say: &mut impl FnMut(&str, String)) {
    let mut label = "  failures";
    let latest = failures.last.iter().rev();
    for failure in latest {
        let (before, exit) = (time(failure.before_end), one_line(&failure.exit.to_string()));
        say(label, format!("{}, {before} before the end: {exit}", failure.path));
        label = "";
    }
    let told = u64::try_from(failures.last.len()).unwrap_or(u64::MAX);
    if failures.count > told {
        say(label, format!("and {} before", failures.count - told));
    }
}

fn list(label: &str, count: u64, paths: &[String], say: &mut impl FnMut(&str, String)) {
    let mut label = label;
    for path in paths {
        say(label, path.clone());
        label = "";
    }
    let told = u64::try_from(paths.len()).unwrap_or(u64::MAX);
    if count > told {
        say(label, format!("and {} more", count - told));
    }
}

/// Adds the lines of what is below `part`. `indent` is what stands before them.
fn add_below(part: &NodeReport, indent: &mut String, lines: &mut Vec<Line>) {
    let length = indent.len();
    for (number, child) in part.children.iter().enumerate() {
        let is_last = number + 1 == part.children.len();
        let branch = if is_last { "└─ " } else { "├─ " };
        lines.push(Line {
            label: format!("{indent}{branch}{}", child.name),
            took: Some(child.took.map_or_else(|| "-".to_owned(), time)),
            text: how(child),
        });
        indent.push_str(if is_last { "   " } else { "│  " });
        add_below(child, indent, lines);
        indent.truncate(length);
    }
}

/// How it ended. Of a supervisor that ended in order, what is below it tells that.
fn how(part: &NodeReport) -> String {
    if part.dynamic_children.is_some() && part.took.is_some() {
        return many(part);
    }
    let is_parent = !part.children.is_empty();
    match &part.exit {
        _ if part.is_unresponsive => "aborted, but not ended".to_owned(),
        None => "not started".to_owned(),
        Some(exit) if part.shutdown_timed_out => {
            format!("{}, its time was over", one_line(&exit.to_string()))
        }
        Some(exit) if is_parent && part.took.is_some() && !exit.is_failure() => String::new(),
        Some(exit) if part.took.is_some() => one_line(&exit.to_string()),
        Some(exit) if part.is_given_up => format!("given up: {}", one_line(&exit.to_string())),
        Some(exit) => format!("was down: {}", one_line(&exit.to_string())),
    }
}

/// How the children of a dynamic supervisor ended.
fn many(part: &NodeReport) -> String {
    let Some(many) = &part.dynamic_children else { return String::new() };
    let children = if many.stopped == 1 { "child" } else { "children" };
    let Some(slowest) = &many.slowest else { return "no children".to_owned() };
    let name = slowest.rsplit('/').next().unwrap_or_default();
    let overdue = match many.shutdown_timeouts {
        0 => String::new(),
        overdue => format!(", {overdue} overdue"),
    };
    format!("{} {children} at once, {name} the longest{overdue}", many.stopped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_time_has_tenths() {
        let cases = [
            (0, "0ms"),
            (999, "999ms"),
            (1_099, "1s"),
            (1_401, "1.4s"),
            (9_999, "9.9s"),
            (10_999, "10s"),
            (61_000, "1min 1s"),
        ];
        for (millis, text) in cases {
            assert_eq!(time(Duration::from_millis(millis)), text);
        }
    }
}
