//! An attribute. A `$meta` fragment of a `macro_rules!` is unwrapped.

use proc_macro2::{Delimiter, Group, Punct, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt};

use crate::language::diag::Place;
use crate::language::tokens::{flatten, is_path};

/// An attribute `#[..]`.
pub(crate) struct Attribute {
    pound: Punct,
    group: Group,
}

impl Attribute {
    pub(super) fn new(pound: Punct, group: &Group) -> Self {
        let mut flat =
            Group::new(Delimiter::Bracket, flatten(group.stream()).into_iter().collect());
        flat.set_span(group.span());
        Self { pound, group: flat }
    }

    /// Returns the path in front of the arguments.
    pub(crate) fn path(&self) -> String {
        let tokens = self.group.stream().into_iter().take(self.path_length());
        tokens.map(|token| token.to_string()).collect()
    }

    /// Returns the tokens behind the path.
    pub(crate) fn arguments(&self) -> Vec<TokenTree> {
        self.group.stream().into_iter().skip(self.path_length()).collect()
    }

    /// Returns the number of tokens of the path. A second name without `::` in front of it does not
    /// belong to the path.
    fn path_length(&self) -> usize {
        let tokens = self.group.stream().into_iter().collect::<Vec<_>>();
        let is_name = |at: usize| matches!(tokens.get(at), Some(TokenTree::Ident(_)));
        // In front of the first token, `wrapping_sub` leads to an index without a token.
        let ends =
            |at: &usize| !is_path(&tokens[*at]) || (is_name(*at) && is_name(at.wrapping_sub(1)));
        (0..tokens.len()).find(ends).unwrap_or(tokens.len())
    }

    /// Returns the place of the path, or of the whole attribute if there is none.
    pub(crate) fn path_place(&self) -> Place {
        let path =
            self.group.stream().into_iter().take(self.path_length()).collect::<TokenStream>();
        if path.is_empty() { self.place() } else { (&path).into() }
    }

    pub(crate) fn place(&self) -> Place {
        Place::between(&self.pound, self.group.span())
    }
}

impl ToTokens for Attribute {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append(self.pound.clone());
        tokens.append(self.group.clone());
    }
}
