//! Tokens to entries, recovering after every mistake. The only place that knows commas.
//!
//! A value is never parsed, see `value`.

mod attribute;
mod key;
mod statement;
mod types;
mod value;

use proc_macro2::{Delimiter, Group, Ident, Spacing, Span, TokenStream, TokenTree};

pub(crate) use self::attribute::Attribute;
pub(crate) use self::types::Types;

use crate::language::diag::{Diag, message};
use crate::language::tokens::{describe, is_punct};

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
    Block,
    Options,
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
        let attributes = self.attributes(diag);
        if self.statement(diag) {
            return None;
        }
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

    fn not_an_entry(
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
            diag.error(token, text);
        }
    }

    fn expected(&self) -> &'static str {
        match self.list {
            List::Block => "a setting `key = value` or a child `#[child] name = start`",
            List::Options => "an option `key = value`",
        }
    }

    fn attributes(&mut self, diag: &mut Diag) -> Vec<Attribute> {
        let mut attributes = Vec::new();
        while let Some(TokenTree::Punct(pound)) = self.peek() {
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
                _ => diag.error(&pound, message("expected `[..]` after `#`")),
            }
        }
        attributes
    }

    /// What follows a key, with the comma behind it.
    fn form(&mut self, key: &Ident, diag: &mut Diag) -> Form {
        let found = self.peek().cloned();
        match found {
            None => Form::Bare,
            Some(TokenTree::Punct(punct)) if punct.as_char() == ',' => {
                self.at += 1;
                Form::Bare
            }
            Some(TokenTree::Punct(_)) if self.is_assign(self.at) => {
                self.at += 1;
                Form::Assign(self.value(diag))
            }
            Some(TokenTree::Punct(punct))
                if punct.as_char() == ':' && punct.spacing() == Spacing::Alone =>
            {
                let text = message(format!("expected `=` after `{key}`, found `:`"));
                diag.error(&punct, text.help("the list is made of `name = value`"));
                self.at += 1;
                Form::Assign(self.value(diag))
            }
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {
                self.at += 1;
                self.end_of_list(&group, diag);
                Form::List(group)
            }
            Some(TokenTree::Punct(punct)) if punct.as_char() == '#' => {
                self.missing_comma(key.span(), diag);
                Form::Bare
            }
            Some(token) => {
                let text =
                    message(format!("expected `=` after `{key}`, found {}", describe(&token)));
                diag.error(&token, text);
                self.skip_entry();
                Form::Wrong
            }
        }
    }

    fn end_of_list(&mut self, group: &Group, diag: &mut Diag) {
        match self.peek() {
            None => {}
            Some(token) if is_punct(token, ',') => self.at += 1,
            Some(TokenTree::Ident(_)) => self.missing_comma(group.span_close(), diag),
            Some(token) if is_punct(token, '#') => self.missing_comma(group.span_close(), diag),
            Some(token) => {
                diag.error(token, message(format!("expected `,`, found {}", describe(token))));
                self.skip_entry();
            }
        }
    }

    fn missing_comma(&self, at: Span, diag: &mut Diag) {
        let what = if self.list == List::Block { "value" } else { "option" };
        diag.error(at, message(format!("expected `,` after this {what}")));
    }

    fn skip_entry(&mut self) {
        while let Some(token) = self.peek() {
            if self.starts_attribute(self.at) {
                return;
            }
            let comma = is_punct(token, ',');
            self.at += 1;
            if comma {
                return;
            }
        }
    }
}
