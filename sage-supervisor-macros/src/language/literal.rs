//! What kind of value stands behind a key.

use proc_macro2::{Delimiter, Ident, Literal, Span, TokenStream, TokenTree};
use syn::Lit;

use crate::language::diag::Place;
use crate::language::tokens::is_punct;

pub(crate) enum Written {
    Text(String, Span),
    Number(Literal),
    /// A literal that is never right: negative, a float, a char, ..
    Other(Place),
    Name(Ident),
    Expression,
}

pub(crate) fn literal(value: &TokenStream) -> Written {
    let tokens = value.clone().into_iter().collect::<Vec<_>>();
    match tokens.as_slice() {
        // A fragment of somebody's `macro_rules!`, such as `$policy`.
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => {
            literal(&group.stream())
        }
        [TokenTree::Ident(name)] if name == "true" || name == "false" => {
            Written::Other(name.into())
        }
        [TokenTree::Ident(name)] => Written::Name(name.clone()),
        [TokenTree::Literal(literal)] => match Lit::new(literal.clone()) {
            Lit::Str(text) => Written::Text(text.value(), literal.span()),
            Lit::Int(_) => Written::Number(literal.clone()),
            _ => Written::Other(literal.into()),
        },
        [minus, TokenTree::Literal(literal)] if is_punct(minus, '-') => {
            Written::Other(Place::between(minus, literal))
        }
        _ => Written::Expression,
    }
}
