//! What follows from the tree as a whole: how long it may take to stop.
//!
//! Children stop one after another, so the worst case of a supervisor is the sum over its children.
//! Children that share a name under `#[cfg(..)]` exclude each other: the longest of them counts.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use proc_macro2::TokenStream;

use crate::args::Value;
use crate::diag::{Diag, message};
use crate::model::{Child, Start, Tree};
use crate::time;
use crate::tokens::{flatten, is_list};
use crate::words::Shutdown;

/// What a worker is given to stop when nothing is written, in milliseconds.
const WORKER_DEFAULT: u64 = 5_000;

/// The worst case of a shutdown, in milliseconds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Bound {
    Known(u64),
    Unbounded,
    /// Depends on something that was reported.
    Wrong,
}

impl Bound {
    fn then(self, next: Self) -> Self {
        match (self, next) {
            (Self::Known(a), Self::Known(b)) => Self::Known(a.saturating_add(b)),
            (Self::Wrong, _) | (_, Self::Wrong) => Self::Wrong,
            _ => Self::Unbounded,
        }
    }

    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Known(a), Self::Known(b)) => Self::Known(a.max(b)),
            _ => self.then(other),
        }
    }
}

pub(crate) fn analyze(tree: &Tree, diag: &mut Diag) {
    fits_its_budget(tree, diag);
    for child in &tree.children {
        diag.enter(child.index);
        if let Start::Nested(nested) = &child.start {
            has_time_for_its_children(child, nested, diag);
            analyze(nested, diag);
        }
        diag.leave();
    }
}

pub(crate) fn of_tree(tree: &Tree) -> Bound {
    let mut bounds = Vec::new();
    let mut alternatives = HashMap::new();
    for child in &tree.children {
        let bound = of_child(child);
        match alternative(child) {
            Some(name) => {
                let longest = alternatives.entry(name).or_insert(bound);
                *longest = longest.or(bound);
            }
            None => bounds.push(bound),
        }
    }
    bounds.into_iter().chain(alternatives.into_values()).fold(Bound::Known(0), Bound::then)
}

/// The name that only one of all children with a `#[cfg]` can have.
fn alternative(child: &Child) -> Option<String> {
    child.condition()?;
    child.sibling_name().map(|(name, _)| name)
}

fn has_alternatives(tree: &Tree) -> bool {
    let mut names = HashSet::new();
    tree.children.iter().any(|child| match &child.start {
        Start::Nested(nested) if has_alternatives(nested) => true,
        _ => alternative(child).is_some_and(|name| !names.insert(name)),
    })
}

fn of_child(child: &Child) -> Bound {
    let nested = match &child.start {
        Start::Nested(nested) => Some(nested),
        _ => None,
    };
    match (&child.options.shutdown, nested) {
        (Some(Value::Wrong), _) => Bound::Wrong,
        (Some(Value::Known(Shutdown::BrutalKill, _)), _) => Bound::Known(0),
        (Some(Value::Known(Shutdown::Milliseconds(time), _)), _) => Bound::Known(*time),
        (Some(Value::Known(Shutdown::Infinity, _)) | None, Some(nested)) => of_tree(nested),
        (Some(Value::Known(Shutdown::Infinity, _) | Value::Dynamic(_)), _) => Bound::Unbounded,
        (None, None) => match child.start {
            Start::Closure(_) => Bound::Known(WORKER_DEFAULT),
            Start::Value(_) => Bound::Unbounded,
            Start::Nested(_) | Start::Missing => Bound::Wrong,
        },
    }
}

fn has_time_for_its_children(child: &Child, nested: &Tree, diag: &mut Diag) {
    let Some(Value::Known(Shutdown::Milliseconds(given), at)) = child.options.shutdown else {
        return;
    };
    let Bound::Known(needed) = of_tree(nested) else { return };
    if given > 0 && given < needed {
        let (name, given, needed) =
            (child.entry_name(), time::display(given), time::display(needed));
        let text =
            format!("`{name}` is given {given} to stop, but its own children may need {needed}");
        let text = message(text)
            .help(format!("remove `shutdown`, or raise it to `\"{needed}\"`"))
            .note("it would be killed while they are still shutting down");
        diag.error(at, text);
    }
}

fn fits_its_budget(tree: &Tree, diag: &mut Diag) {
    let (budget, at) = match &tree.shutdown_budget {
        Some(Value::Known(budget, at)) => (*budget, *at),
        Some(Value::Dynamic(expression)) => {
            let text =
                message("`shutdown_budget` is checked by the compiler, so it must be a literal");
            return diag.error(expression, text.help("write a time such as `\"30s\"`"));
        }
        Some(Value::Wrong) | None => return,
    };
    match of_tree(tree) {
        Bound::Known(needed) if needed > budget => {
            let text = format!(
                "the tree may need {} to shut down, the budget is {}",
                time::display(needed),
                time::display(budget)
            );
            let rule = format!("children stop one after another, last first:{}", draw(tree));
            let text = message(text).note(rule);
            diag.error(
                at,
                match has_alternatives(tree) {
                    true => text.note("of children that share a name, only the longest counts"),
                    false => text,
                },
            );
        }
        Bound::Unbounded => {
            let mut text = message("the shutdown time of this tree has no bound");
            let mut reasons = Vec::new();
            unbounded(tree, "", &mut reasons);
            for (edit, reason) in reasons {
                text = match edit {
                    Some(edit) => text.note(reason).help(edit),
                    None => text.note(reason),
                };
            }
            diag.error(at, text);
        }
        Bound::Known(_) | Bound::Wrong => {}
    }
}

/// Why there is no bound: an edit, where there is one, and a reason for each child that has none.
fn unbounded(tree: &Tree, path: &str, reasons: &mut Vec<(Option<String>, String)>) {
    for child in tree.children.iter().filter(|child| of_child(child) == Bound::Unbounded) {
        let name = format!("{path}{}", child.entry_name());
        match (&child.options.shutdown, &child.start) {
            (None | Some(Value::Known(..)), Start::Nested(nested)) => {
                unbounded(nested, &format!("{name}/"), reasons);
            }
            (Some(Value::Known(..)), _) => {
                reasons.push((None, format!("`{name}` has `shutdown = \"infinity\"`")));
            }
            (Some(_), _) => {
                reasons.push((None, format!("the shutdown of `{name}` is known only at run time")));
            }
            (None, Start::Value(value)) if is_call(value) => {
                let edit = format!(
                    "write it again at the entry: `#[child(shutdown = \"5s\")] {} = ..`",
                    child.name
                );
                let reason = format!(
                    "what the function that makes `{name}` says about its shutdown cannot be seen \
                     from here"
                );
                reasons.push((Some(edit), reason));
            }
            (None, _) => {
                let edit = format!("write it: `#[child(shutdown = \"5s\")] {} = ..`", child.name);
                let reason = format!("`{name}` does not say here how long it may take to stop");
                reasons.push((Some(edit), reason));
            }
        }
    }
}

/// `pool(db)`, which may be a `#[child]` function with a `shutdown` of its own.
fn is_call(value: &TokenStream) -> bool {
    flatten(value.clone()).last().is_some_and(is_list)
}

/// The tree with a time on each line, in a column.
fn draw(tree: &Tree) -> String {
    let mut lines = vec![(0, tree.title(), of_tree(tree))];
    lines_of(tree, 1, &mut lines);
    let width = lines.iter().map(|(depth, name, _)| 2 * depth + name.chars().count()).max();
    let times = lines.iter().map(|(.., bound)| display(*bound)).collect::<Vec<_>>();
    let digits = times.iter().map(String::len).max().unwrap_or(0);
    let mut drawing = String::new();
    for ((depth, name, _), time) in lines.iter().zip(&times) {
        let indent = 2 * depth;
        let column = width.unwrap_or(0) - indent;
        // Writing to a string cannot fail.
        let _ = write!(drawing, "\n  {:indent$}{name:column$}  {time:>digits$}", "");
    }
    drawing
}

fn lines_of(tree: &Tree, depth: usize, lines: &mut Vec<(usize, String, Bound)>) {
    for child in &tree.children {
        let name = child.sibling_name().map_or_else(|| child.entry_name(), |(name, _)| name);
        lines.push((depth, name, of_child(child)));
        if let Start::Nested(nested) = &child.start {
            lines_of(nested, depth + 1, lines);
        }
    }
}

fn display(bound: Bound) -> String {
    match bound {
        Bound::Known(milliseconds) => time::display(milliseconds),
        Bound::Unbounded | Bound::Wrong => "no bound".to_owned(),
    }
}
