//! The path of the runtime crate, and the spans of generated code.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote_spanned;

/// The path of the runtime crate.
pub(crate) struct Krate(TokenStream);

impl Krate {
    pub(crate) fn new(path: TokenStream) -> Self {
        Self(path)
    }

    /// Returns the path with the location of the whole invocation.
    pub(crate) fn path(&self) -> &TokenStream {
        &self.0
    }

    /// Returns the path with the location of the token that it is generated for. `$crate` itself
    /// has the location of the whole invocation.
    pub(crate) fn path_at(&self, span: Span) -> TokenStream {
        let located = |mut token: TokenTree| {
            // The token keeps the resolution of its own span, without which `$crate` would no
            // longer lead to the runtime crate.
            token.set_span(token.span().located_at(span));
            token
        };
        self.0.clone().into_iter().map(located).collect()
    }

    /// Returns the path of the module for generated code, with the location of the token that it is
    /// generated for.
    pub(crate) fn expansion_at(&self, span: Span) -> TokenStream {
        let path = self.path_at(span);
        quote_spanned!(generated_at(span)=> #path::expansion)
    }
}

/// Returns the span of generated code at the location of the user's token. Lints and
/// machine-applicable suggestions leave such code alone.
pub(crate) fn generated_at(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}
