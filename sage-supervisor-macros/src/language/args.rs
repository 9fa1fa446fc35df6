//! `key = value`, shared by settings and options: one reader per kind of value.

mod limit;
mod number;

use proc_macro2::{Ident, Literal, Span, TokenStream};

pub(crate) use self::limit::{Limit, limit, own_limit};
pub(crate) use self::number::{Range, number};

use crate::language::diag::{Diag, Place, message};
use crate::language::literal::{Written, literal};
use crate::language::split::Form;
use crate::language::time;
use crate::language::words::{SHUTDOWN, Shutdown, Vocabulary};

/// What stands behind a key.
pub(crate) enum Value<T> {
    /// A literal, understood.
    Known(T, Span),
    /// Any other expression: typed by rustc, unknown to the analyses.
    Dynamic(TokenStream),
    /// Reported; whatever depends on it keeps silent.
    Wrong,
}

impl<T> Value<T> {
    fn known(value: Option<T>, at: Span) -> Self {
        value.map_or(Self::Wrong, |value| Self::Known(value, at))
    }
}

/// The keys that were set so far.
#[derive(Default)]
pub(crate) struct Seen(Vec<Ident>);

impl Seen {
    /// Whether this is the first time; the first value is the one that stays.
    pub(crate) fn first(&mut self, key: &Ident, diag: &mut Diag) -> bool {
        if let Some(first) = self.0.iter().find(|seen| *seen == key) {
            diag.error(key, message(format!("`{key}` is set twice")));
            diag.error(first, message("first set here"));
            return false;
        }
        self.0.push(key.clone());
        true
    }
}

/// A word of a closed vocabulary.
pub(crate) fn word<T: Copy>(
    words: &Vocabulary<T>,
    key: &Ident,
    form: Form,
    diag: &mut Diag,
) -> Value<T> {
    let example = format!("\"{}\"", words.words[0].0);
    let Some(value) = assigned(key, form, &example, diag) else { return Value::Wrong };
    match literal(&value) {
        Written::Text(text, at) => Value::known(words.read(&text, at, diag), at),
        written => not_a_word(words, written, value, diag),
    }
}

/// `"brutal_kill"`, a time, or `"infinity"`.
pub(crate) fn shutdown(key: &Ident, form: Form, diag: &mut Diag) -> Value<Shutdown> {
    let Some(value) = assigned(key, form, "\"5s\"", diag) else { return Value::Wrong };
    match literal(&value) {
        Written::Text(text, at) if text.starts_with(|c: char| c.is_ascii_digit()) => {
            Value::known(read_time(&text, at, diag).map(Shutdown::Milliseconds), at)
        }
        Written::Text(text, at) => Value::known(SHUTDOWN.read(&text, at, diag), at),
        Written::Number(number) => bare_number(&number, diag),
        written => not_a_word(&SHUTDOWN, written, value, diag),
    }
}

/// A time in milliseconds.
pub(crate) fn duration(key: &Ident, form: Form, diag: &mut Diag) -> Value<u64> {
    let Some(value) = assigned(key, form, "\"5s\"", diag) else { return Value::Wrong };
    match literal(&value) {
        Written::Text(text, at) => Value::known(read_time(&text, at, diag), at),
        Written::Number(number) => bare_number(&number, diag),
        Written::Other(at) => {
            diag.error(at, message("a time is a string").help("write it as `\"5s\"`"));
            Value::Wrong
        }
        Written::Name(_) | Written::Expression => Value::Dynamic(value),
    }
}

/// `true` or `false`
pub(crate) fn flag(key: &Ident, form: Form, diag: &mut Diag) -> Value<bool> {
    let Some(value) = assigned(key, form, "true", diag) else { return Value::Wrong };
    let place = Place::from(&value);
    match value.to_string().as_str() {
        "true" => return Value::Known(true, place.first()),
        "false" => return Value::Known(false, place.first()),
        _ => {}
    }
    if let Written::Name(_) | Written::Expression = literal(&value) {
        return Value::Dynamic(value);
    }
    let text = message(format!("`{key}` is `true` or `false`"));
    diag.error(place, text.help(format!("`{key} = true`")));
    Value::Wrong
}

pub(crate) fn text(key: &Ident, form: Form, diag: &mut Diag) -> Value<String> {
    let Some(value) = assigned(key, form, "\"app\"", diag) else { return Value::Wrong };
    let at = match literal(&value) {
        Written::Text(text, at) => return Value::Known(text, at),
        Written::Number(number) => Place::from(&number),
        Written::Other(at) => at,
        Written::Name(_) | Written::Expression => return Value::Dynamic(value),
    };
    diag.error(
        at,
        message(format!("the {key} must be a string")).help(format!("`{key} = \"app\"`")),
    );
    Value::Wrong
}

/// The tokens behind `key =`.
fn assigned(key: &Ident, form: Form, example: &str, diag: &mut Diag) -> Option<TokenStream> {
    match form {
        Form::Assign(value) if !value.is_empty() => return Some(value),
        Form::Bare | Form::Assign(_) => {
            let text =
                message(format!("`{key}` needs a value")).help(format!("`{key} = {example}`"));
            diag.error(key, text);
        }
        Form::List(list) => {
            let text = message(format!("`{key}` takes one value, not a list"));
            diag.error(list.span(), text.help(format!("`{key} = {example}`")));
        }
        Form::Wrong => {}
    }
    None
}

fn not_a_word<T: Copy>(
    words: &Vocabulary<T>,
    written: Written,
    value: TokenStream,
    diag: &mut Diag,
) -> Value<T> {
    let (at, word) = match written {
        Written::Name(name) => {
            let Some(word) = words.named(&name.to_string()) else {
                return Value::Dynamic(value);
            };
            (Place::from(&name), word.to_owned())
        }
        Written::Other(at) => (at, words.words[0].0.to_owned()),
        Written::Number(number) => ((&number).into(), words.words[0].0.to_owned()),
        Written::Text(..) | Written::Expression => return Value::Dynamic(value),
    };
    let help = format!("write `\"{word}\"`, or `{}`", words.variant(&word));
    diag.error(at, message(format!("the {} must be a string", words.noun)).help(help));
    Value::Wrong
}

fn read_time(text: &str, at: Span, diag: &mut Diag) -> Option<u64> {
    time::parse(text).map_err(|message| diag.error(at, message)).ok()
}

fn bare_number<T>(number: &Literal, diag: &mut Diag) -> Value<T> {
    let written = number.to_string();
    let text = if written.ends_with(|c: char| c.is_ascii_digit()) {
        let help = format!("write `\"{written}s\"` or `\"{written}ms\"`");
        message("a duration needs a unit").help(help)
    } else {
        message("a duration is a string").help(format!("write `\"{written}\"`"))
    };
    diag.error(number, text);
    Value::Wrong
}
