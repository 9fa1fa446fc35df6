//! The parts of a list.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};

use super::attribute::Attribute;
use crate::language::tokens::is_punct;

/// `key`, `key = value` or `key(..)`, with the attributes in front of it.
pub(crate) struct Entry {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) key: Ident,
    pub(crate) form: Form,
}

pub(crate) enum Form {
    Bare,
    Assign(TokenStream),
    List(Group),
    /// Not understood, and reported.
    Wrong,
}

/// Which list is being split.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum List {
    /// Of `supervisor! { .. }` as an expression.
    Block,
    /// Of a named tree.
    Body,
    /// Of a child.
    Options,
    /// Of an option.
    Arguments,
}

impl List {
    /// Whether it is made of settings and children.
    pub(crate) fn is_block(self) -> bool {
        matches!(self, Self::Block | Self::Body)
    }
}

/// The pieces of a plain list, such as the names in `clone(a, b)`.
pub(crate) fn items(list: &Group) -> Vec<Vec<TokenTree>> {
    let tokens = list.stream().into_iter().collect::<Vec<_>>();
    tokens.split(|token| is_punct(token, ',')).map(<[TokenTree]>::to_vec).collect()
}
