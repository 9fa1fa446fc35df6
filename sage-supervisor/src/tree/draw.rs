//! The text of a snapshot, in the manner of `systemctl status`.

use std::fmt;
use std::time::Duration;

use super::{EveryStatus, LimitStatus, NodeKind, TreeNode, TreeSnapshot};
use crate::command::ChildState;
use crate::policy::outline::{self, Indent, Row, Side};
use crate::visible::one_line;

/// Writes one line for each node: a mark, the name, the state, the uptime, and further facts.
///
/// The mark is `●` if the node is up, `○` if it is down, and `×` if it is unresponsive or has failed for
/// good.
impl fmt::Display for TreeSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows = vec![row(&self.root, str::to_owned)];
        add_children(&self.root, &Indent::default(), &mut rows);
        f.write_str(&outline::lines(&rows, [Side::Left, Side::Left]).join("\n"))
    }
}

/// Adds a row for each node below `node`.
fn add_children(node: &TreeNode, indent: &Indent, rows: &mut Vec<Row<2>>) {
    for (number, child) in node.children.iter().enumerate() {
        let is_last = number + 1 == node.children.len();
        rows.push(row(child, |name| indent.branch(name, is_last)));
        add_children(child, &indent.below(is_last), rows);
    }
}

/// Makes the row of a node. `branched` puts the branch in front of the name.
fn row(node: &TreeNode, branched: impl FnOnce(&str) -> String) -> Row<2> {
    let uptime = node.uptime.map(human).unwrap_or_default();
    Row {
        name: branched(&format!("{} {}", mark(node), node.name)),
        cells: Some([node.state.to_string(), uptime]),
        text: rest(node),
    }
}

fn mark(node: &TreeNode) -> char {
    let failed = || node.last_exit().is_some_and(|past| past.exit.is_failure());
    match node.state {
        ChildState::Unresponsive | ChildState::GivenUp => '×',
        // A temporary child stays down after a failure.
        ChildState::Finished if failed() => '×',
        ChildState::Starting | ChildState::Running | ChildState::Stopping => '●',
        ChildState::NotStarted
        | ChildState::Restarting
        | ChildState::Stopped
        | ChildState::Finished => '○',
    }
}

/// The word for a thread or a process. A task and a supervisor have none.
pub(super) fn host(node: &TreeNode) -> Option<String> {
    match (node.kind, node.pid) {
        (NodeKind::Blocking, _) => Some("thread".to_owned()),
        (NodeKind::Process, Some(pid)) => Some(format!("process {pid}")),
        (NodeKind::Process, None) => Some("process".to_owned()),
        (NodeKind::Worker | NodeKind::Supervisor | NodeKind::DynamicSupervisor, _) => None,
    }
}

fn rest(node: &TreeNode) -> String {
    let mut parts = Vec::new();
    parts.extend(host(node));
    // A tree that is not running yet is looked at for what is declared.
    let is_declared = node.state == ChildState::NotStarted;
    parts.extend(node.restart.filter(|_| is_declared).map(|policy| policy.word().to_owned()));
    if let Some(by) = node.strategy {
        parts.push(by.word().to_owned());
    }
    if let Some(time) = node.restart_in {
        parts.push(format!("in {}", human(time)));
    }
    parts.extend(node.every.and_then(|every| periodic(every, node.state)));
    match node.limit {
        Some(limit) if is_declared => parts.push(declared(limit)),
        Some(limit) => parts.push(budget(limit)),
        // A worker never has a limit for children, so its row does not mention one.
        None if node.strategy.is_some() => parts.push("no restart limit".to_owned()),
        None => {}
    }
    if let Some(limit) = node.own_limit {
        let limit = if is_declared { declared(limit) } else { budget(limit) };
        parts.push(format!("of its own {limit}"));
    }
    match node.restarts {
        0 => {}
        1 => parts.push("restarted once".to_owned()),
        times => parts.push(format!("restarted {times} times")),
    }
    if let Some(past) = node.last_exit() {
        let (ago, lifetime) = (human(past.ago), human(past.lifetime));
        let exit = one_line(&past.exit.to_string());
        parts.push(format!("last exit {ago} ago after {lifetime}: {exit}"));
    }
    parts.join(", ")
}

/// Writes when the next run of periodic work is. Nothing is known of it while the child is down.
fn periodic(every: EveryStatus, state: ChildState) -> Option<String> {
    let EveryStatus { period, next_run_in, runs, skipped } = every;
    let skipped = match skipped {
        0 => String::new(),
        1 => ", one tick skipped".to_owned(),
        ticks => format!(", {ticks} ticks skipped"),
    };
    match (state, next_run_in) {
        (ChildState::NotStarted, _) => Some(format!("every {}", human(period))),
        (_, Some(time)) => Some(format!("next run in {}{skipped}", human(time))),
        (_, None) if runs > 0 => Some(format!("run {runs} is under way{skipped}")),
        (_, None) => None,
    }
}

fn budget(limit: LimitStatus) -> String {
    let LimitStatus { max_restarts, within, used, uncounted, .. } = limit;
    let counted = format!("{used} of {max_restarts} restarts in {}", human(within));
    match uncounted {
        0 => counted,
        _ => format!("{counted} and {uncounted} delayed ones, which do not count"),
    }
}

/// Writes a limit of which nothing is used yet.
fn declared(LimitStatus { max_restarts, within, .. }: LimitStatus) -> String {
    let plural = if max_restarts == 1 { "" } else { "s" };
    format!("{max_restarts} restart{plural} in {}", human(within))
}

/// Writes a duration in at most two units, as `systemd` does.
pub(crate) fn human(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (large, small, names) = match seconds {
        0 => return format!("{}ms", duration.as_millis()),
        1..60 => return format!("{seconds}s"),
        60..3_600 => (seconds / 60, seconds % 60, ["min", "s"]),
        3_600..86_400 => (seconds / 3_600, seconds % 3_600 / 60, ["h", "min"]),
        _ => (seconds / 86_400, seconds % 86_400 / 3_600, ["d", "h"]),
    };
    match small {
        0 => format!("{large}{}", names[0]),
        small => format!("{large}{} {small}{}", names[0], names[1]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_at_most_two_units() {
        let cases = [
            (0, "0ms"),
            (999, "999ms"),
            (1_999, "1s"),
            (60_000, "1min"),
            (61_000, "1min 1s"),
            (3_600_000, "1h"),
            (3_659_000, "1h"),
            (5_400_000, "1h 30min"),
            (86_400_000, "1d"),
            (90_000_000 + 3_599_000, "1d 1h"),
        ];
        for (millis, text) in cases {
            assert_eq!(human(Duration::from_millis(millis)), text);
        }
    }
}
