//! `async move` closures as plain closures that return an `async` block.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::head::{behind_bar, prefix_length};
use crate::language::diag::Place;
use crate::language::krate::generated_at;
use crate::language::tokens::{is_block, is_keyword, is_punct, is_word};

/// Returns `async move |ctx| body` as `move |ctx| async move { body }`, or `None` if the closure is
/// not of this form.
///
/// A child is started again and again. The plain closure can be called repeatedly with copies of
/// its captures, and where it cannot, the compiler explains why. Two kinds of closures stay as they
/// are: those with a return type, which has no place in the new form; and those with a pattern as
/// argument, which may borrow from an argument that the block outlives.
///
/// An argument that the body does not name is dropped when the closure is called, and not when its
/// future ends. The only argument is the context, whose drop has no effect.
pub(crate) fn as_plain_closure(closure: &TokenStream) -> Option<TokenStream> {
    let tokens = closure.clone().into_iter().collect::<Vec<_>>();
    // The tokens are not flattened, because the closure is built from them again: the invisible
    // group around the fragment of a `macro_rules!` keeps the fragment one expression.
    let tokens = match tokens.as_slice() {
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => {
            return as_plain_closure(&group.stream());
        }
        tokens => tokens,
    };
    let [asynchronous, word, ..] = tokens else { return None };
    if prefix_length(tokens) != 2 || !is_word(asynchronous, "async") || !is_word(word, "move") {
        return None;
    }
    let body = tokens.get(3..).and_then(behind_bar)?;
    let arguments = &tokens[2..tokens.len() - body.len()];
    let names = &arguments[1..arguments.len() - 1];
    if !names.split(|token| is_punct(token, ',')).all(is_plain) {
        return None;
    }
    let block = match body {
        [] => return None,
        [dash, arrow, ..] if is_punct(dash, '-') && is_punct(arrow, '>') => return None,
        _ if !is_whole(body) => return None,
        [block] if is_block(block) => block.clone(),
        _ => {
            let body = body.iter().cloned().collect::<TokenStream>();
            let mut block = Group::new(Delimiter::Brace, body.clone());
            block.set_span(generated_at(Place::from(&body).first()));
            block.into()
        }
    };
    // The `move` of the block has a generated span. With the user's span, the compiler would
    // propose edits that only fit the generated code.
    let mut moving = word.clone();
    moving.set_span(generated_at(word.span()));
    let head = [word.clone()].into_iter().chain(arguments.iter().cloned());
    Some(head.chain([asynchronous.clone(), moving, block]).collect())
}

/// Returns whether the argument is `ctx`, `mut ctx` or `_`, with or without a type. Splitting at a
/// comma inside of a type is harmless: the second half is then judged as another argument, and at
/// worst the closure is left as it is.
fn is_plain(argument: &[TokenTree]) -> bool {
    let end = argument.iter().position(|token| is_punct(token, ':')).unwrap_or(argument.len());
    match &argument[..end] {
        [] => argument.is_empty(),
        [TokenTree::Ident(name)] => !is_keyword(name),
        [word, TokenTree::Ident(name)] => is_word(word, "mut") && !is_keyword(name),
        _ => false,
    }
}

/// Returns whether the body is still one expression when it stands in braces. Behind an `if`, a
/// `match` or a block, an operator would begin another statement there.
fn is_whole(body: &[TokenTree]) -> bool {
    const BEGIN: [&str; 7] = ["if", "match", "loop", "while", "for", "unsafe", "async"];
    let is_label = |token: &TokenTree| is_punct(token, '\'');
    let begins = |token: &TokenTree| {
        is_block(token) || is_label(token) || BEGIN.iter().any(|word| is_word(token, word))
    };
    if !body.first().is_some_and(begins) {
        return !body.first().is_some_and(|token| is_punct(token, '#'));
    }
    let mut rest = body;
    while let Some(end) = rest.iter().position(is_block) {
        match &rest[end + 1..] {
            [] => return true,
            [next, ..] if is_punct(next, '.') || is_punct(next, '?') => return true,
            [next, ..] if is_word(next, "else") => rest = &rest[end + 2..],
            _ => return false,
        }
    }
    false
}
