//! A word of a closed vocabulary.

use proc_macro2::{Ident, TokenStream, TokenTree};

use super::value::{Value, assigned};
use crate::language::diag::{Diag, Place, message};
use crate::language::literal::{Written, literal, spelled};
use crate::language::split::Form;
use crate::language::tokens::{flatten, is_path, is_punct};
use crate::language::words::Vocabulary;

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

pub(super) fn not_a_word<T: Copy>(
    words: &Vocabulary<T>,
    written: Written,
    value: TokenStream,
    diag: &mut Diag,
) -> Value<T> {
    let example = || words.words[0].0;
    let (at, word) = match written {
        Written::Name(name) => {
            if words.is_elsewhere(&name.to_string()) {
                diag.error(&name, words.unknown(&name.to_string()));
                return Value::Wrong;
            }
            let Some(word) = words.named(&name.to_string()) else {
                return Value::Dynamic(value);
            };
            (Place::from(&name), word)
        }
        Written::Other(at, text) => (at, words.means(&text).unwrap_or_else(example)),
        Written::Number(number) => ((&number).into(), example()),
        Written::Text(..) | Written::Expression => match plain(words, &value) {
            Some(word) => (Place::from(&value), word),
            None => match spelled(&value) {
                Some(text) => (Place::from(&value), words.means(&text).unwrap_or_else(example)),
                None => return Value::Dynamic(value),
            },
        },
    };
    let help = format!("write `\"{word}\"`, or `{}`", words.variant(word));
    diag.error(at, message(format!("the {} must be a string", words.noun)).help(help));
    Value::Wrong
}

/// The word for what can be no expression of its type: a variant that only other systems have, as
/// `Restart::Always`, or words with dashes. A constant has its name in capitals.
fn plain<T: Copy>(words: &Vocabulary<T>, value: &TokenStream) -> Option<&'static str> {
    let tokens = flatten(value.clone());
    let [_, .., TokenTree::Ident(last)] = tokens.as_slice() else { return None };
    let (last, all) = (last.to_string(), value.to_string().replace(' ', ""));
    if tokens.iter().all(|token| is_punct(token, '-') || matches!(token, TokenTree::Ident(_))) {
        return words.means(&all);
    }
    let is_variant = tokens.iter().all(is_path)
        && last.starts_with(char::is_uppercase)
        && last.contains(char::is_lowercase);
    words.translated(&last).filter(|_| is_variant)
}
