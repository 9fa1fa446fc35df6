//! The text of a report.

use std::fmt;
use std::time::Duration;

use super::listed::untold;
use super::stop_failures::TIMED_OUT;
use super::told::Told;
use super::{EndCause, NodeReport, Report, Requester, TemporaryChildFailures};
use crate::error::SageError;
use crate::policy::outline::{self, Indent, Row, Side};
use crate::tree::human;
use crate::visible::one_line;

/// Writes the outcome and its cause, one line for each other fact, and at last how long each supervisor
/// and worker took to stop.
///
/// The mark is `○` if the result is `Ok`, and `×` if it is an error. Only a supervisor whose end was
/// [clean](Self::is_clean) has "ended well".
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows = Vec::new();
        let mut say = |label: &str, text: String| {
            rows.push(Row { name: label.to_owned(), cells: None, text });
        };
        let mark = if self.result.is_ok() { '○' } else { '×' };
        // A tree may not have been started because its name is invalid, so the name may have
        // control characters.
        let name = one_line(&self.root.name);
        say(&format!("{mark} {name}"), format!("{} after {}", self.how(), time(self.ran)));
        say("  because", self.because());
        if let Some(by) = &self.aborted_by {
            say("  aborted", by.to_string());
        }
        say("  restarts", number(self.restarts));
        failures(&self.failures, &mut say);
        // This includes the children whose shutdown timed out, except for the unresponsive ones.
        let failures =
            self.stop_failures.first.iter().map(|failure| one_line(&failure.to_string()));
        list("  while stopping", self.stop_failures.count, failures, &mut say);
        let unresponsive = self.unresponsive.paths.iter().cloned();
        list("  unresponsive", self.unresponsive.count, unresponsive, &mut say);
        // These two causes do not explain an error. For every other cause the text of the error
        // stands after `because`. An unclean stop has been described above.
        match (&self.cause, &self.result) {
            (_, Ok(()) | Err(SageError::UncleanStop(_))) => {}
            (EndCause::Requested { .. } | EndCause::AllEnded, Err(error)) => {
                say("  error", one_line(&format!("{error:#}")));
            }
            _ => {}
        }
        if let Some(took) = self.root.took {
            let summary = self
                .root
                .dynamic_children
                .as_ref()
                .map_or_else(String::new, |_| stop_summary(&self.root));
            // The summary is empty for a supervisor with declared children, which have rows of
            // their own.
            say("  stop", [time(took), summary].join("  ").trim_end().to_owned());
            add_below(&self.root, &Told::by(self), &Indent::new("  "), &mut rows);
        }
        f.write_str(&outline::lines(&rows, [Side::Left]).join("\n"))
    }
}

impl Report {
    /// Describes the end as a whole.
    fn how(&self) -> &'static str {
        let is_aborted_by_signal = matches!(self.aborted_by, Some(Requester::Signal { .. }));
        match &self.result {
            Ok(()) if self.is_clean() => "ended well",
            Err(error) if !matches!(error, SageError::UncleanStop(_)) => "failed",
            _ if self.stop_failures.count > 0 || is_aborted_by_signal => "ended badly",
            // The owner, a handle or the parent has killed the supervisor, as it may.
            _ => "ended",
        }
    }

    /// The text after `because`: the error if it comes from the cause, because it says more than that.
    fn because(&self) -> String {
        let text = match (&self.cause, &self.result) {
            (EndCause::Requested { .. } | EndCause::AllEnded, _)
            | (_, Ok(()) | Err(SageError::UncleanStop(_))) => self.cause.to_string(),
            (_, Err(error)) => format!("{error:#}"),
        };
        one_line(&text)
    }
}

/// Writes a duration. A short one has tenths of seconds, so that the times of children add up visibly to
/// that of their supervisor.
fn time(duration: Duration) -> String {
    // Tenths are shown from 1 s to 10 s. The rest is cut off and not rounded, as in `human`.
    match duration.as_millis() / 100 {
        tenths @ 10..100 if tenths % 10 > 0 => format!("{}.{}s", tenths / 10, tenths % 10),
        tenths @ 10..100 => format!("{}s", tenths / 10),
        _ => human(duration),
    }
}

fn number(count: u64) -> String {
    if count == 0 { "none".to_owned() } else { count.to_string() }
}

/// Adds a line for each failure. The latest comes first, as in a snapshot.
fn failures(failures: &TemporaryChildFailures, say: &mut impl FnMut(&str, String)) {
    let mut label = "  failures";
    let latest = failures.last.iter().rev();
    for failure in latest {
        let (before, exit) = (time(failure.before_end), one_line(&failure.exit.to_string()));
        say(label, format!("{}, {before} before the end: {exit}", failure.path));
        label = "";
    }
    // The report counts all failures, but keeps the last few of them only.
    let before = untold(failures.count, failures.last.len());
    if before > 0 {
        say(label, format!("and {before} before"));
    }
}

fn list(
    label: &str,
    count: u64,
    entries: impl ExactSizeIterator<Item = String>,
    say: &mut impl FnMut(&str, String),
) {
    // The report counts all children, but keeps the first few entries only.
    let more = untold(count, entries.len());
    let mut label = label;
    for entry in entries {
        say(label, entry);
        label = "";
    }
    if more > 0 {
        say(label, format!("and {more} more"));
    }
}

/// Adds a row for each supervisor and worker below `node`, with the time that it took to stop.
fn add_below(node: &NodeReport, told: &Told<'_>, indent: &Indent, rows: &mut Vec<Row<1>>) {
    for (number, child) in node.children.iter().enumerate() {
        let is_last = number + 1 == node.children.len() && node.more_children == 0;
        rows.push(Row {
            name: indent.branch(&child.name, is_last),
            cells: Some([child.took.map_or_else(|| "-".to_owned(), time)]),
            text: how(child, told),
        });
        add_below(child, told, &indent.below(is_last), rows);
    }
    if node.more_children > 0 {
        let name = indent.branch(&format!("and {} more", node.more_children), true);
        rows.push(Row { name, cells: None, text: String::new() });
    }
}

/// Describes how a supervisor or worker ended. A supervisor that ended in order gets no text: the lines
/// below it say more.
fn how(node: &NodeReport, told: &Told<'_>) -> String {
    // A dynamic supervisor has no rows below it, so its own row describes its children.
    if node.dynamic_children.is_some() && node.took.is_some() {
        return stop_summary(node);
    }
    let is_parent = !node.children.is_empty();
    // The order of the arms matters: an unresponsive task has no exit of its own, and a child without a
    // time was down before the stop began.
    match &node.exit {
        _ if node.is_unresponsive => "killed, but not ended".to_owned(),
        None => "not started".to_owned(),
        Some(exit) if node.shutdown_timed_out => format!("{}{TIMED_OUT}", told.text(exit)),
        Some(exit) if is_parent && node.took.is_some() && !exit.is_failure() => String::new(),
        Some(exit) if node.took.is_some() => told.text(exit),
        Some(exit) if node.is_given_up => format!("given up: {}", told.text(exit)),
        Some(exit) => format!("was down: {}", told.text(exit)),
    }
}

/// Describes how the children of a dynamic supervisor ended.
fn stop_summary(node: &NodeReport) -> String {
    let Some(summary) = &node.dynamic_children else { return String::new() };
    let children = if summary.stopped == 1 { "child" } else { "children" };
    let Some(slowest) = &summary.slowest else { return "no children".to_owned() };
    let name = slowest.rsplit('/').next().unwrap_or_default();
    let some = |count: u64, what: &str| match count {
        0 => String::new(),
        count => format!(", {count} {what}"),
    };
    let timeouts = some(summary.shutdown_timeouts, "timed out");
    let failures = some(summary.failures, "failed");
    format!("{} {children} at once, {name} the longest{timeouts}{failures}", summary.stopped)
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
