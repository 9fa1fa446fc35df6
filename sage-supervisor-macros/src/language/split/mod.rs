//! From tokens to entries, with a recovery from every mistake. This is the only stage that knows
//! about commas.
//!
//! A value is never parsed; see `value` for how its end is found.

mod attribute;
mod entry;
mod form;
mod function;
mod missing_name;
mod misspelt_key;
mod misspelt_mark;
mod not_an_entry;
mod not_rust;
mod splitter;
mod statement;
mod types;
mod value;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

pub(crate) use self::attribute::Attribute;
pub(crate) use self::entry::{Entry, Form, List, items};
pub(crate) use self::not_rust::SPAWNS;
pub(crate) use self::types::Types;

use self::splitter::Splitter;
use crate::language::diag::{Diag, message};

/// Returns the entries of a list.
pub(crate) fn entries(tokens: TokenStream, list: List, diag: &mut Diag) -> Vec<Entry> {
    let mut splitter = Splitter { tokens: tokens.into_iter().collect(), at: 0, list };
    let mut entries = Vec::new();
    // Every turn takes at least one token, so the loop ends. Tokens that are no entry share the
    // index of the entry behind them, whose mistakes are found later.
    while splitter.peek().is_some() {
        diag.enter(entries.len());
        entries.extend(splitter.entry(diag));
        diag.leave();
    }
    entries
}

impl Splitter {
    /// Takes the next entry with its comma. Returns `None` if the tokens are no entry, which is
    /// reported.
    fn entry(&mut self, diag: &mut Diag) -> Option<Entry> {
        // Each of the functions below knows one kind of mistake. One that does not find its mistake
        // takes no token and reports nothing.
        if self.comment(diag) {
            return None;
        }
        let mut attributes = self.attributes(diag);
        if self.list_of_children(diag)
            || self.quoted_name(diag)
            || self.macro_or_call(&attributes, diag)
        {
            return None;
        }
        if self.function(diag) || self.statement(diag) || self.value_without_a_key(diag) {
            return None;
        }
        if let Some((key, form)) = self.value_without_a_name(&attributes, diag) {
            return Some(Entry { attributes, key, form });
        }
        attributes.extend(self.word_in_front_of_a_name(diag));
        self.misspelt_key(diag);
        match self.peek() {
            Some(TokenTree::Ident(key)) => {
                let key = key.clone();
                self.at += 1;
                // The attributes stand in front of the key, but are read by a later stage. With the
                // largest index, mistakes behind the key are sorted behind those in the attributes.
                diag.enter(usize::MAX);
                let form = self.form(&key, diag);
                diag.leave();
                Some(Entry { attributes, key, form })
            }
            token => {
                self.not_an_entry(token, attributes.last(), diag);
                self.skip_entry();
                None
            }
        }
    }

    fn attributes(&mut self, diag: &mut Diag) -> Vec<Attribute> {
        let mut attributes = Vec::new();
        loop {
            attributes.extend(self.without_pound(diag));
            let Some(TokenTree::Punct(pound)) = self.peek() else { break };
            if pound.as_char() != '#' {
                break;
            }
            let pound = pound.clone();
            self.at += 1;
            let inner = matches!(self.peek(), Some(TokenTree::Punct(p)) if p.as_char() == '!');
            self.at += usize::from(inner);
            match self.peek() {
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => {
                    let attribute = Attribute::new(pound, group);
                    self.at += 1;
                    if inner {
                        let text = message("an inner attribute has no meaning here");
                        diag.error(attribute.place(), text.help("remove the `!`"));
                    }
                    attributes.push(attribute);
                }
                _ => attributes.extend(self.unbracketed(pound, diag)),
            }
        }
        attributes
    }
}
