//! Readers of `max_restarts`.

use proc_macro2::{Ident, TokenStream, TokenTree};
use sage_supervisor_policy::RestartConfig;
use sage_supervisor_policy::time::milliseconds;
use syn::Lit;

use super::value::{Value, assigned};
use crate::language::diag::{Diag, Message, Place, message};
use crate::language::literal::{Written, digits, literal, spelled};
use crate::language::split::Form;
use crate::language::time;
use crate::language::tokens::flatten;

/// The default of `max_restarts`.
pub(crate) const MAX_RESTARTS: u32 = RestartConfig::DEFAULT.max_restarts;
/// The default of `within`, in milliseconds.
pub(crate) const WITHIN: u64 = milliseconds(RestartConfig::DEFAULT.within);

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Limit {
    Count(u32),
    Unlimited,
}

/// Reads the restart limit of a supervisor.
pub(crate) fn limit(key: &Ident, form: Form, diag: &mut Diag) -> Value<Limit> {
    read(key, form, ", or `\"unlimited\"`", diag)
}

/// Reads the restart limit of a child, which has none by default.
pub(crate) fn own_limit(key: &Ident, form: Form, diag: &mut Diag) -> Value<u32> {
    match read(key, form, "", diag) {
        Value::Known(Limit::Count(count), at) => Value::Known(count, at),
        Value::Known(Limit::Unlimited, at) => {
            let rule = "its restarts count for its supervisor, whose limit can be `\"unlimited\"`";
            let text = message("the limit of a child cannot be `\"unlimited\"`")
                .help(format!("remove `{key}`: by default a child has no limit of its own"))
                .note(rule);
            diag.error(at, text);
            Value::Wrong
        }
        Value::Dynamic(value) => Value::Dynamic(value),
        Value::Wrong => Value::Wrong,
    }
}

/// Reads a number of restarts, or `"unlimited"`. `or` names the alternative to a number in
/// messages; for a child it is empty.
fn read(key: &Ident, form: Form, or: &str, diag: &mut Diag) -> Value<Limit> {
    let rule = format!("`{key}` is a number of restarts from 0 to {}{or}", u32::MAX);
    if let Form::List(list) = &form {
        if let Some(help) = with_window(key, &list.stream()) {
            let text = message(format!("`{key}` takes one value, not a list"));
            diag.error(list.span(), text.help(help));
            return Value::Wrong;
        }
    }
    let Some(value) = assigned(key, form, "5", diag) else { return Value::Wrong };
    match literal(&value) {
        Written::Text(text, at) if text == "unlimited" => Value::Known(Limit::Unlimited, at),
        Written::Text(text, at) => wrong(at, rule, of_text(key, &text, or), diag),
        // For a child, `or` is empty, and `own_limit` rejects the word with or without quotes.
        Written::Name(name) if is_unlimited(&name.to_string()) && or.is_empty() => {
            Value::Known(Limit::Unlimited, name.span())
        }
        Written::Name(name) if is_unlimited(&name.to_string()) => {
            wrong(&name, rule, Some("write `\"unlimited\"`".to_owned()), diag)
        }
        Written::Number(number) => {
            let (digits, suffix) = digits(&number);
            let count = digits.parse::<u32>().ok();
            match count.filter(|_| suffix.is_empty() || suffix.starts_with(['u', 'i'])) {
                Some(count) => Value::Known(Limit::Count(count), number.span()),
                None => wrong(&number, rule, count.map(|count| format!("write `{count}`")), diag),
            }
        }
        Written::Other(at, text) => wrong(at, rule, of_text(key, &text, ""), diag),
        Written::Expression if spelled(&value).is_some() => {
            let text = spelled(&value).unwrap_or_default();
            wrong(&value, rule, of_text(key, &text, or), diag)
        }
        Written::Expression => match with_window(key, &value) {
            Some(help) => wrong(&value, rule, Some(help), diag),
            None => Value::Dynamic(value),
        },
        Written::Name(_) => Value::Dynamic(value),
    }
}

fn wrong<T>(at: impl Into<Place>, rule: String, help: Option<String>, diag: &mut Diag) -> Value<T> {
    let text = message(rule);
    diag.error(at, help.into_iter().fold(text, Message::help));
    Value::Wrong
}

/// Returns whether the word says `unlimited`, here or in another system.
fn is_unlimited(word: &str) -> bool {
    let words = ["unlimited", "infinity", "infinite", "inf", "forever", "none"];
    // A name in capitals may be a constant.
    words.contains(&word.to_lowercase().as_str())
        && (word.contains(char::is_lowercase) || word.len() < 2)
}

/// Returns the help for a text that stands where a number belongs.
fn of_text(key: &Ident, text: &str, or: &str) -> Option<String> {
    let plain = text.trim().replace('_', "");
    let whole = plain.strip_suffix(".0").unwrap_or(&plain);
    if let Ok(count) = whole.parse::<u32>() {
        return Some(format!("write `{count}`"));
    }
    if !or.is_empty() && is_unlimited(&plain.to_lowercase()) {
        return Some("write `\"unlimited\"`".to_owned());
    }
    // Other systems write the count and the window in one text, such as `3/5s` or `3 in 5s`.
    let parts = text.split(|c: char| !c.is_ascii_alphanumeric()).collect::<Vec<_>>();
    if let [count, .., within] = parts.as_slice() {
        if count.parse::<u32>().is_ok() && time::parse(within).is_ok() {
            return Some(both(key, count, within));
        }
    }
    let is_number = plain.starts_with('-') || whole.parse::<f64>().is_ok();
    (!is_number && !plain.eq("true") && !plain.eq("false")).then(|| format!("write a number{or}"))
}

/// Returns the help for a count and a window in one value: `(3, "5s")` or `3 / "5s"`.
fn with_window(key: &Ident, value: &TokenStream) -> Option<String> {
    let tokens = flatten(value.clone());
    let tokens = match tokens.as_slice() {
        [TokenTree::Group(group)] => flatten(group.stream()),
        _ => tokens,
    };
    let [TokenTree::Literal(count), TokenTree::Punct(_), TokenTree::Literal(within)] =
        tokens.as_slice()
    else {
        return None;
    };
    match (Lit::new(count.clone()), Lit::new(within.clone())) {
        (Lit::Int(count), Lit::Str(within)) => {
            Some(both(key, count.base10_digits(), &within.value()))
        }
        _ => None,
    }
}

/// Returns the help that writes the count and the window as two settings.
fn both(key: &Ident, count: &str, within: &str) -> String {
    format!("the window has a key of its own: `{key} = {count}, within = \"{within}\"`")
}
