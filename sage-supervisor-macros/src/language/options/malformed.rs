//! Attributes of another form: `#[child = "transient"]` and `#[child[..]]`.

use proc_macro2::{Delimiter, TokenTree};

use super::keys::On;
use super::read::read;
use crate::language::diag::{Diag, Place, message};
use crate::language::literal::{Written, literal};
use crate::language::model::Options;
use crate::language::tokens::is_punct;
use crate::language::words;

/// Reports the form, and reads the options if they can be found.
pub(super) fn malformed(arguments: &[TokenTree], diag: &mut Diag) -> Options {
    let [first, ..] = arguments else { return Options::default() };
    let last = arguments.last().unwrap_or(first);
    let text = message("expected `#[child]` or `#[child(..)]`");
    match arguments {
        [TokenTree::Group(group)] if group.delimiter() != Delimiter::None => {
            diag.error(group.span_open(), text.help("write the options in parentheses"));
            read(group.stream(), On::Entry, diag)
        }
        [equals, value @ ..] if is_punct(equals, '=') => {
            let option = match literal(&value.iter().cloned().collect()) {
                Written::Text(text, _) | Written::Other(_, text) => words::option_of(&text),
                Written::Name(name) => words::option_of(&name.to_string()),
                Written::Number(_) | Written::Expression => None,
            };
            let text = match option {
                Some((key, word)) => text.help(format!("write `#[child({key} = \"{word}\")]`")),
                None => text,
            };
            diag.error(Place::between(first, last), text);
            Options::default()
        }
        _ => {
            diag.error(Place::between(first, last), text);
            Options::default()
        }
    }
}
