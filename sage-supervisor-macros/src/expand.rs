//! Model to tokens. Total: what is missing or was reported becomes a default of the same type, so
//! that rustc still checks everything else and an editor still completes.

mod backoff;
mod values;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};

pub(crate) use self::values::options;

use self::values::{duration, settings, strategy};
use crate::args::{Limit, Value};
use crate::closure;
use crate::diag::{Diag, Place};
use crate::model::{Child, Start, Tree};

/// The path of the runtime crate.
pub(crate) struct Krate(TokenStream);

impl Krate {
    pub(crate) fn new(path: TokenStream) -> Self {
        Self(path)
    }

    /// The path with the location of what it is used for: `$crate` itself carries the location of the
    /// whole invocation.
    pub(crate) fn at(&self, span: Span) -> TokenStream {
        let located = |mut token: TokenTree| {
            token.set_span(token.span().located_at(span));
            token
        };
        self.0.clone().into_iter().map(located).collect()
    }
}

/// Generated code at the location of the user's token, without being the user's code: lints and
/// machine-applicable suggestions keep away from it.
pub(crate) fn at(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

pub(crate) fn expand(block: &Tree, krate: &Krate, diag: Diag) -> TokenStream {
    let supervisor = tree(block, krate);
    if diag.is_empty() {
        return supervisor;
    }
    let mistakes = diag.into_tokens();
    quote!({ #mistakes #supervisor })
}

/// One expression without a local variable: an editor would offer its name inside the children.
fn tree(tree: &Tree, krate: &Krate) -> TokenStream {
    // A wrong strategy is reported where it stands, not at the whole block.
    let place = match &tree.strategy {
        Some(Value::Dynamic(strategy)) => Place::from(strategy),
        _ => tree.place,
    };
    let span = at(place.first());
    let path = krate.at(place.first());
    let strategy = strategy(tree.strategy.as_ref(), span, krate);
    let config = config(tree, span, krate);
    let unlimited = match tree.max_restarts {
        Some(Value::Known(Limit::Unlimited, at_literal)) => {
            let span = at(at_literal);
            quote_spanned!(span=> .unlimited_restarts())
        }
        _ => TokenStream::new(),
    };
    let name = match &tree.name {
        Some(Value::Known(name, at_literal)) => {
            let span = at(*at_literal);
            quote_spanned!(span=> .name(#name))
        }
        Some(Value::Dynamic(name)) => {
            let span = at(Place::from(name).first());
            quote_spanned!(span=> .name(#name))
        }
        Some(Value::Wrong) | None => TokenStream::new(),
    };
    let settings = settings(tree, krate);
    let methods = &tree.methods;
    let children = tree.children.iter().map(|entry| child(entry, krate));
    quote_spanned! {span=>
        #path::Supervisor::new(#strategy, #config) #unlimited #name #settings
            .children([#(#children),*]) #methods
    }
}

fn config(tree: &Tree, span: Span, krate: &Krate) -> TokenStream {
    let max_restarts = match &tree.max_restarts {
        Some(Value::Known(Limit::Count(count), _)) => Some(count.to_token_stream()),
        Some(Value::Dynamic(count)) => Some(count.clone()),
        Some(Value::Known(Limit::Unlimited, _) | Value::Wrong) | None => None,
    };
    let within = match &tree.within {
        Some(Value::Known(milliseconds, _)) => Some(duration(*milliseconds, span, krate)),
        Some(Value::Dynamic(time)) => Some(time.clone()),
        Some(Value::Wrong) | None => None,
    };
    limit(max_restarts, within, span, krate)
}

fn limit(
    max_restarts: Option<TokenStream>,
    within: Option<TokenStream>,
    span: Span,
    krate: &Krate,
) -> TokenStream {
    let path = krate.at(span);
    let default = quote_spanned!(span=> #path::__private::default_config());
    match (max_restarts, within) {
        (None, None) => default,
        (Some(count), None) => {
            quote_spanned!(span=> #path::RestartConfig { max_restarts: #count, ..#default })
        }
        (None, Some(within)) => {
            quote_spanned!(span=> #path::RestartConfig { within: #within, ..#default })
        }
        (Some(count), Some(within)) => {
            quote_spanned!(span=> #path::RestartConfig { max_restarts: #count, within: #within })
        }
    }
}

fn child(child: &Child, krate: &Krate) -> TokenStream {
    let attributes = &child.attributes;
    let span = at(child.name.span());
    let private = private(child.name.span(), krate);
    let name = child.entry_name();
    let spec = match &child.start {
        Start::Closure(start) => match &child.options.clone {
            Some((_, names)) if !names.is_empty() => {
                cloning(&name, names, start, &private, span, krate)
            }
            _ => {
                let constructor = Ident::new(constructor(start), span);
                quote_spanned!(span=> #private::#constructor(#name, #start))
            }
        },
        Start::Nested(nested) => {
            let supervisor = tree(nested, krate);
            quote_spanned!(span=> #private::child(#name, #supervisor))
        }
        Start::Value(value) if closure::is_async_block(value) => {
            quote_spanned!(span=> #private::missing(#name))
        }
        Start::Value(value) => quote_spanned!(span=> #private::child(#name, #value)),
        Start::Missing => quote_spanned!(span=> #private::missing(#name)),
    };
    let options = options(&child.options, krate);
    quote!(#(#attributes)* #spec #options)
}

pub(crate) fn private(span: Span, krate: &Krate) -> TokenStream {
    let path = krate.at(span);
    let span = at(span);
    quote_spanned!(span=> #path::__private)
}

/// A result type that is left open by the outcomes of a closure is closed by the constructor.
fn constructor(start: &TokenStream) -> &'static str {
    if closure::is_fallible(start) { "fallible" } else { "closure" }
}

/// `clone(a, b)`: the names stand in an expression before they stand in a pattern, because an editor
/// completes a token after the first place where it finds it.
fn cloning(
    name: &str,
    names: &[Ident],
    start: &TokenStream,
    private: &TokenStream,
    span: Span,
    krate: &Krate,
) -> TokenStream {
    let constructor = Ident::new(&format!("{}_cloning", constructor(start)), span);
    let captures = captures(names, krate);
    let pattern = pattern(names.iter().map(ToTokens::to_token_stream));
    quote_spanned!(span=> #private::#constructor(#name, #captures, |#pattern| #start))
}

/// `(capture(&a), (capture(&b), ()))`
fn captures(names: &[Ident], krate: &Krate) -> TokenStream {
    names.iter().rev().fold(quote!(()), |rest, name| {
        let private = private(name.span(), krate);
        let span = at(name.span());
        // One location for the whole argument, so that the name alone is underlined.
        let reference = quote_spanned!(name.span()=> &);
        quote_spanned!(span=> (#private::capture(#reference #name), #rest))
    })
}

/// `(a, (b, ()))`
pub(crate) fn pattern(names: impl DoubleEndedIterator<Item = TokenStream>) -> TokenStream {
    names.rev().fold(quote!(()), |rest, name| quote!((#name, #rest)))
}
