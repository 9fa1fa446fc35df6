//! The reader of `backoff(initial = "1s", ..)`, which is a setting and an option.

use proc_macro2::{Group, Ident, TokenStream};
use sage_supervisor_policy::backoff as policy;
use sage_supervisor_policy::time::milliseconds;

use crate::language::args::{self, Range, Seen, Value};
use crate::language::diag::{Diag, Place, message};
use crate::language::literal::{Written, digits, literal};
use crate::language::split::{Entry, Form, List, entries, items};
use crate::language::words;

/// A backoff with its key.
pub(crate) struct Backoff {
    pub(crate) key: Ident,
    pub(crate) delays: Delays,
}

pub(crate) enum Delays {
    Exponential(Box<Exponential>),
    /// Any expression: a `Backoff`, or a function.
    Dynamic(TokenStream),
    /// A mistake that was reported.
    Wrong,
}

/// The arguments that are written.
#[derive(Default)]
pub(crate) struct Exponential {
    pub(crate) initial: Option<Value<u64>>,
    pub(crate) max: Option<Value<u64>>,
    pub(crate) factor: Option<Value<f64>>,
    pub(crate) jitter: Option<Value<f64>>,
    pub(crate) reset_after: Option<Value<u64>>,
}

/// The longest delay if no `max` is written, in milliseconds.
pub(crate) const DEFAULT_MAX: u64 = milliseconds(policy::DEFAULT_MAX);

pub(crate) const ARGUMENTS: [&str; 5] = ["initial", "max", "factor", "jitter", "reset_after"];

const FOREIGN: [(&str, &str); 14] = [
    ("base", "initial"),
    ("delay", "initial"),
    ("initial_delay", "initial"),
    ("initial_interval", "initial"),
    ("min", "initial"),
    ("min_delay", "initial"),
    ("restart_sec", "initial"),
    ("cap", "max"),
    ("max_delay", "max"),
    ("max_interval", "max"),
    ("restart_max_delay_sec", "max"),
    ("multiplier", "factor"),
    ("randomization_factor", "jitter"),
    ("reset", "reset_after"),
];

const FACTOR: Range = Range {
    from: policy::LEAST_FACTOR,
    to: f64::MAX,
    rule: "a finite number of at least 1: the factor between a delay and the one before",
    example: "2",
};

const JITTER: Range = Range {
    from: 0.0,
    to: policy::LARGEST_JITTER,
    rule: "a number from 0 to 1: the part of each delay that is left to chance",
    example: "0.1",
};

const EXAMPLE: &str = "`backoff(initial = \"1s\")`";

pub(crate) fn read(key: &Ident, form: Form, diag: &mut Diag) -> Backoff {
    let delays = match form {
        Form::List(list) => arguments(key, &list, diag),
        Form::Assign(value) if !value.is_empty() => expression(value, diag),
        Form::Bare | Form::Assign(_) => {
            diag.error(key, message(format!("`{key}` needs its arguments")).help(EXAMPLE));
            Delays::Wrong
        }
        Form::Wrong => Delays::Wrong,
    };
    Backoff { key: key.clone(), delays }
}

fn expression(value: TokenStream, diag: &mut Diag) -> Delays {
    let help = match literal(&value) {
        Written::Name(_) | Written::Expression => return Delays::Dynamic(value),
        Written::Text(text, _) if crate::language::time::parse(&text).is_ok() => {
            format!("write `backoff(initial = \"{text}\")`")
        }
        _ => format!("write {EXAMPLE}"),
    };
    let rule =
        "an expression in this place is a `Backoff`, or a function of the number of failures";
    diag.error(&value, message("a backoff is a list of arguments").help(help).note(rule));
    Delays::Wrong
}

fn arguments(key: &Ident, list: &Group, diag: &mut Diag) -> Delays {
    if let Some(named) = positional(list) {
        let help = format!("write `{key}({named})`");
        let text = message(format!("the arguments of `{key}` have names")).help(help);
        diag.error(&list.stream(), text);
        return Delays::Wrong;
    }
    let mut read = Exponential::default();
    let mut seen = Seen::default();
    let before = diag.count();
    let arguments = entries(list.stream(), List::Arguments, diag);
    // An argument that was not understood may have been the missing one.
    let mut complete = diag.count() == before;
    for argument in arguments {
        complete &= self::argument(argument, &mut read, &mut seen, diag);
    }
    if read.initial.is_none() && complete {
        let text = message(format!("`{key}` needs `initial`")).help(EXAMPLE);
        let at = if list.stream().is_empty() { list.span().into() } else { Place::from(key) };
        diag.error(at, text.note("it is the first delay, from which the others grow"));
    }
    Delays::Exponential(Box::new(read))
}

/// Times one after another, with the names that they most likely have.
fn positional(list: &Group) -> Option<String> {
    let items = items(list).into_iter().filter(|item| !item.is_empty()).collect::<Vec<_>>();
    if items.is_empty() || items.len() > 2 {
        return None;
    }
    let named = items.into_iter().zip(ARGUMENTS).map(|(item, name)| {
        let item = item.into_iter().collect::<TokenStream>();
        match literal(&item) {
            Written::Text(text, _) => Some(format!("{name} = \"{text}\"")),
            Written::Number(number) => {
                let (digits, suffix) = digits(&number);
                let unit = if suffix.is_empty() { "s" } else { &suffix };
                Some(format!("{name} = \"{digits}{unit}\""))
            }
            _ => None,
        }
    });
    Some(named.collect::<Option<Vec<_>>>()?.join(", "))
}

/// Returns whether the argument is known.
fn argument(entry: Entry, read: &mut Exponential, seen: &mut Seen, diag: &mut Diag) -> bool {
    let Entry { attributes, key, form } = entry;
    if let Some(attribute) = attributes.first() {
        diag.error(attribute.place(), message("an attribute has no meaning on an argument"));
    }
    let word = key.to_string();
    if !ARGUMENTS.contains(&word.as_str()) {
        let text = message(format!("unknown argument `{key}` of `backoff`"));
        let text = match words::meant_key(&word, &ARGUMENTS, &FOREIGN) {
            Some(help) => text.help(help),
            None => text,
        };
        diag.error(
            &key,
            text.note(format!("the arguments are {}", words::list(&ARGUMENTS, "and"))),
        );
        return false;
    }
    if !seen.first(&key, diag) {
        return true;
    }
    match word.as_str() {
        "initial" => read.initial = Some(args::duration(&key, form, diag)),
        "max" => read.max = Some(args::duration(&key, form, diag)),
        "factor" => read.factor = Some(args::number(&key, form, &FACTOR, diag)),
        "jitter" => read.jitter = Some(args::number(&key, form, &JITTER, diag)),
        _ => read.reset_after = Some(args::duration(&key, form, diag)),
    }
    true
}
