//! The kinds of tokens that may be written as a value.

use proc_macro2::{Delimiter, Ident, Literal, Span, TokenStream, TokenTree};
use syn::Lit;

use crate::language::diag::Place;
use crate::language::text::text;
use crate::language::tokens::{flatten, is_punct, is_word};

/// A value as it was written.
pub(crate) enum Written {
    /// A string literal.
    Text(String, Span),
    /// An integer literal.
    Number(Literal),
    /// A literal that no setting takes, such as a negative number, a float or a character, with the
    /// text that it spells.
    Other(Place, String),
    Name(Ident),
    Expression,
}

/// Returns the kind of the value.
pub(crate) fn literal(value: &TokenStream) -> Written {
    let tokens = value.clone().into_iter().collect::<Vec<_>>();
    match tokens.as_slice() {
        // The group is a value in parentheses, or a fragment of a `macro_rules!`, such as
        // `$policy`.
        [TokenTree::Group(group)] if is_wrapper(group.delimiter()) => {
            let inside = literal(&group.stream());
            match (group.delimiter(), inside) {
                // A name in parentheses is an expression on purpose, and not a word without its
                // quotes.
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
        // These two tokens are an atom of Erlang or Elixir, such as `:permanent`.
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

/// Names of conversions that keep the text, or join several texts.
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

/// Returns the text that an expression plainly spells, such as `"5s".into()` or
/// `concat!("5", "s")`.
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
            // Any other name may compute something, so the text is not plain.
            TokenTree::Ident(word) => CONVERSIONS.iter().find(|known| word == known).map(|_| ())?,
            TokenTree::Group(group) => spell(&group.stream(), spelled)?,
            TokenTree::Punct(punct) => "&.:!,".contains(punct.as_char()).then_some(())?,
        }
    }
    Some(())
}

/// Returns the place of a token behind a literal that no expression has there, and the whole text:
/// `5 s`, `3 within "5s"`.
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

/// Returns the digits of a whole number, and its suffix.
pub(crate) fn digits(number: &Literal) -> (String, String) {
    match Lit::new(number.clone()) {
        Lit::Int(int) => (int.base10_digits().to_owned(), int.suffix().to_owned()),
        _ => (number.to_string(), String::new()),
    }
}
