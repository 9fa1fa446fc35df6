//! What kind of value stands behind a key.

use proc_macro2::{Delimiter, Ident, Literal, Span, TokenStream, TokenTree};
use syn::Lit;

use crate::language::diag::Place;
use crate::language::text::text;
use crate::language::tokens::{flatten, is_punct, is_word};

pub(crate) enum Written {
    Text(String, Span),
    Number(Literal),
    /// What is never right: negative, a float, a char, .., with the text it spells.
    Other(Place, String),
    Name(Ident),
    Expression,
}

pub(crate) fn literal(value: &TokenStream) -> Written {
    let tokens = value.clone().into_iter().collect::<Vec<_>>();
    match tokens.as_slice() {
        // A fragment of somebody's `macro_rules!`, such as `$policy`, and what stands in parentheses.
        [TokenTree::Group(group)] if is_wrapper(group.delimiter()) => {
            let inside = literal(&group.stream());
            match (group.delimiter(), inside) {
                (Delimiter::Parenthesis, Written::Name(_)) => Written::Expression,
                (_, inside) => inside,
            }
        }
        [TokenTree::Ident(name)] if name == "true" || name == "false" => {
            Written::Other(name.into(), name.to_string())
        }
        [TokenTree::Ident(name)] => Written::Name(name.clone()),
        [TokenTree::Literal(literal)] => one(literal),
        [minus, TokenTree::Literal(literal)] if is_punct(minus, '-') => {
            Written::Other(Place::between(minus, literal), format!("-{literal}"))
        }
        // An atom, as `:permanent`.
        [colon, TokenTree::Ident(name)] if is_punct(colon, ':') => {
            Written::Other(Place::between(colon, name), name.to_string())
        }
        _ => Written::Expression,
    }
}

fn is_wrapper(delimiter: Delimiter) -> bool {
    matches!(delimiter, Delimiter::None | Delimiter::Parenthesis)
}

fn one(literal: &Literal) -> Written {
    let text = match Lit::new(literal.clone()) {
        Lit::Str(text) if text.suffix().is_empty() => {
            return Written::Text(text.value(), literal.span());
        }
        Lit::Int(_) => return Written::Number(literal.clone()),
        Lit::Str(text) => format!("{}{}", text.value(), text.suffix()),
        Lit::ByteStr(bytes) => String::from_utf8_lossy(&bytes.value()).into_owned(),
        Lit::CStr(text) => text.value().to_string_lossy().into_owned(),
        Lit::Char(c) => c.value().to_string(),
        _ => literal.to_string(),
    };
    Written::Other(literal.into(), text)
}

/// What turns a text into another type, or one of several into one.
const CONVERSIONS: [&str; 15] = [
    "Some",
    "Ok",
    "Box",
    "String",
    "Cow",
    "new",
    "from",
    "into",
    "to_string",
    "to_owned",
    "as_str",
    "str",
    "format",
    "concat",
    "stringify",
];

/// The text of an expression that is one, such as `"5s".into()` or `concat!("5", "s")`.
pub(crate) fn spelled(value: &TokenStream) -> Option<String> {
    let mut text = String::new();
    spell(value, &mut text).filter(|_| !text.is_empty()).map(|()| text)
}

fn spell(value: &TokenStream, spelled: &mut String) -> Option<()> {
    for token in flatten(value.clone()) {
        match &token {
            TokenTree::Literal(literal) => match Lit::new(literal.clone()) {
                Lit::Str(text) => spelled.push_str(&text.value()),
                _ => return None,
            },
            TokenTree::Ident(word) => CONVERSIONS.iter().find(|known| word == known).map(|_| ())?,
            TokenTree::Group(group) => spell(&group.stream(), spelled)?,
            TokenTree::Punct(punct) => "&.:!,".contains(punct.as_char()).then_some(())?,
        }
    }
    Some(())
}

/// A literal with something behind it that no expression has there: `5 s`, `3 within "5s"`.
pub(crate) fn token_behind_literal(value: &TokenStream) -> Option<(Place, String)> {
    let tokens = flatten(value.clone());
    let [first, next, ..] = tokens.as_slice() else { return None };
    if !matches!(first, TokenTree::Literal(_))
        && !is_word(first, "true")
        && !is_word(first, "false")
    {
        return None;
    }
    match next {
        TokenTree::Ident(word) if word == "as" => None,
        TokenTree::Ident(_) | TokenTree::Literal(_) => Some((next.into(), text(&tokens))),
        _ => None,
    }
}

/// The digits of a whole number, and what stands behind them.
pub(crate) fn digits(number: &Literal) -> (String, String) {
    match Lit::new(number.clone()) {
        Lit::Int(int) => (int.base10_digits().to_owned(), int.suffix().to_owned()),
        _ => (number.to_string(), String::new()),
    }
}
