//! The outcomes of a body, and what they say about its error type.

use proc_macro2::{Span, TokenTree};

use super::block::{
    behind_attributes, block_like, body, configured, ends_with_unit, expression, tail, value_of,
};
use super::conversion::{Conversion, Path, conversion, conversion_of_error};
use super::walk::{Exit, Target, assignments, async_blocks, breaks, exits};
use crate::language::tokens::{flatten, is_block, is_list, is_punct, is_word};

/// The outcomes that were found so far.
#[derive(Default)]
pub(super) struct Outcomes {
    /// Set by a `?`, which converts into any error type.
    question: bool,
    /// Set by an outcome that fits any error type, such as `Ok(..)` and `Err(error.into())`.
    open: bool,
    /// Set by an outcome with an error type of its own.
    fixed: bool,
    /// Set if the body certainly ends with `()`. Then no error type helps, and the compiler reports
    /// each `?`.
    unit: bool,
    /// The first `Ok` whose value is not `()`.
    pub(super) value: Option<Span>,
}

impl Outcomes {
    /// Returns whether nothing in the body fixes the error type, although something needs it.
    pub(super) fn leave_open(&self) -> bool {
        (self.question && !self.unit || self.open) && !self.fixed
    }

    /// Examines the body of a future.
    pub(super) fn of_body(body: &[TokenTree]) -> Self {
        let mut outcomes = Self::default();
        outcomes.body(body);
        outcomes
    }

    /// Examines the body of a closure that returns a future.
    pub(super) fn of_future(body: &[TokenTree]) -> Self {
        let mut outcomes = Self::default();
        outcomes.future(body, &[]);
        outcomes
    }

    fn body(&mut self, body: &[TokenTree]) {
        exits(body, &mut |exit| match exit {
            Exit::Question => self.question = true,
            Exit::Return { value, block } => self.examine(value, block),
            Exit::Macro => self.fixed = true,
        });
        if let [TokenTree::Group(group)] = body {
            self.unit = is_block(&body[0]) && ends_with_unit(&flatten(group.stream()));
        }
        self.examine(body, &[]);
    }

    /// Examines an expression that is a future: an `async` block, or a variable that holds one.
    fn future(&mut self, expression: &[TokenTree], scope: &[TokenTree]) {
        match expression {
            [TokenTree::Group(block)] if is_block(&expression[0]) => {
                let block = flatten(block.stream());
                self.future(tail(&block), &block);
            }
            [name @ TokenTree::Ident(_)] => {
                // The scope of the value is empty, so variables are followed for one step only.
                // With the scope, `let a = a;` would be followed forever.
                if let Some(value) = value_of(name, scope) {
                    self.future(value, &[]);
                }
            }
            _ => {
                // The future may be wrapped, as in `Box::pin(async { .. })` and
                // `async { .. }.instrument(span)`. A wrapper that changes the output is not
                // recognised; with a body that leaves its error type open, the compiler then
                // reports the output.
                for body in async_blocks(expression) {
                    self.body(&[body]);
                }
            }
        }
    }

    /// Examines an outcome. `scope` is the block that it stands in, where its variables are looked
    /// up.
    fn examine(&mut self, outcome: &[TokenTree], scope: &[TokenTree]) {
        let outcome = behind_attributes(outcome);
        if !outcome.is_empty() && block_like(outcome) == outcome.len() {
            return self.branches(outcome);
        }
        match outcome {
            [] => {}
            [TokenTree::Group(group)] if is_list(&outcome[0]) => {
                self.examine(&flatten(group.stream()), &[]);
            }
            // Such an expression has no value here. The values of `return` and `break` are found by
            // `exits` and `breaks`.
            [TokenTree::Ident(word), ..] if DIVERGES.iter().any(|known| word == known) => {}
            [TokenTree::Ident(word), .., dot, last]
                if word == "async" && is_punct(dot, '.') && is_word(last, "await") =>
            {
                self.future(&outcome[..outcome.len() - 2], &[]);
            }
            [name @ TokenTree::Ident(_)] => match value_of(name, scope) {
                Some(value) => {
                    self.examine(value, &[]);
                    assignments(name, scope, &mut |value| self.examine(value, &[]));
                }
                None => self.fixed = true,
            },
            _ => self.value(outcome),
        }
    }

    /// Examines the branches of an `if`, a `match`, a loop or a block.
    fn branches(&mut self, mut outcome: &[TokenTree]) {
        let mut label = None;
        if let [tick, name, _, rest @ ..] = outcome {
            if is_punct(tick, '\'') {
                (label, outcome) = (Some(name), rest);
            }
        }
        let [first, rest @ ..] = outcome else { return };
        match (first, outcome.last()) {
            (TokenTree::Ident(word), _) if word == "if" => {
                let Some(at) = body(outcome) else { return };
                self.block(&outcome[at]);
                // An `if` without `else` has the value `()`, which is no outcome.
                if let [_, rest @ ..] = &outcome[at + 1..] {
                    self.branches(rest);
                }
            }
            (TokenTree::Ident(word), Some(TokenTree::Group(arms))) if word == "match" => {
                self.arms(&flatten(arms.stream()));
            }
            (TokenTree::Ident(word), Some(TokenTree::Group(body))) if word == "loop" => {
                self.breaks(&flatten(body.stream()), Target { label, is_loop: true });
            }
            // These loops have the value `()`. A `break` in them has none.
            (TokenTree::Ident(word), _) if word == "while" || word == "for" => {}
            _ => {
                let block = rest.last().unwrap_or(first);
                self.block(block);
                if label.is_some() {
                    self.breaks(std::slice::from_ref(block), Target { label, is_loop: false });
                }
            }
        }
    }

    fn breaks(&mut self, tokens: &[TokenTree], target: Target<'_>) {
        breaks(tokens, target, &mut |value, block| self.examine(value, block));
    }

    fn block(&mut self, block: &TokenTree) {
        if let TokenTree::Group(group) = block {
            let block = flatten(group.stream());
            self.examine(tail(&block), &block);
            for other in configured(&block) {
                self.examine(other, &block);
            }
        }
    }

    /// Examines the arms of a `match` or a `select!`.
    fn arms(&mut self, mut arms: &[TokenTree]) {
        // Arms are found by their arrows, because a pattern, a guard and the `name = future` of a
        // `select!` say nothing about the outcome. An arrow within the value of an arm is hidden in
        // braces.
        while let Some(arrow) = arms.windows(2).position(is_arrow) {
            let rest = &arms[arrow + 2..];
            let length = match block_like(rest) {
                // An arm that has no braces ends at a comma. Behind braces there may be no comma,
                // unless a method or a `?` continues the expression.
                0 => expression(rest),
                length => match rest.get(length) {
                    Some(next) if is_punct(next, '.') || is_punct(next, '?') => expression(rest),
                    _ => length,
                },
            };
            self.examine(&rest[..length], &[]);
            arms = &rest[length..];
        }
    }

    /// Examines an expression without branches.
    fn value(&mut self, value: &[TokenTree]) {
        let path = Path::read(value);
        match (path.last().as_str(), path.rest) {
            ("select", [bang, TokenTree::Group(arms)]) if is_punct(bang, '!') => {
                self.arms(&flatten(arms.stream()));
            }
            (name, [bang, ..]) if is_punct(bang, '!') && PANICS.contains(&name) => {}
            // Whatever its path is, a function of this name is taken for one that never returns.
            ("exit" | "abort", [list]) if is_list(list) => {}
            ("pending", [TokenTree::Group(list), dot, last])
                if is_list(&path.rest[0]) && is_punct(dot, '.') && is_word(last, "await") =>
            {
                // The `pending` of `std` has a free type parameter and fits every error type. Any
                // other function of that name has a type of its own.
                let is_std = path.is_below("future") && list.stream().is_empty();
                self.add(is_std && path.leaves_type_open());
            }
            ("Ok", [list]) if is_list(list) => {
                let open = path.is_outcome() && path.leaves_type_open();
                if open && has_type(list) && self.value.is_none() {
                    self.value = value.first().map(TokenTree::span);
                }
                self.add(open);
            }
            ("Err", [TokenTree::Group(error)]) => {
                let open = path.is_outcome() && path.leaves_type_open();
                self.add(open && is_open(&conversion_of_error(&flatten(error.stream()))));
            }
            // With the `?`, the expression returns here, or its value has the required type.
            ("Ok" | "Err", [list, question]) if is_list(list) && is_punct(question, '?') => {}
            _ => self.add(is_open(&conversion(value))),
        }
    }

    /// Records an outcome that fits any error type, or that fixes it.
    fn add(&mut self, open: bool) {
        self.open |= open;
        self.fixed |= !open;
    }
}

/// Returns whether the conversion leaves the error type open.
fn is_open(conversion: &Conversion) -> bool {
    match conversion {
        Conversion::No => false,
        Conversion::Yes => true,
        Conversion::Outcome(outcome) => Outcomes::of_body(outcome).leave_open(),
    }
}

/// Returns whether the value in an `Ok(..)` is not `()` and probably has a type that needs no
/// context.
///
/// Such a value selects a constructor that is generic over the type of the value and accepts `()`.
/// A variable of type `()` may therefore be taken for a value. An expression whose type follows
/// from its context may not, because nothing would determine the type.
fn has_type(list: &TokenTree) -> bool {
    let TokenTree::Group(list) = list else { return false };
    match flatten(list.stream()).as_slice() {
        [unit @ TokenTree::Group(group)] => !(is_list(unit) && group.stream().is_empty()),
        [.., question] if is_punct(question, '?') => false,
        [.., word, call] => !(is_list(call) && is_word(word, "default")),
        _ => true,
    }
}

const DIVERGES: [&str; 3] = ["return", "break", "continue"];
const PANICS: [&str; 4] = ["panic", "unreachable", "todo", "unimplemented"];

fn is_arrow(pair: &[TokenTree]) -> bool {
    matches!(pair, [equals, arrow] if is_punct(equals, '=') && is_punct(arrow, '>'))
}
