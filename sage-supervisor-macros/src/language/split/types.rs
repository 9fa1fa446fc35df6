//! Generic arguments inside of a value: a comma between them does not end the value.

use proc_macro2::{Delimiter, Ident, TokenTree};

use crate::language::tokens::{can_end_expression, is_punct};

/// Follows a value token by token, and knows whether the next token stands inside of generic
/// arguments. A `<` opens arguments behind `::`, in a type, and where no expression is complete in
/// front of it; everywhere else it is a comparison.
#[derive(Default)]
pub(crate) struct Types {
    depth: usize,
    state: State,
    /// Set in a type that began with `dyn` or `impl`, where `+` continues a type.
    bounds: bool,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum State {
    /// The state outside of a type.
    #[default]
    Expression,
    /// The state behind `->` or `as`, or in the middle of a type: the name of a type has to follow.
    Start,
    /// The state behind the `'` of a lifetime in a type.
    Tick,
    /// The state behind a complete type, which `::`, `<` or a bound may continue.
    Complete,
}

impl Types {
    /// Returns whether the next token stands inside of generic arguments.
    pub(crate) fn inside(&self) -> bool {
        self.depth > 0
    }

    /// Takes the last token of `seen`; the others are the value in front of it.
    pub(crate) fn see(&mut self, seen: &[TokenTree]) {
        let [before @ .., token] = seen else { return };
        let follows = |c| before.last().is_some_and(|last| is_punct(last, c));
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '<' => {
                let opens = self.inside() || self.state != State::Expression;
                self.depth += usize::from(opens || starts_path(before.last()));
            }
            TokenTree::Punct(punct) if punct.as_char() == '>' && follows('-') => {
                // The arrow of `dyn Fn(A) -> B` continues a type that is complete, and a `+` may
                // still follow. The arrow of a closure begins a new type.
                if !self.inside() {
                    self.bounds &= self.state == State::Complete;
                    self.state = State::Start;
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == '>' && !follows('=') => {
                // A `>` outside of arguments is a comparison, for which the depth stays 0.
                let closes = self.depth == 1;
                self.depth = self.depth.saturating_sub(1);
                self.state = if closes { State::Complete } else { self.state };
            }
            // Within arguments everything belongs to a type, so only the brackets count.
            _ if self.inside() => {}
            TokenTree::Ident(word) if word == "as" => {
                (self.state, self.bounds) = (State::Start, false);
            }
            _ => self.state = self.next(token),
        }
    }

    /// Returns the state behind the token. The first token that cannot continue a type ends it.
    fn next(&mut self, token: &TokenTree) -> State {
        match (self.state, token) {
            (State::Start, TokenTree::Ident(word)) if is_prefix(word) => {
                self.bounds |= word == "dyn" || word == "impl";
                State::Start
            }
            (State::Start, TokenTree::Ident(_)) => State::Complete,
            (State::Tick, TokenTree::Ident(_)) => State::Start,
            (State::Start | State::Complete, TokenTree::Group(group))
                if group.delimiter() != Delimiter::Brace =>
            {
                State::Complete
            }
            (State::Start, TokenTree::Punct(punct)) => match punct.as_char() {
                '&' | '*' | ':' | '!' => State::Start,
                '\'' => State::Tick,
                _ => State::Expression,
            },
            (State::Complete, TokenTree::Punct(punct)) => match punct.as_char() {
                ':' => State::Start,
                '+' if self.bounds => State::Start,
                // This is the first half of `->`, as in `dyn Fn(A) -> B`.
                '-' if self.bounds => State::Complete,
                _ => State::Expression,
            },
            _ => State::Expression,
        }
    }
}

/// Returns whether the word may stand in front of the name of a type.
fn is_prefix(word: &Ident) -> bool {
    ["dyn", "impl", "mut", "const", "unsafe", "extern", "for"].iter().any(|known| word == known)
}

/// Returns whether a `<` behind the token starts `<A as B>::c` or `::<A>`.
fn starts_path(before: Option<&TokenTree>) -> bool {
    before.is_none_or(|token| {
        // Behind another `<`, this is the second half of the shift `<<`.
        !can_end_expression(token) && !is_punct(token, '<') && !is_punct(token, '>')
    })
}
