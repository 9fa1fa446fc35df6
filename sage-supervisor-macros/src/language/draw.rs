//! The drawing below the documentation of a named tree: the text that the runtime crate makes of its
//! `TREE`, which says how it is made up, as far as it can be known here.
//!
//! Of a child that is itself a named tree, the time and what is below it are not known, but what is
//! written may bound it: its line says where to look. A line of a child under `#[cfg(..)]` carries its conditions, but the sums and the
//! branches are as if all children were there.

use proc_macro2::TokenStream;
use quote::quote;

use crate::language::analyze::storm::{self, Step, max_restarts, restart};
use crate::language::analyze::{Bound, of_child, of_tree};
use crate::language::args::{Limit, Value, WITHIN};
use crate::language::doc;
use crate::language::model::{Child, Start, Tree};
use crate::language::split::Attribute;
use crate::language::text::text_of;
use crate::language::time;
use crate::language::words::{Restart, Shutdown, Strategy};

pub(crate) struct Line<'a> {
    pub(crate) text: String,
    /// The `#[cfg(..)]`s it depends on.
    pub(crate) conditions: Vec<&'a Attribute>,
}

pub(crate) fn draw(tree: &Tree) -> Vec<Line<'_>> {
    let mut rows = Vec::new();
    add_children(tree, &mut Vec::new(), "", &[], &mut rows);
    let title = tree.title();
    let names = rows.iter().map(|row| width(&row.name)).chain([width(&title)]).max().unwrap_or(0);
    let [policies, times, starts] =
        [0, 1, 2].map(|column| rows.iter().map(|row| width(&row.cells[column])).max().unwrap_or(0));
    let root = Line { text: format!("{title:names$}  {}", settings(tree)), conditions: Vec::new() };
    let rows =
        rows.into_iter().map(|Row { name, cells: [policy, time, most], rest, conditions }| {
            let mut text = format!("{name:names$}  {policy:policies$}");
            if times > 0 {
                text += &format!("  {time:>times$}");
            }
            if starts > 0 {
                text += &format!("  {most:>starts$}");
            }
            text += &format!("  {rest}");
            Line { text: text.trim_end().to_owned(), conditions }
        });
    [root].into_iter().chain(rows).collect()
}

struct Row<'a> {
    name: String,
    /// The policy, the time to stop, the number of starts.
    cells: [String; 3],
    rest: String,
    conditions: Vec<&'a Attribute>,
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// `above` are the entries that lead here, `indent` is what stands before the branches.
fn add_children<'a>(
    tree: &'a Tree,
    above: &mut Vec<Step>,
    indent: &str,
    conditions: &[&'a Attribute],
    rows: &mut Vec<Row<'a>>,
) {
    for (number, child) in tree.children.iter().enumerate() {
        let (branch, below) = match number + 1 == tree.children.len() {
            true => ("└─ ", "   "),
            false => ("├─ ", "│  "),
        };
        let conditions = conditions.iter().copied().chain(child.conditions()).collect::<Vec<_>>();
        above.push(Step::new(child, tree));
        rows.push(Row {
            name: format!("{indent}{branch}{}", child.title()),
            cells: [policy(child).to_owned(), time(of_child(child), given(child)), starts(above)],
            rest: rest(child),
            conditions: conditions.clone(),
        });
        if let Start::Nested(nested) = &child.start {
            add_children(nested, above, &format!("{indent}{below}"), &conditions, rows);
        }
        above.pop();
    }
}

fn settings(tree: &Tree) -> String {
    let strategy = match tree.strategy {
        Some(Value::Dynamic(_)) => "unknown strategy",
        Some(Value::Known(Strategy::OneForAll, _)) => "one_for_all",
        Some(Value::Known(Strategy::RestForOne, _)) => "rest_for_one",
        Some(Value::Known(Strategy::OneForOne, _) | Value::Wrong) | None => "one_for_one",
    };
    let within = match tree.within {
        Some(Value::Dynamic(_)) => None,
        Some(Value::Known(within, _)) => Some(within),
        Some(Value::Wrong) | None => Some(WITHIN),
    };
    let limit = match (max_restarts(tree), within) {
        (Some(Limit::Unlimited), _) => "no restart limit".to_owned(),
        (Some(Limit::Count(most)), Some(within)) => {
            format!("{most} restart{} in {}", plural(u64::from(most)), time::display(within))
        }
        (None, _) | (_, None) => "unknown restart limit".to_owned(),
    };
    let budget = match tree.shutdown_budget {
        Some(Value::Known(budget, _)) => Some(budget),
        _ => None,
    };
    match time(of_tree(tree), budget) {
        time if time.is_empty() => format!("{strategy}, {limit}"),
        time => format!("{strategy}, {limit}, {time}"),
    }
}

fn policy(child: &Child) -> &'static str {
    match restart(child) {
        Some(Restart::Permanent) => "permanent",
        Some(Restart::Transient) => "transient",
        Some(Restart::Temporary) => "temporary",
        None => "unknown",
    }
}

/// `most` is what is checked elsewhere.
fn time(bound: Bound, most: Option<u64>) -> String {
    match bound {
        Bound::Known(time) => format!("{} to stop", time::display(time)),
        Bound::Unbounded => "unbounded stop".to_owned(),
        Bound::Unseen | Bound::RunTime | Bound::Wrong => "unknown stop".to_owned(),
        Bound::Elsewhere => {
            most.map_or_else(String::new, |most| format!("at most {} to stop", time::display(most)))
        }
    }
}

/// The time at its entry.
fn given(child: &Child) -> Option<u64> {
    match child.options.shutdown {
        Some(Value::Known(Shutdown::Milliseconds(given), _)) => Some(given),
        _ => None,
    }
}

/// What is said of the child, and where its tree is drawn if not here.
fn rest(child: &Child) -> String {
    let place = match &child.start {
        Start::Named(call) => format!("see `{}`", text_of(&call.path)),
        _ => String::new(),
    };
    match (doc::shortened(&child.description), place) {
        (description, place) if description.is_empty() => place,
        (description, place) if place.is_empty() => description,
        (description, place) => format!("{description} ({place})"),
    }
}

fn starts(steps: &[Step]) -> String {
    match storm::starts(steps) {
        u64::MAX => String::new(),
        starts => format!("{starts} start{}", plural(starts)),
    }
}

fn plural(number: u64) -> &'static str {
    if number == 1 { "" } else { "s" }
}

/// The lines as documentation, as its last paragraph but the link.
pub(crate) fn documentation(tree: &Tree) -> TokenStream {
    let lines = draw(tree).into_iter().map(|Line { text, conditions }| {
        // Spaced like the lines of a doc comment, all of which lose the space.
        let text = format!(" {text}");
        if conditions.is_empty() {
            return quote!(#[doc = #text]);
        }
        let conditions = conditions.iter().map(|attribute| {
            let arguments = attribute.arguments().into_iter().collect::<TokenStream>();
            // The predicate without its parentheses and a comma at its end.
            quote!(all #arguments)
        });
        quote!(#[cfg_attr(all(#(#conditions),*), doc = #text)])
    });
    quote!(#[doc = ""] #[doc = " ```text"] #(#lines)* #[doc = " ```"])
}
