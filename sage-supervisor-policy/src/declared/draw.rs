//! The drawing of a declared tree.
//!
//! `supervisor!` adds it to the documentation of a named tree as well:
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
//! - The columns of a child: branch and name of its entry, for a pool with the numbers of its children,
//!   as in `worker-0..3`, or with `-*`, and with a `?` if there may be no such child; the word of its restart policy, or `unknown`;
//!   the time to stop; `max_starts`, empty if it is `u64::MAX`; and the first line of the description,
//!   up to 72 characters: of a longer one as many whole words of the first 70, and ` ..`. If a backoff
//!   delays restarts, `gives up after {time}`, in whole seconds from 1 s on, or `never gives up` stands
//!   behind the number or in its place; in front of that, below a nested supervisor that fails at another
//!   time, `` `storage` fails after {time} ``.
//! - The time of a supervisor is its part of the worst case: `{time} to stop`, in the largest unit of
//!   h, m, s and ms that needs no fraction, `0s` for none; `unbounded stop` if a worker below has
//!   `infinity`; else `unknown stop` if a time is known only at run time, or not written at a value.
//!   Time and number of a named tree, which the macros do not know, are left out, or bounded by the
//!   time that the tree is given.
//! - The line of the root is its name and `{strategy}, {limit}, {time}`, which counts for no column. A
//!   strategy known only at run time is `unknown strategy`. The limit is `5 restarts in 1m`, `1 restart
//!   in 5s`, `no restart limit`, or, if either number is known only at run time, `unknown restart limit`.
//!   In front of the time to stop stands `{time} to start`, if that is known and not zero.
//!   `starts together`, `stops together` or `starts and stops together` stands behind the limit; at a
//!   nested supervisor, in front of the description.
//! - The last line below a supervisor to which children are added at run time is `..  made at run time`.
//!   A limit that nobody has set, of a supervisor with a backoff, is `5 undelayed restarts in 1m`.

use std::fmt;

use super::place::Place;
use super::storm::Surrender;
use super::{Bound, DeclaredChild, DeclaredLimit, DeclaredTree};
use crate::Order;
use crate::limit;
use crate::outline::{self, Indent, Row, Side, width_of};
use crate::time::{display, milliseconds};

/// The line for children that are not declared.
pub(super) const MORE: &str = "made at run time";

/// The length of a description from which on it is cut.
const WIDTH: usize = 72;

/// Writes a line for the supervisor, and one for each child. [`DeclaredTree`] has an example.
impl fmt::Display for DeclaredTree<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&outline::lines(&self.rows(None), Self::SIDES).join("\n"))
    }
}

impl DeclaredTree<'_> {
    /// The sides of the restart policy, the time to stop and the number of starts.
    #[doc(hidden)]
    pub const SIDES: [Side; 3] = [Side::Left, Side::Right, Side::Right];

    /// The rows of the drawing: the root, and then each child in front of all that is below it. The
    /// budget stands in place of the root's time in milliseconds, if only the compiler knows that.
    #[doc(hidden)]
    #[must_use]
    pub fn rows(&self, budget_ms: Option<u64>) -> Vec<Row<3>> {
        let name = self.name.to_owned();
        let mut rows = vec![Row { name, cells: None, text: self.settings(budget_ms) }];
        self.add_children(None, &Indent::default(), &mut rows);
        rows
    }

    fn add_children(&self, above: Option<&Place<'_>>, indent: &Indent, rows: &mut Vec<Row<3>>) {
        for (number, child) in self.children.iter().enumerate() {
            let is_last = number + 1 == self.children.len() && !self.has_more;
            let place = Place::new(self, number, above);
            let policy = child.restart.map_or("unknown", |policy| policy.word());
            let time = time(self.part_of(child), child.given_ms());
            rows.push(Row {
                name: indent.branch(&child.label(), is_last),
                cells: Some([policy.to_owned(), time, starts(&place)]),
                text: child.text(),
            });
            if let Some(nested) = child.tree() {
                nested.add_children(Some(&place), &indent.below(is_last), rows);
            }
        }
        if self.has_more {
            rows.push(Row { name: indent.branch("..", true), cells: None, text: MORE.to_owned() });
        }
    }

    pub(super) fn settings(&self, budget_ms: Option<u64>) -> String {
        let strategy = self.strategy.map_or("unknown strategy", |strategy| strategy.word());
        let limit = match (self.limit, self.within) {
            (DeclaredLimit::Unlimited, _) => "no restart limit".to_owned(),
            (DeclaredLimit::AtMost(most), Some(within)) => {
                let limit = limit::describe(most, milliseconds(within));
                match self.leaves_out_delayed() {
                    true => limit.replacen("restart", "undelayed restart", 1),
                    false => limit,
                }
            }
            (DeclaredLimit::AtMost(_), None) | (DeclaredLimit::Unknown, _) => {
                "unknown restart limit".to_owned()
            }
        };
        let order = self.orders().map_or_else(String::new, |orders| format!(", {orders}"));
        let mut settings = format!("{strategy}, {limit}{order}");
        let start = match self.startup_bound() {
            Bound::Known(start @ 1..) => format!("{} to start", display(start)),
            _ => String::new(),
        };
        for time in [start, time(self.shutdown_bound(), budget_ms)] {
            if !time.is_empty() {
                settings = settings + ", " + &time;
            }
        }
        settings
    }
}

impl DeclaredTree<'_> {
    /// The orders that are not the default.
    fn orders(&self) -> Option<&'static str> {
        match (self.start_order, self.stop_order) {
            (Some(Order::Together), Some(Order::Together)) => Some("starts and stops together"),
            (Some(Order::Together), _) => Some("starts together"),
            (_, Some(Order::Together)) => Some("stops together"),
            _ => None,
        }
    }
}

impl DeclaredChild<'_> {
    /// The description, behind the orders of a supervisor.
    fn text(&self) -> String {
        let summary = self.summary();
        match self.tree().and_then(DeclaredTree::orders) {
            Some(orders) if summary.is_empty() => orders.to_owned(),
            Some(orders) => format!("{orders}: {summary}"),
            None => summary,
        }
    }

    /// The description as far as it fits into a line.
    fn summary(&self) -> String {
        let line = self.description.trim().lines().next().unwrap_or_default().trim_end();
        if width_of(line) <= WIDTH {
            return line.to_owned();
        }
        let text = line.chars().take(WIDTH - 2).collect::<String>();
        // The cut takes off at least one character, the space in front of the last word, so that
        // three characters fit behind it. A single long word leaves room for two.
        match text.rsplit_once(' ') {
            Some((words, _)) => format!("{} ..", words.trim_end()),
            None => format!("{text}.."),
        }
    }
}

/// The text for a time to stop. `most` is the time that a tree which is not known here is given.
pub(super) fn time(bound: Bound, most: Option<u64>) -> String {
    match bound {
        Bound::Known(time) => format!("{} to stop", display(time)),
        Bound::Unseen | Bound::Dynamic => "unknown stop".to_owned(),
        Bound::Unbounded => "unbounded stop".to_owned(),
        Bound::Elsewhere => {
            most.map_or_else(String::new, |most| format!("at most {} to stop", display(most)))
        }
    }
}

pub(super) fn starts(place: &Place<'_>) -> String {
    let Surrender { starts, after_ms, is_delayed } = place.surrender();
    let starts = match starts {
        u64::MAX => None,
        1 => Some("1 start".to_owned()),
        starts => Some(format!("{starts} starts")),
    };
    let end = match after_ms {
        _ if !is_delayed => None,
        0 => None,
        u64::MAX => Some("never gives up".to_owned()),
        _ => Some(format!("gives up after {}", rough(after_ms))),
    };
    let of_supervisor = place.above.zip(place.supervisor_fails_after()).filter(|_| is_delayed);
    let of_supervisor = of_supervisor.filter(|&(_, own)| own != after_ms);
    let of_supervisor = of_supervisor
        .map(|(above, own)| format!("`{}` fails after {}", above.child.name, rough(own)));
    starts.into_iter().chain(of_supervisor).chain(end).collect::<Vec<_>>().join(", ")
}

/// The text for a time. Nobody needs the milliseconds of half a minute.
fn rough(ms: u64) -> String {
    display(if ms < 1_000 { ms } else { ms / 1_000 * 1_000 })
}

#[cfg(test)]
mod tests {
    use crate::{Setting, WrittenChild, WrittenStart};

    #[test]
    fn a_description_that_does_not_fit_into_a_line_is_cut_between_words() {
        for (text, expected) in [
            ("é".repeat(72), "é".repeat(72)),
            ("é".repeat(73), "é".repeat(70) + ".."),
            (format!("{} {}", "é".repeat(69), "abc"), format!("{} ..", "é".repeat(69))),
            (format!("{} {}", "é".repeat(70), "abc"), "é".repeat(70) + ".."),
            ("ab ".repeat(30), "ab ".repeat(23) + ".."),
        ] {
            let child = WrittenChild {
                name: "child",
                description: &text,
                restart: Setting::Unset,
                shutdown: Setting::Unset,
                significant: false,
                start: WrittenStart::Closure,
            };
            let cut = child.declare().summary();
            assert_eq!(cut, expected);
            assert!(cut.chars().count() <= 72, "{cut}");
        }
    }
}
