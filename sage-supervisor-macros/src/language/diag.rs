//! The collector of mistakes.
//!
//! 1. A `Diag` travels through every stage and is consumed by the expansion. A mistake cannot be
//!    lost, and no stage has a reason to return early.
//! 2. Mistakes come out in the order of the source, whichever stage found them: `enter` and `leave`
//!    record the entry that is being examined.
//! 3. A message consists of a line that says what is wrong, of `help:` lines with the edit, and of
//!    `note:` lines with the rule.

use std::fmt::Display;

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::quote_spanned;

/// The place of a mistake: its first and its last token.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    first: Span,
    last: Span,
}

impl Place {
    pub(crate) fn between(first: impl Into<Self>, last: impl Into<Self>) -> Self {
        Self { first: first.into().first, last: last.into().last }
    }

    pub(crate) fn call_site() -> Self {
        Span::call_site().into()
    }

    pub(crate) fn first(self) -> Span {
        self.first
    }
}

impl From<Span> for Place {
    fn from(span: Span) -> Self {
        Self { first: span, last: span }
    }
}

impl From<&Ident> for Place {
    fn from(ident: &Ident) -> Self {
        ident.span().into()
    }
}

impl From<&Punct> for Place {
    fn from(punct: &Punct) -> Self {
        punct.span().into()
    }
}

impl From<&Literal> for Place {
    fn from(literal: &Literal) -> Self {
        literal.span().into()
    }
}

impl From<&TokenTree> for Place {
    fn from(token: &TokenTree) -> Self {
        token.span().into()
    }
}

impl From<&TokenStream> for Place {
    fn from(tokens: &TokenStream) -> Self {
        let mut spans = tokens.clone().into_iter().map(|token| token.span());
        // If there are no tokens, the best place is the whole macro.
        let first = spans.next().unwrap_or_else(Span::call_site);
        Self { first, last: spans.last().unwrap_or(first) }
    }
}

/// The text of a mistake: what is wrong, the edit that corrects it, and the rule behind it.
pub(crate) struct Message(String);

pub(crate) fn message(text: impl Into<String>) -> Message {
    Message(one_line(&text.into()))
}

/// Escapes control characters: a quoted literal may contain line breaks.
fn one_line(text: &str) -> String {
    let escape = |c: char| match c.is_control() {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    text.chars().map(escape).collect()
}

impl Message {
    /// Adds the edit that corrects the mistake.
    pub(crate) fn help(self, edit: impl Display) -> Self {
        Self(format!("{}\nhelp: {}", self.0, one_line(&edit.to_string())))
    }

    /// Adds the rule that is violated.
    pub(crate) fn note(self, rule: impl Display) -> Self {
        Self(format!("{}\nnote: {rule}", self.0))
    }
}

/// The mistakes found so far, each with the path of the entry it belongs to.
#[derive(Default)]
pub(crate) struct Diag {
    path: Vec<usize>,
    mistakes: Vec<(Vec<usize>, Place, String)>,
}

impl Diag {
    pub(crate) fn error(&mut self, at: impl Into<Place>, message: Message) {
        self.mistakes.push((self.path.clone(), at.into(), message.0));
    }

    /// Begins the entry with this index: the next mistakes belong to it, until `leave`.
    pub(crate) fn enter(&mut self, entry: usize) {
        self.path.push(entry);
    }

    /// Ends the entry that was entered last.
    pub(crate) fn leave(&mut self) {
        self.path.pop();
    }

    /// Returns whether no mistake was found in the current block or entry.
    pub(crate) fn is_clean_here(&self) -> bool {
        !self.mistakes.iter().any(|(path, ..)| path.starts_with(&self.path))
    }

    /// Returns the number of mistakes so far.
    pub(crate) fn count(&self) -> usize {
        self.mistakes.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.mistakes.is_empty()
    }

    /// Returns one `compile_error!` for each mistake, valid in the position of items and of
    /// statements.
    pub(crate) fn into_tokens(mut self) -> TokenStream {
        // The sort is stable: the mistakes of one entry stay in the order of the stages.
        self.mistakes.sort_by(|(a, ..), (b, ..)| a.cmp(b));
        self.mistakes.into_iter().flat_map(|(_, at, text)| compile_error(at, &text)).collect()
    }

    #[cfg(test)]
    pub(crate) fn into_texts(mut self) -> Vec<String> {
        self.mistakes.sort_by(|(a, ..), (b, ..)| a.cmp(b));
        self.mistakes.into_iter().map(|(.., text)| text).collect()
    }
}

/// Returns an invocation that the compiler underlines from the first token of the place to the
/// last. Stable Rust has no way to join two spans, so the path has the first span and the braces
/// have the last.
fn compile_error(at: Place, text: &str) -> TokenStream {
    let mut literal = Literal::string(text);
    literal.set_span(at.last);
    let mut body = Group::new(Delimiter::Brace, TokenTree::from(literal).into());
    body.set_span(at.last);
    let mut tokens = quote_spanned!(at.first=> ::core::compile_error);
    let mut bang = Punct::new('!', Spacing::Alone);
    bang.set_span(at.first);
    tokens.extend([TokenTree::from(bang), TokenTree::from(body)]);
    tokens
}
