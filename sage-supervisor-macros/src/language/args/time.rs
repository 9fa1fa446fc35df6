//! Readers of times and of `shutdown`.

use std::time::Duration;

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use sage_supervisor_policy::Shutdown;

use super::value::{Value, assigned};
use super::word::not_a_word;
use crate::language::diag::{Diag, Message, Place, message};
use crate::language::literal::{Written, digits, literal, spelled};
use crate::language::split::Form;
use crate::language::time;
use crate::language::tokens::{flatten, is_punct, is_word};
use crate::language::words::{self, SHUTDOWN};

/// Reads `"brutal_kill"`, `"infinity"` or a time.
pub(crate) fn shutdown(key: &Ident, form: Form, diag: &mut Diag) -> Value<Shutdown> {
    let Some(value) = assigned(key, form, "\"5s\"", diag) else { return Value::Wrong };
    match literal(&value) {
        Written::Text(text, at) if is_time(&text) => {
            Value::known(read(&text, at, diag).map(timeout), at)
        }
        Written::Text(text, at) => Value::known(words::read(&SHUTDOWN, &text, at, diag), at),
        Written::Number(number) => bare_number(&number, diag),
        Written::Other(at, text) if is_time(&text) => not_a_time(at, &text, diag),
        // `"5s".into()` plainly spells a time, for which the string alone is right. Any other
        // expression may compute a `Shutdown`.
        Written::Expression if is_formatted(&value) => {
            let text = message("a shutdown that is computed is a `Duration` or a `Shutdown`");
            diag.error(Place::from(&value), text.help("write `Duration::from_secs(..)`"));
            Value::Wrong
        }
        Written::Expression => match spelled(&value).filter(|text| is_time(text)) {
            Some(text) => not_a_time(Place::from(&value), &text, diag),
            None => not_a_word(&SHUTDOWN, Written::Expression, value, diag),
        },
        written => not_a_word(&SHUTDOWN, written, value, diag),
    }
}

fn timeout(milliseconds: u64) -> Shutdown {
    Shutdown::Timeout(Duration::from_millis(milliseconds))
}

/// Returns whether the text was meant as a time, and not as a word.
fn is_time(text: &str) -> bool {
    text.trim_start_matches(['-', '+', '.', ' ']).starts_with(|c: char| c.is_ascii_digit())
}

/// Reads a time, in milliseconds.
pub(crate) fn duration(key: &Ident, form: Form, diag: &mut Diag) -> Value<u64> {
    let Some(value) = assigned(key, form, "\"5s\"", diag) else { return Value::Wrong };
    match literal(&value) {
        Written::Text(text, at) => Value::known(read(&text, at, diag), at),
        Written::Number(number) => bare_number(&number, diag),
        Written::Other(at, text) => not_a_time(at, &text, diag),
        Written::Expression => dynamic(value, diag),
        Written::Name(_) => Value::Dynamic(value),
    }
}

/// Accepts an expression, unless it plainly spells a text: then the text alone is right.
fn dynamic(value: TokenStream, diag: &mut Diag) -> Value<u64> {
    if is_formatted(&value) {
        let text = message("a time that is computed is a `Duration`");
        diag.error(Place::from(&value), text.help("write `Duration::from_secs(..)`"));
        return Value::Wrong;
    }
    match spelled(&value) {
        Some(text) => not_a_time(Place::from(&value), &text, diag),
        None => Value::Dynamic(value),
    }
}

/// Returns whether the value is a text that is known at run time only: `format!("{n}s")`. The text of a
/// `format!` without arguments is plain.
fn is_formatted(value: &TokenStream) -> bool {
    let is_macro = matches!(
        flatten(value.clone()).as_slice(),
        [word, bang, TokenTree::Group(_), ..] if is_word(word, "format") && is_punct(bang, '!')
    );
    is_macro && spelled(value).is_none_or(|text| text.contains('{'))
}

fn read(text: &str, at: Span, diag: &mut Diag) -> Option<u64> {
    time::parse(text).map_err(|message| diag.error(at, message)).ok()
}

fn not_a_time<T>(at: Place, text: &str, diag: &mut Diag) -> Value<T> {
    diag.error(at, no_literal(text));
    Value::Wrong
}

/// Returns the message about a value that is not a string literal: `30.0`, `-5` or
/// `concat!("5", "s")`.
fn no_literal(text: &str) -> Message {
    if text.starts_with('-') {
        return message("a time cannot be negative").help("write it as `\"5s\"`");
    }
    if time::parse(text).is_ok() {
        return message("a time is a string").help(format!("write `\"{text}\"`"));
    }
    match time::exact(&format!("{text}s")) {
        Some(milliseconds) => {
            let help = format!("write `\"{}\"`", time::display(milliseconds));
            message("a duration needs a unit").help(help)
        }
        None => message("a time is a string").help("write it as `\"5s\"`"),
    }
}

fn bare_number<T>(number: &Literal, diag: &mut Diag) -> Value<T> {
    // Rust reads `5s` without quotes as one token, the number 5 with the suffix `s`.
    let (digits, suffix) = digits(number);
    let written = format!("{digits}{suffix}");
    let text = match time::parse(&written) {
        Ok(_) => message("a duration is a string").help(format!("write `\"{written}\"`")),
        Err(text) if !suffix.is_empty() && !suffix.starts_with(['u', 'i']) => text,
        Err(_) => {
            let help = format!("write `\"{digits}s\"` or `\"{digits}ms\"`");
            message("a duration needs a unit").help(help)
        }
    };
    diag.error(number, text);
    Value::Wrong
}
