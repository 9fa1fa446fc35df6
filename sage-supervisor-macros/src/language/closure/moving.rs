//! `async move |..|` that is called at every start.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::{bars, behind_bar};
use crate::language::diag::Place;
use crate::language::expand::at;
use crate::language::tokens::{is_block, is_punct, is_word};

/// `async move |ctx| body` as `move |ctx| async move { body }`, which may be called again with copies
/// of what it captures, and of which the compiler says why it cannot be, if it cannot. One that
/// writes its return type has no place for it there, and stays as it is.
pub(crate) fn moving(closure: &TokenStream) -> Option<TokenStream> {
    let tokens = closure.clone().into_iter().collect::<Vec<_>>();
    let tokens = match tokens.as_slice() {
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => {
            return moving(&group.stream());
        }
        tokens => tokens,
    };
    let [asynchronous, word, ..] = tokens else { return None };
    if bars(tokens) != 2 || !is_word(asynchronous, "async") || !is_word(word, "move") {
        return None;
    }
    let body = tokens.get(3..).and_then(behind_bar)?;
    let arguments = &tokens[2..tokens.len() - body.len()];
    let block = match body {
        [] => return None,
        [dash, arrow, ..] if is_punct(dash, '-') && is_punct(arrow, '>') => return None,
        [block] if is_block(block) => block.clone(),
        _ => {
            let body = body.iter().cloned().collect::<TokenStream>();
            let mut block = Group::new(Delimiter::Brace, body.clone());
            block.set_span(at(Place::from(&body).first()));
            block.into()
        }
    };
    // Of its own, so that the compiler does not propose an edit that only fits what stands here.
    let mut moving = word.clone();
    moving.set_span(at(word.span()));
    let head = [word.clone()].into_iter().chain(arguments.iter().cloned());
    Some(head.chain([asynchronous.clone(), moving, block]).collect())
}
