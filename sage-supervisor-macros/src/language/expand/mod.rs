//! Model to tokens. Total: what is missing or was reported becomes a default of the same type, so
//! that rustc still checks everything else and an editor still completes.

mod backoff;
mod checks;
mod closures;
mod declared;
mod function;
mod values;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};

pub(crate) use self::closures::pattern;
pub(crate) use self::function::function;
pub(crate) use self::values::options;

use self::closures::closure;
use self::values::{duration, settings, strategy};
use crate::language::args::{Limit, Value};
use crate::language::closure::is_async_block;
use crate::language::diag::{Diag, Place};
use crate::language::model::{Call, Child, Start, Tree};

/// The path of the runtime crate.
pub(crate) struct Krate(TokenStream);

impl Krate {
    pub(crate) fn new(path: TokenStream) -> Self {
        Self(path)
    }

    /// At the location of the whole invocation.
    pub(crate) fn path(&self) -> &TokenStream {
        &self.0
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
        return checked(block, supervisor, krate);
    }
    let mistakes = diag.into_tokens();
    quote!({ #mistakes #supervisor })
}

/// With what is left to the compiler. It stands behind the supervisor, because an editor looks for a
/// token in the first place where it finds it.
fn checked(block: &Tree, supervisor: TokenStream, krate: &Krate) -> TokenStream {
    let checks = checks::checks(block, krate);
    if checks.is_empty() {
        return supervisor;
    }
    let private = private(block.place.first(), krate);
    let span = at(block.place.first());
    quote_spanned!(span=> #private::checked(#supervisor, { #(#checks)* }))
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
        Start::Closure(start) => closure(&name, start, &child.options, span, krate),
        Start::Nested(nested) => {
            let supervisor = tree(nested, krate);
            quote_spanned!(span=> #private::child(#name, #supervisor))
        }
        Start::Value(value) if is_async_block(value) => {
            quote_spanned!(span=> #private::missing(#name))
        }
        // It takes more than the context, which was reported.
        Start::Value(value) | Start::Named(Call { value, .. }) if child.options.lend.is_some() => {
            quote_spanned!(span=> { let _ = #value; #private::missing(#name) })
        }
        // No call, which was reported.
        Start::Value(value) if child.options.tree.is_some() => {
            quote_spanned!(span=> { let _ = #value; #private::missing(#name) })
        }
        Start::Value(value) => quote_spanned!(span=> #private::child(#name, #value)),
        // The call comes first: an editor looks for a token in the first place where it finds it.
        Start::Named(Call { path, value, .. }) => {
            let tree = declared::constant(path);
            quote_spanned!(span=> #private::tree(#name, #value, &#tree))
        }
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
