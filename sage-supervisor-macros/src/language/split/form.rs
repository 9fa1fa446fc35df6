//! The part of an entry behind its key, up to the end of the entry.

use proc_macro2::{Delimiter, Group, Ident, Spacing, TokenTree};

use super::entry::{Form, List};
use super::splitter::Splitter;
use crate::language::diag::{Diag, Place, message};
use crate::language::tokens::{describe, is_block, is_list, is_punct};
use crate::language::words;

/// Operators that are written in place of `=`. Each character is one token. The `:` comes last,
/// because it also matches where it is joint with the value, as in `key:-1`.
const ASSIGNS: [&str; 8] = ["==", "=>", "->", ":=", "<-", "+=", "?=", ":"];

/// Keys that take a list: `clone(a, b)`.
pub(super) const LISTS: [&str; 3] = ["backoff", "clone", "lend"];

/// Options without a value.
const ALONE: [&str; 2] = ["significant", "tree"];

/// The value behind an operator in place of `=`.
enum Value {
    /// The message has told how to write the whole entry.
    Told,
    /// The value is to be read.
    Open,
}

impl Splitter {
    /// Takes everything behind the key, with the comma at the end.
    pub(super) fn form(&mut self, key: &Ident, diag: &mut Diag) -> Form {
        match self.peek().cloned() {
            None => Form::Bare,
            Some(token) if is_punct(&token, ',') || is_punct(&token, ';') => {
                self.separator(diag);
                Form::Bare
            }
            Some(TokenTree::Punct(_)) if self.is_assign(self.at) => {
                self.at += 1;
                self.second_equals_sign(key, diag);
                Form::Assign(self.value(diag))
            }
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {
                self.at += 1;
                self.end_of_list(&group, diag);
                Form::List(group)
            }
            // The next entry begins behind the key, without a comma in front of it.
            Some(token) if is_punct(&token, '#') || self.stands_alone(key, &token) => {
                self.missing_comma(key.span(), diag);
                Form::Bare
            }
            Some(token) if LISTS.iter().any(|list| key == list) => self.no_list(key, &token, diag),
            Some(token) => match self.assigning(key, diag) {
                Some(Value::Open) => Form::Assign(self.value(diag)),
                Some(Value::Told) => {
                    self.skip_entry();
                    Form::Wrong
                }
                None => self.no_equals_sign(key, &token, diag),
            },
        }
    }

    /// Returns whether the key is an option without a value, in front of another option.
    fn stands_alone(&self, key: &Ident, next: &TokenTree) -> bool {
        self.list == List::Options
            && ALONE.iter().any(|alone| key == alone)
            && matches!(next, TokenTree::Ident(_))
    }

    /// Reports and skips a second `=`.
    fn second_equals_sign(&mut self, key: &Ident, diag: &mut Diag) {
        if let Some(second) = self.peek().filter(|token| is_punct(token, '=')) {
            let text = message(format!("expected a value after `{key} =`, found another `=`"));
            diag.misformed(second, text.help("remove it"));
            self.at += 1;
        }
    }

    /// Reports and skips an operator in place of `=`, if there is one.
    fn assigning(&mut self, key: &Ident, diag: &mut Diag) -> Option<Value> {
        let first = self.peek()?;
        let (written, length) = self.assign()?;
        let last = &self.tokens[self.at + length - 1];
        let text = message(format!("expected `=` after `{key}`, found `{written}`"));
        let value = self.word(self.at + length).and_then(|word| self.known(key, &word));
        let value = value.as_ref();
        let (value, rest) = value.map_or((Value::Open, ".."), |word| (Value::Told, &**word));
        let text = text.help(format!("write `{key} = {rest}`"));
        diag.misformed(Place::between(first, last), text);
        self.at += length;
        Some(value)
    }

    /// Returns the word that is the whole value at this index.
    fn word(&self, index: usize) -> Option<String> {
        let ends = |token: Option<&TokenTree>| {
            token.is_none_or(|token| is_punct(token, ',') || is_punct(token, ';'))
        };
        match self.get(index) {
            Some(TokenTree::Ident(word)) if ends(self.get(index + 1)) => Some(word.to_string()),
            _ => None,
        }
    }

    /// Returns the literal for a word without quotes, if it is a value of this key.
    fn known(&self, key: &Ident, word: &str) -> Option<String> {
        let (of, word) = match self.list {
            List::Block | List::Body => {
                words::setting_of(word).map(|(of, word)| (of, word.to_owned()))
            }
            List::Options => words::option_of(word),
            List::Arguments => None,
        }?;
        (key == of).then(|| format!("\"{word}\""))
    }

    /// Returns the operator in place of `=`, and its number of tokens.
    fn assign(&self) -> Option<(&'static str, usize)> {
        let TokenTree::Punct(first) = self.peek()? else { return None };
        let mut written = first.to_string();
        if first.spacing() == Spacing::Joint {
            if let Some(TokenTree::Punct(second)) = self.get(self.at + 1) {
                written.push(second.as_char());
            }
        }
        let is = |known: &&&str| written == **known || (**known == ":" && written.starts_with(':'));
        let known = ASSIGNS.iter().find(is).filter(|_| written != "::")?;
        Some((*known, known.len()))
    }

    /// Reports a missing `=`, as in `name "app"`, and takes the value if there is one.
    fn no_equals_sign(&mut self, key: &Ident, token: &TokenTree, diag: &mut Diag) -> Form {
        let found = describe(token);
        let text = message(format!("expected `=` after `{key}`, found {found}"));
        let help = match token {
            _ if is_block(token) && self.list.is_block() => {
                format!("children of `{key}` stand in a block: `{key} = supervisor! {{ .. }}`")
            }
            _ => format!("write `{key} = ..`"),
        };
        diag.misformed(token, text.help(help));
        // A group is no value here: behind a key, brackets and braces more likely belong to a form
        // that does not exist. A name with a `=` behind it is the key of another entry, which lacks
        // its comma.
        let starts_value = match token {
            TokenTree::Ident(_) | TokenTree::Literal(_) => true,
            TokenTree::Punct(punct) => matches!(punct.as_char(), '|' | '&'),
            TokenTree::Group(_) => false,
        };
        if starts_value && !self.is_assign(self.at + 1) {
            return Form::Assign(self.value(diag));
        }
        self.skip_entry();
        Form::Wrong
    }

    /// Reports a key that needs a list, as in `clone[a]`, `clone: (a)` or `clone a`.
    fn no_list(&mut self, key: &Ident, token: &TokenTree, diag: &mut Diag) -> Form {
        let length = self.assign().map_or(0, |(_, length)| length);
        let found = self.assign().map_or_else(|| describe(token), |(op, _)| format!("`{op}`"));
        let list = match self.get(self.at + length) {
            Some(TokenTree::Group(list)) => Some(list.clone()),
            _ => None,
        };
        let at = match token {
            TokenTree::Group(group) => group.span_open().into(),
            token => Place::between(token, &self.tokens[self.at + length.max(1) - 1]),
        };
        let text = message(format!("expected `(` after `{key}`, found {found}"));
        diag.misformed(at, text.help(format!("write `{key}(..)`")));
        let Some(list) = list else {
            self.skip_entry();
            return Form::Wrong;
        };
        self.at += length + 1;
        self.end_of_list(&list, diag);
        Form::List(list)
    }

    /// Takes the comma behind a list, or reports the token that stands there instead.
    fn end_of_list(&mut self, group: &Group, diag: &mut Diag) {
        match self.peek() {
            None => {}
            Some(token) if is_punct(token, ',') || is_punct(token, ';') => self.separator(diag),
            // The token is not taken, because the next entry begins with it.
            Some(TokenTree::Ident(_)) => self.missing_comma(group.span_close(), diag),
            Some(token) if is_punct(token, '#') => self.missing_comma(group.span_close(), diag),
            Some(token) => {
                let text = message(format!("expected `,`, found {}", describe(token)));
                let text = match (is_punct(token, '.'), is_list(token)) {
                    (true, _) => text.help("write further arguments inside of the list"),
                    _ => text,
                };
                diag.misformed(token, text);
                self.skip_entry();
            }
        }
    }
}
