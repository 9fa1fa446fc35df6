//! The cursor over a list, and the steps that all parts of the splitter share.

use proc_macro2::{Delimiter, Spacing, Span, TokenTree};

use super::entry::List;
use crate::language::diag::{Diag, message};
use crate::language::tokens::is_punct;

pub(super) struct Splitter {
    pub(super) tokens: Vec<TokenTree>,
    pub(super) at: usize,
    pub(super) list: List,
}

impl Splitter {
    pub(super) fn get(&self, index: usize) -> Option<&TokenTree> {
        self.tokens.get(index)
    }

    pub(super) fn peek(&self) -> Option<&TokenTree> {
        self.get(self.at)
    }

    /// Returns whether a `=` stands here, and not `==` or `=>`.
    pub(super) fn is_assign(&self, index: usize) -> bool {
        let Some(TokenTree::Punct(punct)) = self.get(index) else { return false };
        if punct.as_char() != '=' {
            return false;
        }
        // In `=|ctx|` and `=-1`, the `=` is joint as well, so the next token has to be looked at.
        punct.spacing() == Spacing::Alone
            || !matches!(self.get(index + 1), Some(TokenTree::Punct(p)) if matches!(p.as_char(), '=' | '>'))
    }

    pub(super) fn starts_attribute(&self, index: usize) -> bool {
        matches!(self.get(index), Some(token) if is_punct(token, '#'))
            && matches!(self.get(index + 1), Some(TokenTree::Group(g)) if g.delimiter() == Delimiter::Bracket)
    }

    /// Takes the comma behind an entry. A `;` in its place is reported.
    pub(super) fn separator(&mut self, diag: &mut Diag) {
        if let Some(token) = self.peek().filter(|token| is_punct(token, ';')) {
            let what = match self.list {
                List::Block | List::Body => "settings and children",
                List::Options => "options",
                List::Arguments => "arguments",
            };
            let help = format!("write a comma, which separates {what}");
            diag.error(token, message("expected `,`, found `;`").help(help));
        }
        self.at += 1;
    }

    /// Reports a missing comma behind an entry.
    pub(super) fn missing_comma(&self, at: Span, diag: &mut Diag) {
        let what = match self.list {
            List::Block | List::Body => "value",
            List::Options => "option",
            List::Arguments => "argument",
        };
        let text = message(format!("expected `,` after this {what}"));
        diag.error(at, text.help("write a comma behind it"));
    }
}
