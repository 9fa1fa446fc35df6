//! The end of a value, which is found without parsing the value.
//!
//! 1. Outside of the head of a closure and of generic arguments, a comma at the top level of a
//!    value ends it.
//! 2. Neither `value #[..]` nor `value name =` occurs inside of a Rust expression. A missing comma
//!    is therefore noticed exactly where it belongs, and the entry behind it is still understood.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

use super::splitter::Splitter;
use super::types::Types;
use crate::language::diag::Diag;
use crate::language::tokens::{can_end_expression, is_keyword, is_punct};

impl Splitter {
    /// Takes the value, and the comma behind it.
    pub(super) fn value(&mut self, diag: &mut Diag) -> TokenStream {
        let start = self.at;
        let mut types = Types::default();
        while let Some(token) = self.peek() {
            // Tokens that look like generic arguments may be two comparisons. An attribute decides it,
            // because none occurs in generic arguments.
            if self.starts_attribute(self.at) || (!types.inside() && self.starts_entry(start)) {
                if let Some(last) = self.tokens[start..self.at].last() {
                    self.missing_comma(end_of(last), diag);
                }
                return self.tokens[start..self.at].iter().cloned().collect();
            }
            let comma =
                is_punct(token, ',') && (!types.inside() || self.starts_attribute(self.at + 1));
            // A semicolon ends a value even inside of what look like generic arguments.
            if comma || is_punct(token, ';') {
                let value = self.tokens[start..self.at].iter().cloned().collect();
                self.separator(diag);
                return value;
            }
            let head = self.closure_head(start);
            if head == 0 {
                types.see(&self.tokens[start..=self.at]);
                self.at += 1;
            } else {
                self.at += head;
            }
        }
        self.tokens[start..].iter().cloned().collect()
    }

    /// Skips the rest of the entry without reporting its mistakes.
    pub(super) fn skip_entry(&mut self) {
        let _ = self.value(&mut Diag::default());
    }

    /// Returns whether the next token begins another entry: it is a name behind a token that
    /// completes a value, where no expression has a name.
    fn starts_entry(&self, start: usize) -> bool {
        let Some(TokenTree::Ident(name)) = self.peek() else { return false };
        if self.at == start || is_keyword(name) || !can_end_expression(&self.tokens[self.at - 1]) {
            return false;
        }
        // In `5 s`, the name is a unit. The reader of the value reports it and suggests `"5s"`.
        let unit = ["s", "ms", "m", "h"].iter().any(|unit| name == unit);
        if unit && matches!(self.tokens[self.at - 1], TokenTree::Literal(_)) {
            return false;
        }
        // Among options, a name alone and a name with a list are entries too. In a block, only a
        // name with a `=` is certainly one.
        let options = !self.list.is_block();
        match self.get(self.at + 1) {
            None => options,
            Some(TokenTree::Group(group)) => options && group.delimiter() == Delimiter::Parenthesis,
            Some(token) => self.is_assign(self.at + 1) || (options && is_punct(token, ',')),
        }
    }

    /// Returns the number of tokens of the closure head `|..|` that starts here, or 0.
    fn closure_head(&self, start: usize) -> usize {
        // Behind an operand, a bar is an operator. The bars of a closure stand at the start of a
        // value, behind a keyword such as `move`, or behind another operator.
        let prefix = self.at == start
            || match &self.tokens[self.at - 1] {
                TokenTree::Ident(word) => is_keyword(word),
                TokenTree::Punct(punct) => punct.as_char() != '?',
                _ => false,
            };
        if !prefix || !self.peek().is_some_and(|token| is_punct(token, '|')) {
            return 0;
        }
        let rest = &self.tokens[self.at + 1..];
        // The second half of the operator `||` looks like the start of a head. The search for its
        // end therefore stops at a `=` and at an attribute, which belong to the next entry. A type
        // such as `Iterator<Item = A>` in the head stops it as well, which only matters for a
        // closure with several arguments.
        let ends = |at: usize| {
            is_punct(&rest[at], '|')
                || is_punct(&rest[at], '=')
                || (is_punct(&rest[at], '#') && !self.starts_parameter(self.at + 1 + at))
        };
        match (0..rest.len()).find(|at| ends(*at)) {
            Some(end) if is_punct(&rest[end], '|') => end + 2,
            _ => 0,
        }
    }

    /// Returns whether an attribute here belongs to a parameter of a closure.
    fn starts_parameter(&self, index: usize) -> bool {
        let before = &self.tokens[index - 1];
        self.starts_attribute(index)
            && (is_punct(before, '|')
                || is_punct(before, ',')
                || matches!(before, TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket))
    }
}

/// Returns the place of a missing comma behind the token.
fn end_of(token: &TokenTree) -> Span {
    match token {
        TokenTree::Group(group) => group.span_close(),
        other => other.span(),
    }
}
