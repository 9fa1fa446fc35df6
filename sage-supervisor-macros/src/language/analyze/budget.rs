//! Whether the tree stops within its `shutdown_budget`, and what to say if it does not.

use std::fmt::Write;

use proc_macro2::TokenStream;

use super::{Bound, is_conditional, of_child, of_tree};
use crate::language::args::Value;
use crate::language::diag::{Diag, Message, message};
use crate::language::kind::{self, Kind};
use crate::language::model::{Child, Start, Tree};
use crate::language::text::text_of;
use crate::language::time;
use crate::language::tokens::{flatten, is_list};
use crate::language::words::Shutdown;

pub(super) fn is_kept(tree: &Tree, diag: &mut Diag) {
    let (budget, at) = match &tree.shutdown_budget {
        Some(Value::Known(budget, at)) => (*budget, *at),
        Some(Value::Dynamic(expression)) => {
            let text =
                message("`shutdown_budget` is checked by the compiler, so it must be a literal");
            return diag.error(expression, text.help("write a time such as `\"30s\"`"));
        }
        Some(Value::Wrong) | None => return,
    };
    // A mistake changes what is counted, and comes first.
    if !diag.is_clean_here() || is_conditional(tree) {
        return;
    }
    match of_tree(tree) {
        Bound::Known(needed) if needed > budget => {
            let text = format!(
                "the tree may need {} to shut down, the budget is {}",
                time::display(needed),
                time::display(budget)
            );
            let rule = format!("children stop one after another, last first:{}", draw(tree));
            diag.error(at, message(text).note(rule));
        }
        bound @ (Bound::Unbounded | Bound::RunTime | Bound::Unseen) => {
            let text = match bound {
                Bound::Unbounded => "the shutdown time of this tree has no bound",
                Bound::RunTime => "the shutdown time of this tree is not known at compile time",
                _ => "the shutdown time of this tree is not known here",
            };
            let mut reasons = Vec::new();
            unknown(tree, "", &mut reasons);
            let explain = |text: Message, (edit, reason)| match edit {
                Some(edit) => text.note(reason).help(edit),
                None => text.note(reason),
            };
            diag.error(at, reasons.into_iter().fold(message(text), explain));
        }
        Bound::Known(_) | Bound::Elsewhere | Bound::Wrong => {}
    }
}

/// Why there is no sum: a reason for each child that has no part of it, and an edit, where there is
/// one.
fn unknown(tree: &Tree, path: &str, reasons: &mut Vec<(Option<String>, String)>) {
    let missing = |child: &&Child| {
        matches!(of_child(child), Bound::Unbounded | Bound::RunTime | Bound::Unseen)
    };
    for child in tree.children.iter().filter(missing) {
        let name = format!("{path}{}", child.entry_name());
        match (&child.options.shutdown, &child.start) {
            (None | Some(Value::Known(..)), Start::Nested(nested)) => {
                unknown(nested, &format!("{name}/"), reasons);
            }
            (Some(Value::Known(Shutdown::Milliseconds(_), _)), _) => {
                reasons
                    .push((None, format!("`{name}` has more than 365 days, which is `infinity`")));
            }
            (Some(Value::Known(..)), _) => {
                reasons.push((None, format!("`{name}` has `shutdown = \"infinity\"`")));
            }
            (Some(_), _) => {
                reasons.push((None, format!("the shutdown of `{name}` is known only at run time")));
            }
            (None, Start::Value(value)) => reasons.push(unseen(&name, child, value)),
            (None, _) => {
                let edit = format!("write it at the entry: {}", entry(child, "..", ".."));
                let reason = format!("`{name}` does not say here how long it may take to stop");
                reasons.push((Some(edit), reason));
            }
        }
    }
}

/// A value without a `shutdown` at its entry.
fn unseen(name: &str, child: &Child, value: &TokenStream) -> (Option<String>, String) {
    let (reason, edit) = match kind::of_value(value) {
        Kind::Dynamic => (
            format!("the children of `{name}` are started at run time, nobody knows how many"),
            format!("give it a time for all of them: {}", entry(child, "30s", "..")),
        ),
        Kind::Supervisor => (
            format!("the children of `{name}` cannot be seen from here"),
            format!(
                "write a `supervisor! {{ .. }}` without calls behind it, or give it a time for all \
                 of them: {}",
                entry(child, "30s", "..")
            ),
        ),
        _ if is_call(value) => (
            format!(
                "what the function that makes `{name}` says about its shutdown cannot be seen from \
                 here"
            ),
            format!("write it again at the entry: {}", entry(child, "..", "..")),
        ),
        // Most likely a plain function, which has the default of a worker.
        _ => (
            format!("`{name}` does not say here how long it may take to stop"),
            format!("write it at the entry: {}", entry(child, "5s", &text_of(value))),
        ),
    };
    (Some(edit), reason)
}

/// The entry with the option it lacks. Where the start may have a time of its own, it names none:
/// that would overrule it.
fn entry(child: &Child, time: &str, value: &str) -> String {
    format!("`#[child(shutdown = \"{time}\")] {} = {value}`", child.name)
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
        let name = child.title();
        lines.push((depth, name, of_child(child)));
        if let Start::Nested(nested) = &child.start {
            lines_of(nested, depth + 1, lines);
        }
    }
}

fn display(bound: Bound) -> String {
    match bound {
        Bound::Known(milliseconds) => time::display(milliseconds),
        Bound::Unseen | Bound::Elsewhere => "not known".to_owned(),
        Bound::Unbounded | Bound::RunTime | Bound::Wrong => "no bound".to_owned(),
    }
}
