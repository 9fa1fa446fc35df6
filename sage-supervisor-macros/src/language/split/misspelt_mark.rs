//! Other spellings of `#[child]`: `child worker = start`, `#(child)` or `[child]`.

use std::slice::from_ref;

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, TokenTree};

use super::attribute::Attribute;
use super::form::LISTS;
use super::splitter::Splitter;
use crate::language::diag::{Diag, message};
use crate::language::text::text;
use crate::language::tokens::{is_list, is_punct};
use crate::language::words;

impl Splitter {
    /// Reports and skips a word in front of a name. If the word means a child, it becomes the mark
    /// of the entry.
    pub(super) fn word_in_front_of_a_name(&mut self, diag: &mut Diag) -> Option<Attribute> {
        let (Some(TokenTree::Ident(word)), Some(TokenTree::Ident(name))) =
            (self.peek(), self.get(self.at + 1))
        else {
            return None;
        };
        let is_colon = |at: usize| self.get(at).is_some_and(|token| is_punct(token, ':'));
        let colon = is_colon(self.at + 2) && !is_colon(self.at + 3);
        // `backoff initial = ..` lacks its parentheses, which `form` reports.
        let takes_list = LISTS.iter().any(|list| word == list);
        if takes_list || !self.list.is_block() || !(colon || self.is_assign(self.at + 2)) {
            return None;
        }
        let marks = words::is_mark(&word.to_string());
        let text = if marks {
            message(format!("`{word}` is not written in front of a name"))
                .help(format!("mark the child with an attribute: `#[child] {name} = ..`"))
        } else {
            message(format!("expected `=` after `{word}`, found `{name}`"))
                .help(format!("remove one of the two: `{name} = ..`"))
        };
        diag.error(word, text);
        let mark = mark(word);
        self.at += 1;
        marks.then_some(mark)
    }

    /// Reports a `[child]` without its `#`, and returns the attribute.
    pub(super) fn without_pound(&mut self, diag: &mut Diag) -> Option<Attribute> {
        let Some(TokenTree::Group(group)) = self.peek() else { return None };
        let first = group.stream().into_iter().next();
        let marks =
            matches!(first, Some(TokenTree::Ident(word)) if words::is_mark(&word.to_string()));
        // The names of several children stand for no attribute.
        let is_list = group.stream().into_iter().any(|token| is_punct(&token, ','));
        if !self.list.is_block() || group.delimiter() != Delimiter::Bracket || !marks || is_list {
            return None;
        }
        let text = message("expected `#` in front of `[`").help("write `#[child]`");
        diag.error(group.span_open(), text);
        let mut pound = Punct::new('#', Spacing::Alone);
        pound.set_span(group.span_open());
        let attribute = Attribute::new(pound, group);
        self.at += 1;
        Some(attribute)
    }

    /// Reports `#(child)`, `#{child}` or `#child`, and returns the attribute.
    pub(super) fn unbracketed(&mut self, pound: Punct, diag: &mut Diag) -> Option<Attribute> {
        let text = message("expected `[` after `#`");
        let (content, length) = match (self.peek(), self.get(self.at + 1)) {
            (Some(TokenTree::Group(group)), _) => {
                diag.error(group.span_open(), text.help("write `#[..]`"));
                (group.stream(), 1)
            }
            (Some(TokenTree::Ident(word)), arguments) => {
                let arguments = arguments.filter(|token| is_list(token));
                let list = arguments.map_or_else(String::new, |list| self::text(from_ref(list)));
                diag.error(&pound, text.help(format!("write `#[{word}{list}]`")));
                let content = [Some(TokenTree::from(word.clone())), arguments.cloned()];
                (content.into_iter().flatten().collect(), 1 + usize::from(arguments.is_some()))
            }
            _ => {
                diag.error(&pound, text);
                return None;
            }
        };
        self.at += length;
        let mut group = Group::new(Delimiter::Bracket, content);
        group.set_span(self.tokens[self.at - 1].span());
        Some(Attribute::new(pound, &group))
    }
}

/// Returns a `#[child]` at the place of the word.
fn mark(word: &Ident) -> Attribute {
    let mut pound = Punct::new('#', Spacing::Alone);
    pound.set_span(word.span());
    let child = TokenTree::from(Ident::new("child", word.span()));
    let mut group = Group::new(Delimiter::Bracket, child.into());
    group.set_span(word.span());
    Attribute::new(pound, &group)
}
