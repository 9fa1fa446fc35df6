//! Words and times, and the calls that take them, each at the user's token.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::language::args::Value;
use crate::language::diag::Place;
use crate::language::krate::{Krate, generated_at};
use crate::language::words::{Restart, Shutdown, Strategy};

pub(super) fn strategy(value: Option<&Value<Strategy>>, span: Span, krate: &Krate) -> TokenStream {
    let (strategy, span) = match value {
        Some(Value::Dynamic(strategy)) => return strategy.clone(),
        Some(Value::Known(strategy, at_literal)) => (*strategy, *at_literal),
        Some(Value::Wrong) | None => (Strategy::OneForOne, span),
    };
    let variant = match strategy {
        Strategy::OneForOne => "OneForOne",
        Strategy::OneForAll => "OneForAll",
        Strategy::RestForOne => "RestForOne",
    };
    variant_of("Strategy", variant, span, krate)
}

/// Returns the call of the method that takes the value, at the location of the value.
pub(super) fn set<T: Copy>(
    method: &str,
    value: Option<&Value<T>>,
    known: impl Fn(T, Span) -> TokenStream,
) -> Option<TokenStream> {
    match value? {
        Value::Known(value, at) => Some(call(method, &known(*value, *at), *at)),
        Value::Dynamic(value) => Some(call(method, value, Place::from(value).first())),
        Value::Wrong => None,
    }
}

pub(super) fn call(method: &str, argument: &TokenStream, span: Span) -> TokenStream {
    let method = Ident::new(method, generated_at(span));
    let span = generated_at(span);
    quote_spanned!(span=> .#method(#argument))
}

pub(super) fn restart_policy(restart: Restart, span: Span, krate: &Krate) -> TokenStream {
    let variant = match restart {
        Restart::Permanent => "Permanent",
        Restart::Transient => "Transient",
        Restart::Temporary => "Temporary",
    };
    variant_of("RestartPolicy", variant, span, krate)
}

pub(super) fn shutdown(shutdown: Shutdown, span: Span, krate: &Krate) -> TokenStream {
    match shutdown {
        Shutdown::BrutalKill => variant_of("Shutdown", "BrutalKill", span, krate),
        Shutdown::Infinity => variant_of("Shutdown", "Infinity", span, krate),
        Shutdown::Milliseconds(time) => {
            let variant = variant_of("Shutdown", "Timeout", span, krate);
            let duration = duration(time, span, krate);
            quote!(#variant(#duration))
        }
    }
}

/// Returns the variant, at the location of the user's word: an editor shows the documentation of
/// the variant there.
pub(super) fn variant_of(of: &str, variant: &str, span: Span, krate: &Krate) -> TokenStream {
    let path = krate.path_at(span);
    let span = generated_at(span);
    let (of, variant) = (Ident::new(of, span), Ident::new(variant, span));
    quote_spanned!(span=> #path::#of::#variant)
}

pub(super) fn duration(milliseconds: u64, span: Span, krate: &Krate) -> TokenStream {
    let private = krate.private_at(span);
    let span = generated_at(span);
    quote_spanned!(span=> #private::Duration::from_millis(#milliseconds))
}
