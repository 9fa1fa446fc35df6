//! Keys that are not names: `worker-1 = ..`, `storage::worker = ..` or `"worker 1" = ..`.

use proc_macro2::{Ident, TokenTree};
use syn::Lit;

use super::splitter::Splitter;
use crate::language::diag::{Diag, Place, message};
use crate::language::tokens::is_punct;

impl Splitter {
    /// Reports a key that is not a name, and replaces it by the name that was probably meant.
    pub(super) fn misspelt_key(&mut self, diag: &mut Diag) {
        let length = self.key_length();
        let tokens = &self.tokens[self.at..self.at + length];
        // A single identifier is a valid key, and only a single literal is reported.
        let [first, .., last] = tokens else {
            let [only @ TokenTree::Literal(literal)] = tokens else { return };
            let written = literal.to_string();
            let name = match Lit::new(literal.clone()) {
                Lit::Str(text) => text.value(),
                _ => written.clone(),
            };
            return self.rename(&name, &written, only.into(), diag);
        };
        let written = tokens.iter().map(ToString::to_string).collect::<String>();
        self.rename(&written, &written, Place::between(first, last), diag);
    }

    fn rename(&mut self, name: &str, written: &str, place: Place, diag: &mut Diag) {
        let Some(name) = identifier(name) else { return };
        let text = message(format!("`{written}` is not a name")).help(format!("write `{name}`"));
        diag.error(place, text.note("a name is an identifier"));
        let name = TokenTree::from(Ident::new(&name, place.first()));
        let length = self.key_length();
        // The corrected key takes the place of the wrong one, so the rest of the entry is read as
        // usual.
        self.tokens.splice(self.at..self.at + length, [name]);
    }

    /// Returns the number of tokens in front of the `=`, or 0 if they were not meant as a name.
    fn key_length(&self) -> usize {
        let mut end = self.at + 1;
        loop {
            let separator = match (self.get(end), self.get(end + 1)) {
                (Some(a), Some(b)) if is_punct(a, ':') && is_punct(b, ':') => 2,
                (Some(a), _) if ['-', '.', '/'].iter().any(|c| is_punct(a, *c)) => 1,
                _ => break,
            };
            match self.get(end + separator) {
                Some(TokenTree::Ident(_) | TokenTree::Literal(_)) => end += separator + 1,
                _ => return 0,
            }
        }
        let is_key = self.is_assign(end)
            && matches!(self.peek(), Some(TokenTree::Ident(_) | TokenTree::Literal(_)));
        if is_key { end - self.at } else { 0 }
    }
}

/// Returns the identifier that is nearest to a text.
fn identifier(text: &str) -> Option<String> {
    let word = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let name = text.trim().replace("::", "_").chars().map(word).collect::<String>();
    match name.chars().find(|c| *c != '_')? {
        _ if name.starts_with(|c: char| c.is_ascii_digit()) => Some(format!("_{name}")),
        _ => Some(name),
    }
}
