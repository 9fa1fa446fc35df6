//! The drawing below the documentation of a named tree: the text that the runtime crate makes of its
//! `TREE`, which says how it is made up, as far as it can be known here.
//!
//! Of a child that is itself a named tree, the time and what is below it are not known, but what is
//! written may bound it: its line says where to look. A line of a child under `#[cfg(..)]` carries its conditions, but the sums and the
//! branches are as if all children were there.

use proc_macro2::TokenStream;
use quote::quote;

use crate::language::analyze::{Bound, of_child, of_tree};
use crate::language::args::{Limit, Value};
use crate::language::closure::is_async_block;
use crate::language::doc;
use crate::language::model::{Child, Start, Tree};
use crate::language::split::Attribute;
use crate::language::text::text_of;
use crate::language::time;
use crate::language::words::{Restart, Shutdown, Strategy};

/// The limit if nothing is written.
const MAX_RESTARTS: u32 = 5;
const WITHIN: u64 = 60_000;

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

/// `None` is known only at run time.
fn max_restarts(tree: &Tree) -> Option<Limit> {
    match tree.max_restarts {
        Some(Value::Dynamic(_)) => None,
        Some(Value::Known(limit, _)) => Some(limit),
        Some(Value::Wrong) | None => Some(Limit::Count(MAX_RESTARTS)),
    }
}

/// `None` is known only at run time.
fn restart(child: &Child) -> Option<Restart> {
    match (&child.options.restart, &child.start) {
        (Some(Value::Dynamic(_)), _) => None,
        (Some(Value::Known(restart, _)), _) => Some(*restart),
        (_, Start::Nested(_) | Start::Named(_)) => Some(Restart::Transient),
        (_, Start::Value(value)) if !is_async_block(value) => None,
        _ => Some(Restart::Permanent),
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

/// What a child and its supervisor make of its failures.
struct Step {
    restart: Option<Restart>,
    may_be_significant: bool,
    /// How often its supervisor starts it before it gives up.
    runs: u64,
}

impl Step {
    fn new(child: &Child, tree: &Tree) -> Self {
        let runs = match max_restarts(tree) {
            Some(Limit::Count(restarts)) => u64::from(restarts) + 1,
            Some(Limit::Unlimited) | None => u64::MAX,
        };
        // What a value says of itself is not seen.
        let is_value = matches!(&child.start, Start::Value(value) if !is_async_block(value));
        let may_be_significant = is_value || child.options.significant.is_some();
        Self { restart: restart(child), may_be_significant, runs }
    }
}

/// How often the last one is started until the root ends, if it fails at once, every time.
fn starts(steps: &[Step]) -> String {
    let (mut starts, mut fails) = (1_u64, true);
    for step in steps.iter().rev() {
        let is_restarted = match step.restart {
            Some(Restart::Permanent) | None => true,
            Some(Restart::Transient) => fails,
            Some(Restart::Temporary) => false,
        };
        if is_restarted {
            (starts, fails) = (starts.saturating_mul(step.runs), true);
        } else {
            fails = fails && step.may_be_significant;
        }
    }
    match starts {
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
