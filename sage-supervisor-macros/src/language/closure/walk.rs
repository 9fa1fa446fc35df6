//! The walk through the tokens of a body, which leaves out inner closures, `async` blocks and
//! functions.

use proc_macro2::TokenTree;

use super::block::{binding, expression, is_assign};
use super::head::{behind_bar, prefix_length};
use crate::language::tokens::{can_end_expression, flatten, is_block, is_punct, is_word};

/// A place where a body may end in front of its last expression.
pub(super) enum Exit<'a> {
    /// A `?`.
    Question,
    /// `return value`, and the block that it stands in.
    Return { value: &'a [TokenTree], block: &'a [TokenTree] },
    /// A macro such as `bail!`, which returns an error of a type of its own.
    Macro,
}

/// Finds every exit of a body.
pub(super) fn exits(tokens: &[TokenTree], found: &mut dyn FnMut(Exit<'_>)) {
    each_own_token(tokens, &mut |at| match &tokens[at] {
        // An operator `?` stands behind an expression. The `?` of `info!(?field)` and of `?Sized`
        // does not.
        TokenTree::Punct(punct)
            if punct.as_char() == '?' && tokens[..at].last().is_some_and(can_end_expression) =>
        {
            found(Exit::Question);
        }
        TokenTree::Ident(word) if word == "return" => {
            let value = &tokens[at + 1..];
            found(Exit::Return { value: &value[..expression(value)], block: tokens });
        }
        TokenTree::Ident(word)
            if (word == "bail" || word == "ensure")
                && tokens.get(at + 1).is_some_and(|next| is_punct(next, '!')) =>
        {
            found(Exit::Macro);
        }
        TokenTree::Group(group) => exits(&flatten(group.stream()), found),
        _ => {}
    });
}

/// A loop or a labelled block, which ends with the value of a `break`.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) label: Option<&'a TokenTree>,
    /// Set for a loop, which a `break` without a label leaves.
    pub(super) is_loop: bool,
}

impl Target<'_> {
    fn is_label(self, name: &TokenTree) -> bool {
        self.label.is_some_and(|label| label.to_string() == name.to_string())
    }
}

/// Finds the values of the `break`s out of the target with this body, and the block of each. Inner
/// targets are followed only for the label of this one, so that each value is found once.
pub(super) fn breaks(
    tokens: &[TokenTree],
    target: Target<'_>,
    found: &mut dyn FnMut(&[TokenTree], &[TokenTree]),
) {
    // Both flags describe the next braces: a keyword of a loop, or a label of the same name, stands
    // in front of them. In `while let S { .. } = ..`, the braces of the pattern are taken for the
    // body, which does no harm: a `break` out of such a loop has no value.
    let (mut inner_loop, mut hidden) = (false, false);
    each_own_token(tokens, &mut |at| match &tokens[at] {
        TokenTree::Punct(tick) if tick.as_char() == '\'' => {
            let colon = tokens.get(at + 2).is_some_and(|token| is_punct(token, ':'));
            hidden |= colon && target.is_label(&tokens[at + 1]);
        }
        TokenTree::Ident(word) if ["loop", "while", "for"].iter().any(|w| word == w) => {
            inner_loop = true;
        }
        TokenTree::Ident(word) if word == "break" => {
            let (is_out, value) = match &tokens[at + 1..] {
                [tick, label, value @ ..] if is_punct(tick, '\'') => {
                    (target.is_label(label), value)
                }
                value => (target.is_loop, value),
            };
            if is_out {
                found(&value[..expression(value)], tokens);
            }
        }
        TokenTree::Group(group) => {
            let of_loop = inner_loop && is_block(&tokens[at]);
            let inner = Target {
                label: target.label.filter(|_| !hidden),
                is_loop: target.is_loop && !of_loop,
            };
            if is_block(&tokens[at]) {
                (inner_loop, hidden) = (false, false);
            }
            breaks(&flatten(group.stream()), inner, found);
        }
        _ => {}
    });
}

/// Finds the values of `name = value`. A block that binds the name again assigns to another
/// variable, and is left out.
pub(super) fn assignments(
    name: &TokenTree,
    tokens: &[TokenTree],
    found: &mut dyn FnMut(&[TokenTree]),
) {
    let word = name.to_string();
    each_own_token(tokens, &mut |at| match &tokens[at] {
        TokenTree::Ident(ident) if ident == &word && is_assign(&tokens[at + 1..]) => {
            let before = tokens[..at].last();
            let another = ["let", "mut"].iter().any(|w| before.is_some_and(|t| is_word(t, w)))
                || before.is_some_and(|token| is_punct(token, '.'));
            if !another {
                let value = &tokens[at + 2..];
                found(&value[..expression(value)]);
            }
        }
        TokenTree::Group(group) => {
            let inner = flatten(group.stream());
            if binding(name, &inner).is_none() {
                assignments(name, &inner, found);
            }
        }
        _ => {}
    });
}

/// Returns the bodies of the `async` blocks in an expression.
pub(super) fn async_blocks(tokens: &[TokenTree]) -> Vec<TokenTree> {
    let mut bodies = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let block = at + prefix_length(&tokens[at..]);
        match (token, tokens.get(block)) {
            // This arm comes before `foreign_length`, which would skip the block.
            (TokenTree::Ident(word), Some(body)) if word == "async" && is_block(body) => {
                bodies.push(body.clone());
                at = block + 1;
                continue;
            }
            (TokenTree::Group(group), _) => bodies.extend(async_blocks(&flatten(group.stream()))),
            _ => {}
        }
        at += foreign_length(tokens, at).max(1);
    }
    bodies
}

/// Calls `look` with the index of each token that is the body's own.
fn each_own_token(tokens: &[TokenTree], look: &mut dyn FnMut(usize)) {
    let mut at = 0;
    while at < tokens.len() {
        match foreign_length(tokens, at) {
            0 => {
                look(at);
                at += 1;
            }
            length => at += length,
        }
    }
}

/// Returns whether the group is the input of a macro that may generate anything from it. `select!`
/// is known.
pub(crate) fn is_macro_input(tokens: &[TokenTree], at: usize) -> bool {
    match &tokens[..at] {
        [.., name, bang] => {
            is_punct(bang, '!') && can_end_expression(name) && !is_word(name, "select")
        }
        _ => false,
    }
}

/// Returns the length of the tokens that start here and are not the body's own: a closure, an
/// `async` block, a function, a `macro_rules!` definition, or an operator made of bars. Returns 0
/// if the token is the body's own.
pub(crate) fn foreign_length(tokens: &[TokenTree], at: usize) -> usize {
    let rest = &tokens[at..];
    match rest {
        [TokenTree::Ident(word), ..] if word == "async" => {
            let prefix = prefix_length(rest);
            match rest.get(prefix) {
                Some(block) if is_block(block) => prefix + 1,
                Some(bar) if is_punct(bar, '|') => prefix + closure(&rest[prefix..]),
                _ => 0,
            }
        }
        [TokenTree::Ident(word), TokenTree::Ident(_), ..] if word == "fn" => {
            rest.iter().position(is_block).map_or(1, |at| at + 1)
        }
        [TokenTree::Ident(word), bang, TokenTree::Ident(_), _, ..]
            if word == "macro_rules" && is_punct(bang, '!') =>
        {
            4
        }
        [bar, next, ..] if is_punct(bar, '|') => match starts_closure(&tokens[..at]) {
            // A bar in front of the pattern of an arm, as in `| A => ..`, looks like the start of a
            // closure. The arrow behind the pattern shows that it is not.
            true => match closure(rest) {
                length if has_arrow(&rest[..length]) => 1,
                length => length,
            },
            // Both halves of `||` are skipped together: behind a bar, the second half would look
            // like the start of a closure.
            false => 1 + usize::from(is_punct(next, '|')),
        },
        _ => 0,
    }
}

/// Returns whether there is a `=>`, which no closure has outside of braces.
fn has_arrow(tokens: &[TokenTree]) -> bool {
    tokens.windows(2).any(|pair| is_punct(&pair[0], '=') && is_punct(&pair[1], '>'))
}

/// Returns whether a bar behind these tokens begins a closure, and is not an operator.
fn starts_closure(before: &[TokenTree]) -> bool {
    match before {
        // An arm of a `match` begins behind `=>`. Any other `>` ends a type.
        [.., equals, last] if is_punct(last, '>') => is_punct(equals, '='),
        _ => !before.last().is_some_and(can_end_expression),
    }
}

/// Returns the length of the closure that starts with the bar in front.
fn closure(tokens: &[TokenTree]) -> usize {
    let Some(body) = behind_bar(&tokens[1..]) else { return 1 };
    let head = tokens.len() - body.len();
    // A closure with a return type has a block as its body.
    let typed = matches!(body, [dash, arrow, ..] if is_punct(dash, '-') && is_punct(arrow, '>'));
    let block = body.iter().position(is_block).filter(|_| typed);
    head + block.map_or_else(|| expression(body), |at| at + 1)
}
