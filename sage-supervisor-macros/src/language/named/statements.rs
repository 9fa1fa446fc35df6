//! The statements in front of the entries of a named tree: `let (orders, inbox) = channel(64);`.
//!
//! The statements are not parsed: a statement ends with its semicolon or its braces, and the tokens up to
//! there reach the expansion unchanged.

use proc_macro2::{Punct, Spacing, TokenStream, TokenTree};

use crate::language::closure::{foreign_length, is_macro_input};
use crate::language::diag::{Diag, message};
use crate::language::settings::SETTINGS;
use crate::language::signature::Reader;
use crate::language::tokens::{
    can_end_expression, flatten, is_block, is_list, is_path, is_punct, is_word,
};

/// The body of a named tree.
pub(super) struct Body {
    /// The statements, each with its semicolon or its braces.
    pub(super) statements: Vec<Vec<TokenTree>>,
    /// The settings and children.
    pub(super) entries: TokenStream,
}

/// Splits the body behind the last of the statements at its top.
pub(super) fn split(body: TokenStream, diag: &mut Diag) -> Body {
    let tokens = body.into_iter().collect::<Vec<_>>();
    let mut statements = Vec::new();
    let mut rest = tokens.as_slice();
    while let Some(end) = end(rest) {
        let (statement, behind) = rest.split_at(end);
        let mut statement = statement.to_vec();
        has_an_end(&mut statement, diag);
        statements.push(statement);
        rest = behind;
    }
    Body { statements, entries: rest.iter().cloned().collect() }
}

/// Returns the index behind the statement that begins here, or `None` if there is an entry.
fn end(tokens: &[TokenTree]) -> Option<usize> {
    let mut reader = Reader { tokens, at: 0 };
    reader.attributes();
    let (at, rest) = (reader.at, reader.rest());
    let [first, next, ..] = rest else { return None };
    // A keyword that is followed like a key is a wrong name, which is reported with the entries.
    let is_key = ['=', ',', ':', ';'].iter().any(|sign| is_punct(next, *sign));
    let is_path = matches!(rest, [_, a, b, ..] if is_punct(a, ':') && is_punct(b, ':'));
    if is_key && !is_path {
        return None;
    }
    if is_word(first, "let") {
        return Some(at + end_of_let(rest));
    }
    if ["for", "while", "loop", "if", "match"].iter().any(|word| is_word(first, word)) {
        let length = end_of_block(rest)?;
        // A loop or a choice with children in it is reported with the entries.
        return (!rest[..length].iter().any(holds_a_child)).then_some(at + length);
    }
    let length = end_of_call(rest)?;
    // The last expression would be the value of the function, which is reported in place of entries.
    (length < rest.len()).then_some(at + length)
}

/// Returns the length of a `let` up to its semicolon, or up to the entry that follows one without.
fn end_of_let(tokens: &[TokenTree]) -> usize {
    let mut is_value = false;
    for (at, token) in tokens.iter().enumerate().skip(1) {
        if is_punct(token, ';') {
            return at + 1;
        }
        if is_mark(&tokens[at..]) || (is_value && is_setting(tokens, at)) {
            return at;
        }
        is_value |= is_punct(token, '=');
    }
    tokens.len()
}

/// Returns the length of a loop or a choice, with every `else` of it.
fn end_of_block(tokens: &[TokenTree]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += 1 + tokens[at..].iter().position(is_block)?;
        match tokens.get(at) {
            Some(token) if is_word(token, "else") => {}
            Some(token) if is_punct(token, ';') => return Some(at + 1),
            _ => return Some(at),
        }
    }
}

/// Returns the length of a call such as `sender.close();` or `info!("a");`, up to its semicolon. No
/// setting and no child begins like this.
fn end_of_call(tokens: &[TokenTree]) -> Option<usize> {
    let start = tokens.iter().take_while(|token| is_punct(token, '*')).count();
    let length = tokens[start..].iter().take_while(|token| is_path(token)).count();
    let (path, rest) = tokens[start..].split_at(length);
    let known = ["return", "backoff"].into_iter().chain(SETTINGS);
    let is_known =
        path.first().is_some_and(|first| known.into_iter().any(|word| is_word(first, word)));
    let is_tree = path.last().is_some_and(|last| is_word(last, "supervisor"));
    let is_call = rest.first().is_some_and(|next| {
        is_list(next)
            || ['.', '<'].iter().any(|sign| is_punct(next, *sign))
            || (is_punct(next, '!') && !is_tree)
            || (is_punct(next, '=') && start > 0)
    });
    if path.is_empty() || is_known || !is_call {
        return None;
    }
    let end = tokens.iter().position(|token| is_punct(token, ';'))?;
    let is_one = (1..end).all(|at| !is_mark(&tokens[at..]) && !is_setting(tokens, at));
    is_one.then_some(end + 1)
}

/// Returns whether the tokens begin with `#[child]`.
fn is_mark(tokens: &[TokenTree]) -> bool {
    match tokens {
        [pound, TokenTree::Group(attribute), ..] if is_punct(pound, '#') => {
            attribute.stream().into_iter().next().is_some_and(|word| is_word(&word, "child"))
        }
        _ => false,
    }
}

fn holds_a_child(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else { return false };
    let tokens = flatten(group.stream());
    (0..tokens.len()).any(|at| is_mark(&tokens[at..]) || holds_a_child(&tokens[at]))
}

/// Returns whether `key =` stands here, behind the end of an expression.
fn is_setting(tokens: &[TokenTree], at: usize) -> bool {
    let TokenTree::Ident(_) = &tokens[at] else { return false };
    let is_behind_a_value = tokens[..at].last().is_some_and(can_end_expression);
    let is_key = match &tokens[at + 1..] {
        [assign, next, ..] => is_punct(assign, '=') && !is_punct(next, '='),
        _ => false,
    };
    is_behind_a_value && can_end_expression(&tokens[at]) && is_key
}

/// Reports a `let` without a semicolon, and adds one, so that the rest is checked.
fn has_an_end(statement: &mut Vec<TokenTree>, diag: &mut Diag) {
    let mut reader = Reader { tokens: statement.as_slice(), at: 0 };
    reader.attributes();
    let is_let = reader.word("let").is_some();
    let Some(last) = statement.last().filter(|_| is_let) else { return };
    if is_punct(last, ';') {
        return;
    }
    let text = message("expected `;` after this `let` statement");
    diag.error(last, text.help("write `;` behind it"));
    let mut semicolon = Punct::new(';', Spacing::Alone);
    semicolon.set_span(last.span());
    statement.push(semicolon.into());
}

impl Body {
    /// Returns whether a statement may bind the name. The types in front of the `=` are searched as well,
    /// which does no harm: a doubt is left to the compiler.
    pub(super) fn may_bind(&self, name: &str) -> bool {
        self.statements.iter().any(|statement| {
            let end = statement.iter().position(|token| is_punct(token, '='));
            mentions(&statement[..end.unwrap_or(statement.len())], name)
        })
    }

    /// Reports what may end the function within a statement: it would return another tree than the one
    /// that is declared, or none. Returns whether there is nothing of the kind.
    pub(super) fn reaches_the_tree(&self, diag: &mut Diag) -> bool {
        let before = diag.count();
        for statement in &self.statements {
            reaches_its_end(statement, diag);
        }
        diag.count() == before
    }
}

fn mentions(tokens: &[TokenTree], name: &str) -> bool {
    tokens.iter().any(|token| match token {
        TokenTree::Group(group) => mentions(&flatten(group.stream()), name),
        token => is_word(token, name),
    })
}

/// Closures and `async` blocks have an end of their own, and nobody knows what a macro makes of its
/// input.
fn reaches_its_end(tokens: &[TokenTree], diag: &mut Diag) {
    const RULE: &str = "a named tree always returns the tree that stands in its body";
    let mut at = 0;
    while at < tokens.len() {
        let foreign = foreign_length(tokens, at);
        if foreign > 0 {
            at += foreign;
            continue;
        }
        match &tokens[at] {
            TokenTree::Ident(word) if word == "return" => {
                let text = message("a named tree cannot `return` early");
                let help = "list a child that depends on a value with `#[child(when = ..)]`, or pass \
                            the value as an argument";
                diag.error(word, text.help(help).note(RULE));
            }
            // The operator stands behind an expression, unlike the `?` of `?Sized`.
            TokenTree::Punct(sign)
                if sign.as_char() == '?' && tokens[..at].last().is_some_and(can_end_expression) =>
            {
                let text = message("a named tree cannot fail, so `?` has no meaning here");
                let help =
                    "do this where the function is called, and pass the value as an argument";
                diag.error(sign, text.help(help).note(RULE));
            }
            TokenTree::Group(group) if !is_macro_input(tokens, at) => {
                reaches_its_end(&flatten(group.stream()), diag);
            }
            _ => {}
        }
        at += 1;
    }
}
