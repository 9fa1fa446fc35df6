//! The collector of mistakes.
//!
//! 1. A `Diag` travels through every stage and is consumed by the expansion. A mistake cannot be
//!    lost, and no stage has a reason to return early.
//! 2. Mistakes come out in the order of the source, whichever stage found them: `enter` and `leave`
//!    record the entry that is being examined.
//! 3. A mistake in the form of an entry is told once: it counts only if nothing else is wrong with the
//!    entry, and only the first of several. The start of such an entry does not reach the compiler.
//! 4. A message consists of a line that says what is wrong, of `help:` lines with the edit, and of
//!    `note:` lines with the rule.

use std::collections::HashMap;
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

/// The mistakes found so far.
#[derive(Default)]
pub(crate) struct Diag {
    path: Vec<usize>,
    mistakes: Vec<Mistake>,
}

struct Mistake {
    /// The path of the entry that the mistake belongs to.
    path: Vec<usize>,
    at: Place,
    text: String,
    /// `true` if the tokens have the wrong form, so that their meaning is a guess.
    is_of_form: bool,
}

impl Mistake {
    /// Returns the path of the entry. The tokens behind a key have a path of their own, which only
    /// matters for the order.
    fn entry(&self) -> &[usize] {
        self.path.strip_suffix(&[usize::MAX]).unwrap_or(&self.path)
    }
}

impl Diag {
    pub(crate) fn error(&mut self, at: impl Into<Place>, message: Message) {
        self.push(at.into(), message, false);
    }

    /// Reports that the entry has a wrong form, and that what it means is a guess.
    pub(crate) fn misformed(&mut self, at: impl Into<Place>, message: Message) {
        self.push(at.into(), message, true);
    }

    fn push(&mut self, at: Place, message: Message, is_of_form: bool) {
        self.mistakes.push(Mistake { path: self.path.clone(), at, text: message.0, is_of_form });
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
        !self.mistakes.iter().any(|mistake| mistake.path.starts_with(&self.path))
    }

    /// Returns whether the current entry has a wrong form.
    pub(crate) fn is_misformed_here(&self) -> bool {
        self.mistakes.iter().any(|mistake| mistake.is_of_form && mistake.entry() == self.path)
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
    pub(crate) fn into_tokens(self) -> TokenStream {
        let compile_error = |mistake: Mistake| compile_error(mistake.at, &mistake.text);
        self.in_order().into_iter().flat_map(compile_error).collect()
    }

    #[cfg(test)]
    pub(crate) fn into_texts(self) -> Vec<String> {
        self.in_order().into_iter().map(|mistake| mistake.text).collect()
    }

    /// Returns the mistakes in the order of the source.
    fn in_order(mut self) -> Vec<Mistake> {
        // The sort is stable: the mistakes of one entry stay in the order of the stages.
        self.mistakes.sort_by(|a, b| a.path.cmp(&b.path));
        // For each entry, the index of its only mistake in form that is told; `None` if none is.
        let mut told = HashMap::new();
        for (index, mistake) in self.mistakes.iter().enumerate() {
            let first = told.entry(mistake.entry().to_vec()).or_insert(Some(index));
            if !mistake.is_of_form {
                *first = None;
            }
        }
        let mut index = 0..;
        self.mistakes.retain(|mistake| {
            let index = index.next();
            !mistake.is_of_form || told.get(mistake.entry()).is_some_and(|first| *first == index)
        });
        self.mistakes
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
