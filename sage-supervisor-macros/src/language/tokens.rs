//! Questions about single tokens.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

/// Returns whether the token may be part of a path.
pub(crate) fn is_path(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Ident(_)) || is_punct(token, ':')
}

/// Returns whether the tokens are the front of a path up to its last `::`, or nothing.
pub(crate) fn is_path_prefix(tokens: &[TokenTree]) -> bool {
    let colons = |pair: &[TokenTree]| pair.iter().all(|token| is_punct(token, ':'));
    let rest = match tokens {
        [a, b, rest @ ..] if is_punct(a, ':') && is_punct(b, ':') => rest,
        all => all,
    };
    rest.chunks(3).all(
        |part| matches!(part, [TokenTree::Ident(_), rest @ ..] if rest.len() == 2 && colons(rest)),
    )
}

pub(crate) fn is_punct(token: &TokenTree, c: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == c)
}

/// Returns whether an expression can end with this token.
pub(crate) fn can_end_expression(token: &TokenTree) -> bool {
    match token {
        TokenTree::Punct(punct) => punct.as_char() == '?',
        TokenTree::Ident(word) => !is_keyword(word) || word == "self" || word == "await",
        TokenTree::Group(_) | TokenTree::Literal(_) => true,
    }
}

/// Returns whether the word is a keyword that may occur within an expression. `true`, `false`,
/// `Self`, `super` and `crate` are missing, because they are values or begin a path.
pub(crate) fn is_keyword(word: &Ident) -> bool {
    const KEYWORDS: [&str; 28] = [
        "as", "async", "await", "box", "break", "const", "continue", "do", "dyn", "else", "fn",
        "for", "if", "impl", "in", "let", "loop", "match", "move", "mut", "ref", "return", "self",
        "static", "unsafe", "where", "while", "yield",
    ];
    KEYWORDS.iter().any(|keyword| word == keyword)
}

/// Returns the token for "found .." in messages.
pub(crate) fn describe(token: &TokenTree) -> String {
    match token {
        TokenTree::Group(group) => match group.delimiter() {
            Delimiter::Brace => "`{`".to_owned(),
            Delimiter::Bracket => "`[`".to_owned(),
            Delimiter::Parenthesis => "`(`".to_owned(),
            Delimiter::None => "an expression".to_owned(),
        },
        other => format!("`{other}`"),
    }
}

/// Returns the tokens without the invisible groups around the fragments of a `macro_rules!`.
pub(crate) fn flatten(tokens: TokenStream) -> Vec<TokenTree> {
    let mut flat = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                flat.extend(flatten(group.stream()));
            }
            other => flat.push(other),
        }
    }
    flat
}

pub(crate) fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

/// Returns whether the token is a group `{ .. }`.
pub(crate) fn is_block(token: &TokenTree) -> bool {
    is_group(token, Delimiter::Brace)
}

/// Returns whether the token is a group `( .. )`.
pub(crate) fn is_list(token: &TokenTree) -> bool {
    is_group(token, Delimiter::Parenthesis)
}

fn is_group(token: &TokenTree, delimiter: Delimiter) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == delimiter)
}
