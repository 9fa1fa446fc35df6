//! A declared tree for people.
//!
//! `supervisor!` draws the same text below the documentation of a named tree, and a test compares
//! the two, so the form is fixed:
//!
//! ```text
//! app          one_for_one, 5 restarts in 1m, unbounded stop
//! ├─ listener  permanent      5s to stop   6 starts  Accepts connections.
//! ├─ storage   transient     30s to stop   6 starts
//! │  ├─ pool   permanent     20s to stop  24 starts  Connections to the database.
//! │  └─ cache  temporary     10s to stop    1 start
//! ├─ feed      permanent  unbounded stop   6 starts
//! └─ mailer    unknown      unknown stop   6 starts
//! ```
//!
//! - A line is its cells, two spaces between them, and no spaces at its end; lines are joined by
//!   `\n`, with none after the last one. A cell is padded to the widest of its column, so that an
//!   empty one is spaces; a column without any text is left out, spaces between and all.
//! - The columns of a child: branch and name of its entry; `permanent`, `transient`, `temporary` or
//!   `unknown`; the time to stop, to the right; `max_starts`, to the right, empty if it is `u64::MAX`;
//!   the first line of the description, without spaces around it, up to 72 characters: of a longer one
//!   as many whole words of the first 70, without the space behind them, and ` ..`.
//! - The time of a supervisor is its part of the worst case: `{time} to stop`, in the largest unit of
//!   h, m, s and ms that needs no fraction, `0s` for none; `unbounded stop` if a worker below has
//!   `infinity`; else `unknown stop` if one is known only at run time, or not written at a value.
//! - The line of the root is its name, padded like the others, and `{strategy}, {limit}, {time}`, which
//!   counts for no column. A strategy known only at run time is `unknown strategy`. The limit is
//!   `5 restarts in 1m`, `1 restart in 5s`, `no restart limit`, or, if either number is known only at
//!   run time, `unknown restart limit`.
//! - A branch is `├─ `, of the last child `└─ `; before it, for each supervisor above but the root,
//!   `│  `, or three spaces if that is a last child.

use std::fmt;

use super::place::Place;
use super::shutdown::Bound;
use super::text::Text;
use super::{StaticChild, StaticLimit, StaticTree};
use crate::restart::RestartPolicy;
use crate::tree::draw;

/// One line for each child; the first line is the supervisor itself. [`StaticTree`] has an example.
impl fmt::Display for StaticTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = Vec::new();
        add_children(self, None, "", &mut lines);
        let names = lines.iter().map(|line| width(&line.name)).chain([width(self.name)]).max();
        let names = names.unwrap_or(0);
        let [policies, times, starts] = [0, 1, 2].map(|column| {
            lines.iter().map(|line: &Line| width(&line.cells[column])).max().unwrap_or(0)
        });
        write!(f, "{:names$}  {}", self.name, settings(self))?;
        for Line { name, cells: [policy, time, most], description } in &lines {
            let mut line = format!("{name:names$}  {policy:policies$}  {time:>times$}");
            if starts > 0 {
                line += &format!("  {most:>starts$}");
            }
            line += "  ";
            line += description;
            write!(f, "\n{}", line.trim_end())?;
        }
        Ok(())
    }
}

struct Line {
    name: String,
    /// The policy, the time to stop, the number of starts.
    cells: [String; 3],
    description: String,
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// `indent` is what stands before their branches.
fn add_children(tree: &StaticTree, above: Option<&Place<'_>>, indent: &str, lines: &mut Vec<Line>) {
    for (number, child) in tree.children.iter().enumerate() {
        let (branch, below) = match number + 1 == tree.children.len() {
            true => ("└─ ", "   "),
            false => ("├─ ", "│  "),
        };
        let place = Place::new(tree, number, above);
        lines.push(Line {
            name: format!("{indent}{branch}{}", child.name),
            cells: [policy(child).to_owned(), time(child.shutdown_bound()), starts(&place)],
            description: shortened(child.description.trim().lines().next().unwrap_or_default()),
        });
        if let Some(nested) = &child.tree {
            add_children(nested, Some(&place), &format!("{indent}{below}"), lines);
        }
    }
}

fn settings(tree: &StaticTree) -> String {
    let strategy = tree.strategy.map_or("unknown strategy", draw::strategy);
    let limit = match (tree.limit, tree.within) {
        (StaticLimit::Unlimited, _) => "no restart limit".to_owned(),
        (StaticLimit::AtMost(most), Some(within)) => {
            let within = written(u64::try_from(within.as_millis()).unwrap_or(u64::MAX));
            format!("{most} restart{} in {within}", plural(u64::from(most)))
        }
        (StaticLimit::AtMost(_), None) | (StaticLimit::Unknown, _) => {
            "unknown restart limit".to_owned()
        }
    };
    format!("{strategy}, {limit}, {}", time(tree.shutdown_bound()))
}

fn policy(child: &StaticChild) -> &'static str {
    match child.restart {
        Some(RestartPolicy::Permanent) => "permanent",
        Some(RestartPolicy::Transient) => "transient",
        Some(RestartPolicy::Temporary) => "temporary",
        None => "unknown",
    }
}

fn time(bound: Bound) -> String {
    match bound {
        Bound::Known(time) => format!("{} to stop", written(time)),
        Bound::Unseen => "unknown stop".to_owned(),
        Bound::Unbounded => "unbounded stop".to_owned(),
    }
}

fn starts(place: &Place<'_>) -> String {
    match place.starts() {
        u64::MAX => String::new(),
        starts => format!("{starts} start{}", plural(starts)),
    }
}

/// As much of a description as fits into a line.
fn shortened(description: &str) -> String {
    const WIDTH: usize = 72;
    let description = description.trim_end();
    if width(description) <= WIDTH {
        return description.to_owned();
    }
    let text = description.chars().take(WIDTH - 2).collect::<String>();
    match text.rsplit_once(' ') {
        Some((words, _)) => format!("{} ..", words.trim_end()),
        None => format!("{text}.."),
    }
}

fn plural(number: u64) -> &'static str {
    if number == 1 { "" } else { "s" }
}

fn written(milliseconds: u64) -> String {
    let mut text = Text::new();
    text.push_time(milliseconds);
    text.as_str().to_owned()
}
