//! Tokens that are not an entry.

use proc_macro2::TokenTree;
use syn::Lit;

use super::attribute::Attribute;
use super::entry::List;
use super::splitter::Splitter;
use crate::language::diag::{Diag, Place, message};
use crate::language::text::text;
use crate::language::tokens::{describe, is_punct};
use crate::language::words;

impl Splitter {
    /// Reports the token, or the attribute in front of it.
    pub(super) fn not_an_entry(
        &self,
        token: Option<&TokenTree>,
        attribute: Option<&Attribute>,
        diag: &mut Diag,
    ) {
        if let Some(attribute) = attribute {
            let text = message("this attribute is not followed by a child")
                .help("write the child after it: `#[child] name = start,`");
            diag.error(attribute.place(), text);
        } else if let Some(token) = token {
            let text = message(format!("expected {}, found {}", self.expected(), describe(token)));
            let needless = is_punct(token, ',') || is_punct(token, ';');
            let text = match setting_of(token).filter(|_| self.list.is_block()) {
                _ if needless => text.help("remove it"),
                Some((key, word)) => text.help(format!("write `{key} = \"{word}\"`")),
                None => text,
            };
            diag.error(token, text);
        }
    }

    fn expected(&self) -> &'static str {
        match self.list {
            List::Block | List::Body => {
                "a setting `key = value` or a child `#[child] name = start`"
            }
            List::Options => "an option `key = value`",
            List::Arguments => "an argument `key = value`",
        }
    }

    /// Reports and skips a value without its key among the options, such as `"transient"`,
    /// `RestartPolicy::Transient` or `:transient`. Returns whether there was one.
    pub(super) fn value_without_a_key(&mut self, diag: &mut Diag) -> bool {
        let rest = &self.tokens[self.at..];
        let end = rest.iter().position(|t| is_punct(t, ',') || is_punct(t, ';'));
        let value = &rest[..end.unwrap_or(rest.len())];
        let word = match value {
            [TokenTree::Literal(literal)] => match Lit::new(literal.clone()) {
                Lit::Str(text) => text.value(),
                _ => literal.to_string(),
            },
            [TokenTree::Ident(_), colon, _, .., TokenTree::Ident(last)] if is_punct(colon, ':') => {
                last.to_string()
            }
            [colon, TokenTree::Ident(word)] if is_punct(colon, ':') => word.to_string(),
            _ => return false,
        };
        // Unlike a path, `key: value` has no second colon.
        let is_path = matches!(value, [_, _, second, ..] if is_punct(second, ':'));
        let (Some(first), Some(last)) = (value.first(), value.last()) else { return false };
        // In a block, such a value may be a child without a name, which is reported elsewhere.
        if self.list != List::Options || (value.len() > 2 && !is_path) {
            return false;
        }
        // The text of an atom such as `:transient` has a space behind the colon.
        let written = text(value).replace(": ", ":");
        let found = message(format!("expected {}, found `{written}`", self.expected()));
        let found = match words::option_of(&word) {
            Some((key, _)) if is_path => found.help(format!("write `{key} = {written}`")),
            Some((key, word)) => found.help(format!("write `{key} = \"{word}\"`")),
            None => found,
        };
        diag.error(Place::between(first, last), found);
        self.skip_entry();
        true
    }
}

/// Returns the setting and its word for a value without its key in a block: `"one_for_all"`.
fn setting_of(token: &TokenTree) -> Option<(&'static str, &'static str)> {
    let TokenTree::Literal(literal) = token else { return None };
    match Lit::new(literal.clone()) {
        Lit::Str(text) => words::setting_of(&text.value()),
        _ => None,
    }
}
