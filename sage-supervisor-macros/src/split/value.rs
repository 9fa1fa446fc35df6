//! The end of a value.
//!
//! Outside of a closure head and of generic arguments, a comma at the top level of a value ends it.
//! Neither `value #[..]` nor `value name =` occurs inside a Rust expression, so a missing comma is
//! found exactly where it should have been, and the entry behind it is still understood.

use proc_macro2::{Delimiter, Ident, Spacing, Span, TokenStream, TokenTree};

use super::{List, Splitter, is_punct};
use crate::diag::Diag;

impl Splitter {
    /// Everything up to the end of the entry, with the comma behind it.
    pub(super) fn value(&mut self, diag: &mut Diag) -> TokenStream {
        let start = self.at;
        let mut types = Types::default();
        while let Some(token) = self.peek() {
            if self.starts_attribute(self.at) || (!types.inside() && self.starts_entry(start)) {
                if let Some(last) = self.tokens[start..self.at].last() {
                    self.missing_comma(end_of(last), diag);
                }
                return self.tokens[start..self.at].iter().cloned().collect();
            }
            if is_punct(token, ',') && (!types.inside() || self.starts_attribute(self.at + 1)) {
                let value = self.tokens[start..self.at].iter().cloned().collect();
                self.at += 1;
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

    /// `=`, and neither `==` nor `=>`.
    pub(super) fn is_assign(&self, index: usize) -> bool {
        let Some(TokenTree::Punct(punct)) = self.get(index) else { return false };
        if punct.as_char() != '=' {
            return false;
        }
        punct.spacing() == Spacing::Alone
            || !matches!(self.get(index + 1), Some(TokenTree::Punct(p)) if matches!(p.as_char(), '=' | '>'))
    }

    pub(super) fn starts_attribute(&self, index: usize) -> bool {
        matches!(self.get(index), Some(token) if is_punct(token, '#'))
            && matches!(self.get(index + 1), Some(TokenTree::Group(g)) if g.delimiter() == Delimiter::Bracket)
    }

    /// A name in a place where no expression has one, because the token before it completes a value.
    fn starts_entry(&self, start: usize) -> bool {
        let Some(TokenTree::Ident(name)) = self.peek() else { return false };
        if self.at == start || is_keyword(name) || !completes(&self.tokens[self.at - 1]) {
            return false;
        }
        let options = self.list == List::Options;
        match self.get(self.at + 1) {
            None => options,
            Some(TokenTree::Group(group)) => options && group.delimiter() == Delimiter::Parenthesis,
            Some(token) => self.is_assign(self.at + 1) || (options && is_punct(token, ',')),
        }
    }

    /// The number of tokens of the closure head `|..|` that starts here.
    fn closure_head(&self, start: usize) -> usize {
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
        let end = rest
            .iter()
            .position(|token| is_punct(token, '|') || is_punct(token, '=') || is_punct(token, '#'));
        match end {
            Some(end) if is_punct(&rest[end], '|') => end + 2,
            _ => 0,
        }
    }
}

/// Whether the scanner is between the angle brackets of a type, where a comma separates arguments.
#[derive(Default)]
struct Types {
    depth: usize,
    /// Behind `->` or `as`.
    expected: bool,
}

impl Types {
    fn inside(&self) -> bool {
        self.depth > 0
    }

    /// `seen` ends with the token to look at.
    fn see(&mut self, seen: &[TokenTree]) {
        let [before @ .., token] = seen else { return };
        let follows = |c| before.last().is_some_and(|last| is_punct(last, c));
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '<' => {
                let opens = self.inside() || self.expected || before.is_empty() || follows(':');
                self.depth += usize::from(opens);
            }
            TokenTree::Punct(punct) if punct.as_char() == '>' && follows('-') => {
                self.expected = true;
            }
            TokenTree::Punct(punct) if punct.as_char() == '>' && !follows('=') => {
                self.depth = self.depth.saturating_sub(1);
            }
            TokenTree::Ident(word) if word == "as" => self.expected = true,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && !self.inside() => {
                self.expected = false;
            }
            _ => {}
        }
    }
}

/// Whether an expression can end with this token.
fn completes(token: &TokenTree) -> bool {
    match token {
        TokenTree::Punct(punct) => punct.as_char() == '?',
        TokenTree::Ident(word) => !is_keyword(word) || word == "self" || word == "await",
        TokenTree::Group(_) | TokenTree::Literal(_) => true,
    }
}

fn is_keyword(word: &Ident) -> bool {
    const KEYWORDS: [&str; 28] = [
        "as", "async", "await", "box", "break", "const", "continue", "do", "dyn", "else", "fn",
        "for", "if", "impl", "in", "let", "loop", "match", "move", "mut", "ref", "return", "self",
        "static", "unsafe", "where", "while", "yield",
    ];
    KEYWORDS.iter().any(|keyword| word == keyword)
}

/// Where a comma behind this token would be missing.
fn end_of(token: &TokenTree) -> Span {
    match token {
        TokenTree::Group(group) => group.span_close(),
        other => other.span(),
    }
}
