//! `async move |..|` that is called at every start.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::head::{bars, behind_bar};
use crate::language::diag::Place;
use crate::language::krate::generated_at;
use crate::language::tokens::{is_block, is_keyword, is_punct, is_word};

/// `async move |ctx| body` as `move |ctx| async move { body }`, which may be called again with copies
/// of what it captures, and of which the compiler says why it cannot be, if it cannot. One that
/// writes its return type has no place for it there, and stays as it is; so does one whose argument is
/// taken apart or borrowed by its pattern, which the block would outlive.
///
/// An argument that the body does not name is dropped when the closure is called, and not when its
/// future ends. It is the context, which says nothing by its end.
pub(crate) fn as_plain_closure(closure: &TokenStream) -> Option<TokenStream> {
    let tokens = closure.clone().into_iter().collect::<Vec<_>>();
    let tokens = match tokens.as_slice() {
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => {
            return as_plain_closure(&group.stream());
        }
        tokens => tokens,
    };
    let [asynchronous, word, ..] = tokens else { return None };
    if bars(tokens) != 2 || !is_word(asynchronous, "async") || !is_word(word, "move") {
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
    // Of its own, so that the compiler does not propose an edit that only fits what stands here.
    let mut moving = word.clone();
    moving.set_span(generated_at(word.span()));
    let head = [word.clone()].into_iter().chain(arguments.iter().cloned());
    Some(head.chain([asynchronous.clone(), moving, block]).collect())
}

/// `ctx`, `mut ctx` or `_`, with a type or without. A comma inside of a type does no harm: what
/// follows it is another argument that is not plain, or is one that is.
fn is_plain(argument: &[TokenTree]) -> bool {
    let end = argument.iter().position(|token| is_punct(token, ':')).unwrap_or(argument.len());
    match &argument[..end] {
        [] => argument.is_empty(),
        [TokenTree::Ident(name)] => !is_keyword(name),
        [word, TokenTree::Ident(name)] => is_word(word, "mut") && !is_keyword(name),
        _ => false,
    }
}

/// Whether this is one expression inside of braces too: behind an `if`, a `match` or a block, an
/// operator begins another statement there.
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
