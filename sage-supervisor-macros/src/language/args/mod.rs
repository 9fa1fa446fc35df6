//! The values of settings and options: one reader for each kind of value.

mod instances;
mod limit;
mod number;
mod time;
mod value;
mod word;

use proc_macro2::{Ident, TokenStream};

pub(crate) use self::instances::instances;
pub(crate) use self::limit::{Limit, MAX_RESTARTS, WITHIN, limit, own_limit};
pub(crate) use self::number::{Range, number};
pub(crate) use self::time::{duration, shutdown};
pub(crate) use self::value::{Value, known};
pub(crate) use self::word::word;

use self::value::assigned;
use crate::language::diag::{Diag, Place, message};
use crate::language::literal::{Written, literal};
use crate::language::split::Form;

/// The keys of one list that were set so far.
#[derive(Default)]
pub(crate) struct Seen(Vec<Ident>);

impl Seen {
    /// Records the key and returns whether it is new. A repeated key is reported, and the first
    /// value stays.
    pub(crate) fn first(&mut self, key: &Ident, diag: &mut Diag) -> bool {
        if let Some(first) = self.0.iter().find(|seen| *seen == key) {
            let text = message(format!("`{key}` is set twice"));
            let lists = key == "clone" || key == "lend";
            let text = if lists { text.help("write all names in one list") } else { text };
            diag.error(key, text);
            diag.error(first, message("first set here"));
            return false;
        }
        self.0.push(key.clone());
        true
    }
}

/// Reads `true` or `false`.
pub(crate) fn flag(key: &Ident, form: Form, diag: &mut Diag) -> Value<bool> {
    let Some(value) = assigned(key, form, "true", diag) else { return Value::Wrong };
    let place = Place::from(&value);
    match value.to_string().as_str() {
        "true" => return Value::Known(true, place.first()),
        "false" => return Value::Known(false, place.first()),
        _ => {}
    }
    let said = match literal(&value) {
        Written::Name(name) if is_answer(&name.to_string()) => name.to_string(),
        Written::Name(_) | Written::Expression => return Value::Dynamic(value),
        Written::Text(text, _) | Written::Other(_, text) => text,
        Written::Number(number) => number.to_string(),
    };
    // The help suggests the value that the word means. Any other word than a negative one counts as
    // `true`.
    let no = ["false", "no", "off", "never", "0", ""].contains(&said.to_lowercase().as_str());
    let text = message(format!("`{key}` is `true` or `false`"));
    diag.error(place, text.help(format!("`{key} = {}`", !no)));
    Value::Wrong
}

/// Returns whether the word means `true` or `false` in another language.
fn is_answer(word: &str) -> bool {
    let other = ["yes", "no", "on", "off", "true", "false"].contains(&word.to_lowercase().as_str());
    other && word != "true" && word != "false"
}

/// Reads a function that judges an error. A literal cannot be one.
pub(crate) fn predicate(key: &Ident, form: Form, diag: &mut Diag) -> Option<TokenStream> {
    let value = assigned(key, form, "is_final", diag)?;
    let at = match literal(&value) {
        Written::Name(_) | Written::Expression => return Some(value),
        Written::Text(_, at) => at.into(),
        Written::Number(number) => Place::from(&number),
        Written::Other(at, _) => at,
    };
    let text = message(format!("`{key}` takes a function over the error of the child"))
        .help(format!("`{key} = is_final`, with `fn is_final(error: &MyError) -> bool`"));
    diag.error(at, text);
    None
}

/// Reads a string.
pub(crate) fn text(key: &Ident, form: Form, diag: &mut Diag) -> Value<String> {
    let Some(value) = assigned(key, form, "\"app\"", diag) else { return Value::Wrong };
    let (at, said) = match literal(&value) {
        Written::Text(text, at) => return Value::Known(text, at),
        Written::Number(number) => (Place::from(&number), "app".to_owned()),
        Written::Other(at, text) => (at, text),
        Written::Name(_) | Written::Expression => return Value::Dynamic(value),
    };
    let help = format!("`{key} = \"{said}\"`");
    diag.error(at, message(format!("the {key} must be a string")).help(help));
    Value::Wrong
}
