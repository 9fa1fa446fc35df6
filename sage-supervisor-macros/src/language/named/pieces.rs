//! From tokens to functions, and to the tokens between them.

use proc_macro2::TokenTree;

use crate::language::signature::{Angles, Reader, function_name};
use crate::language::tokens::{is_block, is_punct, is_word};

pub(super) enum Piece {
    /// A function, from its first attribute to its body, or as far as it goes.
    Function(Vec<TokenTree>),
    /// Tokens that belong to no function.
    Other(Vec<TokenTree>),
}

/// Returns whether the input declares named trees, or was meant to, and is not a block of entries.
pub(crate) fn declares_functions(tokens: &[TokenTree]) -> bool {
    // No entry begins with `pub`, so the word alone shows that an item is being written. Otherwise
    // a function may follow other tokens, which are reported later.
    let mut reader = Reader { tokens, at: 0 };
    reader.attributes();
    reader.rest().first().is_some_and(|token| is_word(token, "pub"))
        // `begins` is asked first, because `function_name` reads all attributes in front of a
        // function. From each attribute on, that would take quadratic time.
        || (0..tokens.len()).any(|at| begins(tokens, at) && function_name(tokens, at).is_some())
            && !are_children(tokens)
}

/// Returns whether the functions were meant as children of a block: one stands behind an entry or
/// carries `#[child]`, and none returns a supervisor.
fn are_children(tokens: &[TokenTree]) -> bool {
    let (mut is_block, mut is_named) = (false, false);
    for piece in pieces(tokens) {
        match piece {
            Piece::Function(function) => {
                let mut reader = Reader { tokens: &function, at: 0 };
                is_block |= reader.attributes().iter().any(|(path, _)| path == "child");
                // The first `>` is that of the arrow, or closes generic parameters. The arguments
                // and the body are groups, which are not searched.
                let output = function.iter().skip_while(|token| !is_punct(token, '>'));
                is_named |= output.into_iter().any(|token| is_word(token, "Supervisor"));
            }
            Piece::Other(other) => is_block |= other.windows(2).any(is_entry),
        }
    }
    is_block && !is_named
}

/// Returns whether the two tokens begin an entry: `name =`.
fn is_entry(window: &[TokenTree]) -> bool {
    matches!(&window[0], TokenTree::Ident(_)) && is_punct(&window[1], '=')
}

/// Returns the pieces of the input, in their order.
pub(super) fn pieces(tokens: &[TokenTree]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    // `begins` is set where the next token begins another piece.
    let (mut at, mut begins) = (0, true);
    while at < tokens.len() {
        if let Some(name) = function_name(tokens, at) {
            let end = end(tokens, name);
            pieces.push(Piece::Function(tokens[at..end].to_vec()));
            at = end;
            match tokens.get(end) {
                // The semicolon stands in place of the body, whose absence is reported. Behind a
                // body, a separator is a piece of its own and is reported as needless.
                Some(token) if is_punct(token, ';') && !is_block(&tokens[end - 1]) => at += 1,
                Some(token) if is_punct(token, ';') || is_punct(token, ',') => {
                    pieces.push(Piece::Other(vec![token.clone()]));
                    at += 1;
                }
                _ => {}
            }
            begins = true;
            continue;
        }
        match pieces.last_mut() {
            Some(Piece::Other(other)) if !begins => other.push(tokens[at].clone()),
            _ => pieces.push(Piece::Other(vec![tokens[at].clone()])),
        }
        begins = ends(&tokens[..=at], tokens.get(at + 1));
        at += 1;
    }
    pieces
}

/// Returns whether an entry or an item ends with the last of the tokens: at a `;`, or at a closing
/// brace with or without a comma.
fn ends(tokens: &[TokenTree], next: Option<&TokenTree>) -> bool {
    let separates = |token: &TokenTree| is_punct(token, ',') || is_punct(token, ';');
    match tokens {
        [.., last] if is_block(last) => !next.is_some_and(separates),
        [.., before, last] => is_punct(last, ';') || (is_punct(last, ',') && is_block(before)),
        _ => false,
    }
}

/// Returns whether an item can start here, and not the value of an entry.
fn begins(tokens: &[TokenTree], at: usize) -> bool {
    match at.checked_sub(1).map(|before| &tokens[before]) {
        None => true,
        Some(before) => is_block(before) || is_punct(before, ',') || is_punct(before, ';'),
    }
}

/// Returns the index behind the body of the function, or in front of the first token that cannot
/// belong to it.
fn end(tokens: &[TokenTree], name: usize) -> usize {
    let mut angles = Angles::default();
    for (at, token) in tokens.iter().enumerate().skip(name) {
        let inside = angles.see(token);
        if is_block(token) && !inside {
            return at + 1;
        }
        // A function without a body ends where the next one begins, so that both are reported.
        if is_punct(token, ';') || (at > name && function_name(tokens, at).is_some()) {
            return at;
        }
    }
    tokens.len()
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;

    use super::declares_functions;

    /// There are so many attributes that reading on to the last one from each of them would take
    /// minutes.
    #[test]
    fn attributes_are_read_once() {
        let docs = "#[doc = \"\"]".repeat(30_000);
        for (item, function) in [("#[child] a = b,", false), ("fn a() -> Supervisor {}", true)] {
            let tokens = format!("{docs} {item}").parse::<TokenStream>().expect("these are tokens");
            assert_eq!(declares_functions(&tokens.into_iter().collect::<Vec<_>>()), function);
        }
    }
}
