//! The `shutdown_budget` of a tree, and the message if the tree does not stop within it.

use proc_macro2::TokenStream;
use sage_supervisor_policy::{Bound, DeclaredTree, NoBound, Text};

use super::condition::is_conditional;
use crate::language::args::Value;
use crate::language::declared::has_more;
use crate::language::diag::{Diag, Message, message};
use crate::language::kind::{self, Kind};
use crate::language::model::{Child, Start, Tree};
use crate::language::text::text_of;
use crate::language::time;
use crate::language::tokens::{flatten, is_list};

pub(super) fn is_kept(tree: &Tree, declared: &DeclaredTree<'_>, diag: &mut Diag) {
    let (budget, at) = match &tree.shutdown_budget {
        Some(Value::Known(budget, at)) => (*budget, *at),
        Some(Value::Dynamic(expression)) => {
            let text =
                message("`shutdown_budget` is checked by the compiler, so it must be a literal");
            return diag.error(expression, text.help("write a time such as `\"30s\"`"));
        }
        Some(Value::Wrong) | None => return,
    };
    // A mistake changes the sum, and is to be corrected first.
    if !diag.is_clean_here() || is_conditional(tree) {
        return;
    }
    let text = match declared.shutdown_bound() {
        Bound::Known(needed) if needed > budget => {
            let mut rule = Text::new();
            rule.push(declared.stop_rule());
            rule.push(":");
            declared.push_times(declared.name(), 2, &mut rule);
            let text = message(format!(
                "the tree may need {} to shut down, the budget is {}",
                time::display(needed),
                time::display(budget)
            ));
            return diag.error(at, text.note(rule.as_str()));
        }
        Bound::Known(_) | Bound::Elsewhere => return,
        Bound::Unbounded => "the shutdown time of this tree has no bound",
        Bound::Dynamic => "the shutdown time of this tree is not known at compile time",
        Bound::Unseen => "the shutdown time of this tree is not known here",
    };
    let mut reasons = Vec::new();
    unknown(tree, declared, "", &mut reasons);
    let explain = |text: Message, (edit, reason)| match edit {
        Some(edit) => text.note(reason).help(edit),
        None => text.note(reason),
    };
    diag.error(at, reasons.into_iter().fold(message(text), explain));
}

/// Adds a reason for each child that has no part of the sum, and an edit, if there is one.
fn unknown(
    tree: &Tree,
    declared: &DeclaredTree<'_>,
    path: &str,
    reasons: &mut Vec<(Option<String>, String)>,
) {
    let above = declared;
    for (child, declared) in tree.children.iter().zip(declared.children()) {
        let name = format!("{path}{}", child.entry_name());
        match (above.reason_of(declared), &child.start) {
            (Some(NoBound::Unseen), Start::Value(value)) => {
                reasons.push(unseen(&name, child, value));
            }
            (Some(reason), _) => {
                let mut text = Text::new();
                reason.push(&name, &mut text);
                reasons.push((None, text.as_str().to_owned()));
            }
            (None, Start::Nested(nested)) => {
                let is_known = matches!(declared.shutdown_bound(), Bound::Known(_));
                if let Some(below) = declared.tree().filter(|_| !is_known) {
                    unknown(nested, below, &format!("{name}/"), reasons);
                }
            }
            (None, _) => {}
        }
    }
    if has_more(tree) {
        let name = path.trim_end_matches('/');
        let edit = format!(
            "give it a time for all of them: `#[child(shutdown = \"30s\")] {} = supervisor! {{ .. }}`",
            name.rsplit('/').next().unwrap_or(name)
        );
        reasons.push((Some(edit), format!("`{name}` has children that are made at run time")));
    }
}

/// The reason and the edit for a value without a `shutdown` at its entry.
fn unseen(name: &str, child: &Child, value: &TokenStream) -> (Option<String>, String) {
    let (reason, edit) = match kind::of_value(value) {
        Kind::Dynamic => (
            format!(
                "the children of `{name}` are started at run time, so their number is not known"
            ),
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
            format!("the shutdown that the function of `{name}` sets cannot be seen from here"),
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

/// The entry with the missing option. The option names no time if the start may have a time of its own,
/// which the option would overrule.
fn entry(child: &Child, time: &str, value: &str) -> String {
    format!("`#[child(shutdown = \"{time}\")] {} = {value}`", child.name)
}

/// Returns whether the value is a call such as `pool(db)`, which may be a `#[child]` function with a
/// `shutdown` of its own.
fn is_call(value: &TokenStream) -> bool {
    flatten(value.clone()).last().is_some_and(is_list)
}
