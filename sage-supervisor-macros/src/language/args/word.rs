//! The reader of words such as `"one_for_all"`.

use proc_macro2::{Ident, TokenStream, TokenTree};

use super::value::{Value, assigned};
use crate::language::diag::{Diag, Place, message};
use crate::language::literal::{Written, literal, spelled};
use crate::language::split::Form;
use crate::language::tokens::{flatten, is_path, is_punct};
use crate::language::words::{self, Vocabulary};

/// Reads a word of the vocabulary.
pub(crate) fn word<T: Copy>(
    vocabulary: &Vocabulary<T>,
    key: &Ident,
    form: Form,
    diag: &mut Diag,
) -> Value<T> {
    let example = format!("\"{}\"", vocabulary.words[0].0);
    let Some(value) = assigned(key, form, &example, diag) else { return Value::Wrong };
    match literal(&value) {
        Written::Text(text, at) => Value::known(words::read(vocabulary, &text, at, diag), at),
        written => not_a_word(vocabulary, written, value, diag),
    }
}

/// Reports a value that is plainly a word, but not a string; any other value is an expression.
pub(super) fn not_a_word<T: Copy>(
    vocabulary: &Vocabulary<T>,
    written: Written,
    value: TokenStream,
    diag: &mut Diag,
) -> Value<T> {
    let example = || vocabulary.words[0].0;
    let (at, word) = match written {
        Written::Name(name) => {
            // A name may be a variable of the user. It is reported only if it is a word of this
            // vocabulary, or one of another system; any other name is left to the compiler.
            if vocabulary.is_elsewhere(&name.to_string()) {
                diag.error(&name, words::unknown(vocabulary, &name.to_string()));
                return Value::Wrong;
            }
            let Some(word) = vocabulary.named(&name.to_string()) else {
                return Value::Dynamic(value);
            };
            (Place::from(&name), word)
        }
        Written::Other(at, text) => (at, vocabulary.recognised(&text).unwrap_or_else(example)),
        Written::Number(number) => ((&number).into(), example()),
        Written::Text(..) | Written::Expression => match plain(vocabulary, &value) {
            Some(word) => (Place::from(&value), word),
            None => match spelled(&value) {
                Some(text) => {
                    (Place::from(&value), vocabulary.recognised(&text).unwrap_or_else(example))
                }
                None => return Value::Dynamic(value),
            },
        },
    };
    let help = format!("write `\"{word}\"`, or `{}`", vocabulary.variant(word));
    diag.error(at, message(format!("the {} must be a string", vocabulary.noun)).help(help));
    Value::Wrong
}

/// Returns the word for an expression that cannot have the right type: a variant that only other
/// systems have, such as `Restart::Always`, or words joined by dashes. A name in capitals may be a
/// constant and is not translated.
fn plain<T: Copy>(vocabulary: &Vocabulary<T>, value: &TokenStream) -> Option<&'static str> {
    let tokens = flatten(value.clone());
    let [_, .., TokenTree::Ident(last)] = tokens.as_slice() else { return None };
    let (last, all) = (last.to_string(), value.to_string().replace(' ', ""));
    // `one-for-one` without quotes is a subtraction to Rust.
    if tokens.iter().all(|token| is_punct(token, '-') || matches!(token, TokenTree::Ident(_))) {
        return vocabulary.recognised(&all);
    }
    let is_variant = tokens.iter().all(is_path)
        && last.starts_with(char::is_uppercase)
        && last.contains(char::is_lowercase);
    vocabulary.translated(&last).filter(|_| is_variant)
}
