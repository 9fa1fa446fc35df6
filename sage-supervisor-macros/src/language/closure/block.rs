//! The parts of a block: its last expression, and the values of its variables.
//!
//! The macro crate builds without the parser of expressions, so these functions work on tokens.
//! The functions have to be right about valid Rust only; the compiler rejects the rest in any case.

use proc_macro2::{Delimiter, Spacing, TokenTree};

use crate::language::split::Types;
use crate::language::tokens::{can_end_expression, is_block, is_list, is_path, is_punct, is_word};

/// The words that begin an item. An item that ends with a semicolon, such as `use a::b;`, never has
/// to be recognised: the callers look for the end of a block behind the last semicolon of that
/// block.
const ITEMS: [&str; 10] =
    ["fn", "struct", "enum", "union", "impl", "mod", "trait", "pub", "extern", "macro_rules"];

/// Macros that print or log, and so have the value `()`. A macro `error` may as well return one.
const OUTPUT: [&str; 8] =
    ["print", "println", "eprint", "eprintln", "warn", "info", "debug", "trace"];

/// Returns the last expression of a block, without its attributes: the tokens behind the last
/// statement.
pub(super) fn tail(block: &[TokenTree]) -> &[TokenTree] {
    let start = block.iter().rposition(|token| is_punct(token, ';')).map_or(0, |at| at + 1);
    let mut rest = &block[start..];
    loop {
        rest = behind_attributes(rest);
        let length = statement(rest);
        match rest.get(length) {
            // Behind the last semicolon, only statements that end with braces can precede the last
            // expression. A `.` or a `?` makes such a statement the front of the expression, as in
            // `match a { .. }.b()`.
            Some(next) if length > 0 && !is_punct(next, '.') && !is_punct(next, '?') => {
                rest = &rest[length..];
            }
            _ => return rest,
        }
    }
}

/// Returns the other blocks that may be the last expression: with a `#[cfg(..)]` on the tail, each
/// block in front of the tail that carries a `#[cfg(..)]` too.
pub(super) fn configured(block: &[TokenTree]) -> Vec<&[TokenTree]> {
    let start = block.iter().rposition(|token| is_punct(token, ';')).map_or(0, |at| at + 1);
    let (mut rest, mut found) = (&block[start..], Vec::new());
    loop {
        let inner = behind_attributes(rest);
        let attributes = &rest[..rest.len() - inner.len()];
        let is_configured = attributes.iter().any(is_cfg);
        let length = statement(inner);
        // The tail is reached. Exactly one of the blocks with a `#[cfg(..)]` exists, and which one
        // is unknown here. A tail without a condition is always the last expression, so the blocks
        // in front of it are plain statements.
        if length == 0 || length == inner.len() {
            return if is_configured { found } else { Vec::new() };
        }
        if is_configured {
            found.push(&inner[..length]);
        }
        rest = &inner[length..];
    }
}

/// Returns whether the group is the `[cfg(..)]` of an attribute.
pub(super) fn is_cfg(attribute: &TokenTree) -> bool {
    match attribute {
        TokenTree::Group(group) => {
            group.stream().into_iter().next().is_some_and(|word| is_word(&word, "cfg"))
        }
        _ => false,
    }
}

/// Returns whether a block certainly ends with `()`: behind a statement that ends with `?;`, behind
/// an output macro or a `drop(..)` with a semicolon, behind a loop that ends, or behind an `if`
/// without `else`.
pub(super) fn ends_with_unit(block: &[TokenTree]) -> bool {
    let tail = tail(block);
    match (tail, block) {
        // A `?` that succeeds leads to the end of the block. Another call may not: `exit(1);` has
        // the type `!`, and a block that ends with it has any type.
        ([], [statements @ .., semicolon])
            if is_punct(semicolon, ';') && statements.last().is_some_and(|t| is_punct(t, '?')) =>
        {
            // If its last semicolon is left out, the block ends with its last statement. `return
            // f()?;` is excluded, because nothing is executed behind it.
            !self::tail(statements).first().is_some_and(|token| is_word(token, "return"))
        }
        ([], [.., before, last, list @ TokenTree::Group(_), semicolon]) => {
            let prints = is_punct(last, '!') && OUTPUT.iter().any(|known| is_word(before, known));
            let is_path = is_punct(before, '.') || is_punct(before, ':');
            let drops = is_word(last, "drop") && is_list(list) && !is_path;
            is_punct(semicolon, ';') && (prints || drops)
        }
        // A `loop` is not in this list: without a `break`, it has the type `!`.
        ([word, ..], _) if block_like(tail) == tail.len() => {
            let otherwise = || tail.iter().any(|token| is_word(token, "else"));
            is_word(word, "while") || is_word(word, "for") || (is_word(word, "if") && !otherwise())
        }
        _ => false,
    }
}

/// Returns the value of the last `let name = value` in a block, if the statement writes no type.
pub(super) fn value_of<'a>(name: &TokenTree, block: &'a [TokenTree]) -> Option<&'a [TokenTree]> {
    let named = binding(name, block)?;
    // In `let name: Type = value`, the type fixes the error type, whatever the value is.
    if !is_assign(&block[named + 1..]) {
        return None;
    }
    let value = &block[named + 2..];
    Some(&value[..expression(value)])
}

/// Returns the index of the name in the last `let name` of a block.
pub(super) fn binding(name: &TokenTree, block: &[TokenTree]) -> Option<usize> {
    let name = name.to_string();
    let is_let = |at: &usize| match &block[*at..] {
        [word, mutable, binding, ..] if is_word(word, "let") && is_word(mutable, "mut") => {
            is_word(binding, &name)
        }
        [word, binding, ..] => is_word(word, "let") && is_word(binding, &name),
        _ => false,
    };
    // The search starts at the end, because a later `let` shadows an earlier one. A name in a
    // pattern, as in `let (a, b) = ..`, is not found: a variable without a known value counts as
    // one whose type is fixed, and the closure stays as it was written.
    let at = (0..block.len()).rev().find(is_let)?;
    Some(if is_word(&block[at + 1], "mut") { at + 2 } else { at + 1 })
}

/// Returns the length of the expression in front: the number of tokens up to a comma or a semicolon
/// that ends it.
pub(super) fn expression(tokens: &[TokenTree]) -> usize {
    let mut types = Types::default();
    let ends = |at: &usize| {
        let token = &tokens[*at];
        types.see(&tokens[..=*at]);
        is_punct(token, ';') || (is_punct(token, ',') && !types.inside())
    };
    (0..tokens.len()).find(ends).unwrap_or(tokens.len())
}

/// Returns the tokens behind the attributes.
pub(super) fn behind_attributes(mut tokens: &[TokenTree]) -> &[TokenTree] {
    while let [pound, TokenTree::Group(_), rest @ ..] = tokens {
        if !is_punct(pound, '#') {
            break;
        }
        tokens = rest;
    }
    tokens
}

/// Returns the length of a statement that needs no semicolon, or 0.
fn statement(tokens: &[TokenTree]) -> usize {
    let one_of = |token: &TokenTree, words: &[&str]| words.iter().any(|word| is_word(token, word));
    let is_qualifier = |token: &&TokenTree| one_of(token, &["async", "unsafe", "const"]);
    let qualifiers = tokens.iter().take_while(is_qualifier).count();
    if tokens.get(qualifiers).is_some_and(|token| one_of(token, &ITEMS)) {
        return tokens.iter().position(is_block).map_or(0, |at| at + 1);
    }
    // The keyword decides before the path below is read: in `if matches!(..) { .. }`, the macro is
    // the condition and not the statement.
    if tokens.first().is_some_and(|token| one_of(token, &["if", "match", "while", "for"])) {
        return block_like(tokens);
    }
    let path = tokens.iter().take_while(|token| is_path(token)).count();
    match &tokens[path..] {
        // This is the `!` of a macro, because a negation stands behind a keyword or an operator. A
        // macro in braces is a complete statement; one in parentheses or brackets is an expression.
        [bang, rest @ ..]
            if is_punct(bang, '!') && tokens[..path].last().is_some_and(can_end_expression) =>
        {
            if rest.first().is_some_and(is_block) {
                path + 2
            } else {
                0
            }
        }
        _ => block_like(tokens),
    }
}

/// Returns the length of an expression that ends with its block (`if`, `match`, a loop or a plain
/// block), or 0.
pub(super) fn block_like(tokens: &[TokenTree]) -> usize {
    match tokens {
        [tick, TokenTree::Ident(_), colon, rest @ ..]
            if is_punct(tick, '\'') && is_punct(colon, ':') =>
        {
            let length = block_like(rest);
            if length > 0 { length + 3 } else { 0 }
        }
        [block, ..] if is_block(block) => 1,
        // An `async` block is missing here on purpose: as a statement, it needs a semicolon.
        [TokenTree::Ident(word), block, ..]
            if is_block(block) && ["unsafe", "const", "loop"].iter().any(|known| word == known) =>
        {
            2
        }
        [TokenTree::Ident(word), ..] if word == "if" => {
            let length = body(tokens).map_or(0, |at| at + 1);
            match tokens.get(length..) {
                Some([word, block, ..]) if is_word(word, "else") && is_block(block) => length + 2,
                Some([word, rest @ ..]) if is_word(word, "else") => length + 1 + block_like(rest),
                _ => length,
            }
        }
        [TokenTree::Ident(word), ..] if ["match", "while", "for"].iter().any(|w| word == w) => {
            body(tokens).map_or(0, |at| at + 1)
        }
        _ => 0,
    }
}

/// Returns the index of the block behind a condition. Braces of a pattern, of a macro and of a
/// block in the condition are passed over.
pub(super) fn body(tokens: &[TokenTree]) -> Option<usize> {
    // Rust allows no struct literal in a condition. The first braces that belong neither to a
    // pattern nor to a macro or block are therefore the body. A `match` within the condition is not
    // understood: its arms are taken for the body, and an outcome of that shape fixes the error
    // type.
    let mut pattern = false;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(word) if word == "let" || word == "for" => pattern = true,
            TokenTree::Ident(word) if word == "in" => pattern = false,
            TokenTree::Punct(_) if is_assign(&tokens[at..]) => pattern = false,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && !pattern => {
                let inner = tokens[..at].last().is_some_and(|before| {
                    const BEFORE: [&str; 7] =
                        ["async", "move", "unsafe", "if", "match", "while", "in"];
                    is_punct(before, '!') || BEFORE.iter().any(|word| is_word(before, word))
                });
                if !inner {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Returns whether the tokens begin with `=`, and not with `==` or `=>`.
pub(super) fn is_assign(tokens: &[TokenTree]) -> bool {
    match tokens {
        [TokenTree::Punct(punct), rest @ ..] if punct.as_char() == '=' => {
            // In `=&a` and `=|a|`, the `=` is joint as well, so the next token has to be looked at.
            punct.spacing() == Spacing::Alone
                || !rest.first().is_some_and(|next| is_punct(next, '=') || is_punct(next, '>'))
        }
        _ => false,
    }
}
