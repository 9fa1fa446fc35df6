//! Tokens to entries, recovering after every mistake. The only place that knows commas.
//!
//! A value is never parsed, see `value`.

mod attribute;
mod form;
mod function;
mod key;
mod mark;
mod nameless;
mod statement;
mod stray;
mod types;
mod value;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

pub(crate) use self::attribute::Attribute;
pub(crate) use self::types::Types;

use crate::language::diag::{Diag, message};
use crate::language::tokens::is_punct;

/// `key`, `key = value` or `key(..)`, with the attributes in front of it.
pub(crate) struct Entry {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) key: Ident,
    pub(crate) form: Form,
}

pub(crate) enum Form {
    Bare,
    Assign(TokenStream),
    List(Group),
    /// Not understood, and reported.
    Wrong,
}

/// Which list is being split.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum List {
    /// Of `supervisor! { .. }` as an expression.
    Block,
    /// Of a named tree.
    Body,
    /// Of a child.
    Options,
    /// Of an option.
    Arguments,
}

impl List {
    /// Whether it is made of settings and children.
    pub(crate) fn is_block(self) -> bool {
        matches!(self, Self::Block | Self::Body)
    }
}

pub(crate) fn entries(tokens: TokenStream, list: List, diag: &mut Diag) -> Vec<Entry> {
    let mut splitter = Splitter { tokens: tokens.into_iter().collect(), at: 0, list };
    let mut entries = Vec::new();
    while splitter.peek().is_some() {
        diag.enter(entries.len());
        entries.extend(splitter.entry(diag));
        diag.leave();
    }
    entries
}

/// The pieces of a plain list, such as the names in `clone(a, b)`.
pub(crate) fn items(list: &Group) -> Vec<Vec<TokenTree>> {
    let tokens = list.stream().into_iter().collect::<Vec<_>>();
    tokens.split(|token| is_punct(token, ',')).map(<[TokenTree]>::to_vec).collect()
}

struct Splitter {
    tokens: Vec<TokenTree>,
    at: usize,
    list: List,
}

impl Splitter {
    fn get(&self, index: usize) -> Option<&TokenTree> {
        self.tokens.get(index)
    }

    fn peek(&self) -> Option<&TokenTree> {
        self.get(self.at)
    }

    fn entry(&mut self, diag: &mut Diag) -> Option<Entry> {
        let mut attributes = self.attributes(diag);
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
                // What is wrong behind the key comes after what is wrong in its attributes.
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

    fn missing_comma(&self, at: Span, diag: &mut Diag) {
        let what = match self.list {
            List::Block | List::Body => "value",
            List::Options => "option",
            List::Arguments => "argument",
        };
        let text = message(format!("expected `,` after this {what}"));
        diag.error(at, text.help("write a comma behind it"));
    }

    /// Up to where the value of the entry would end.
    fn skip_entry(&mut self) {
        let _ = self.value(&mut Diag::default());
    }
}
