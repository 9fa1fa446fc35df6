//! The entries of a list.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};

use super::attribute::Attribute;
use crate::language::tokens::is_punct;

/// An entry: `key`, `key = value` or `key(..)`, with the attributes in front of it.
pub(crate) struct Entry {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) key: Ident,
    pub(crate) form: Form,
}

/// The part of an entry behind its key.
pub(crate) enum Form {
    Bare,
    Assign(TokenStream),
    List(Group),
    /// A part that was not understood, and was reported.
    Wrong,
}

/// The list that is split.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum List {
    /// The settings and children of a `supervisor! { .. }` that is an expression.
    Block,
    /// The settings and children of a named tree.
    Body,
    /// The options of a child.
    Options,
    /// The arguments of an option, such as those of `backoff(..)`.
    Arguments,
}

impl List {
    /// Returns whether the list consists of settings and children.
    pub(crate) fn is_block(self) -> bool {
        matches!(self, Self::Block | Self::Body)
    }
}

/// Returns the items of a plain list, such as the names in `clone(a, b)`.
pub(crate) fn items(list: &Group) -> Vec<Vec<TokenTree>> {
    let tokens = list.stream().into_iter().collect::<Vec<_>>();
    tokens.split(|token| is_punct(token, ',')).map(<[TokenTree]>::to_vec).collect()
}
