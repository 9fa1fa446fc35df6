//! Words, times and the calls that take them, each at the user's token.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::{Krate, at, private};
use crate::args::Value;
use crate::diag::Place;
use crate::model::Options;
use crate::words::{Restart, Shutdown, Strategy};

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

/// Only what was written: a value keeps its own options otherwise.
pub(crate) fn options(options: &Options, krate: &Krate) -> TokenStream {
    let restart = options.restart.as_ref().and_then(|value| match value {
        Value::Known(word, at) => Some(call("restart", &restart_policy(*word, *at, krate), *at)),
        Value::Dynamic(policy) => Some(call("restart", policy, Place::from(policy).first())),
        Value::Wrong => None,
    });
    let shutdown = options.shutdown.as_ref().and_then(|value| match value {
        Value::Known(time, at) => Some(call("shutdown", &shutdown(*time, *at, krate), *at)),
        Value::Dynamic(time) => Some(call("shutdown", time, Place::from(time).first())),
        Value::Wrong => None,
    });
    quote!(#restart #shutdown)
}

fn call(method: &str, argument: &TokenStream, span: Span) -> TokenStream {
    let method = Ident::new(method, at(span));
    let span = at(span);
    quote_spanned!(span=> .#method(#argument))
}

fn restart_policy(restart: Restart, span: Span, krate: &Krate) -> TokenStream {
    let variant = match restart {
        Restart::Permanent => "Permanent",
        Restart::Transient => "Transient",
        Restart::Temporary => "Temporary",
    };
    variant_of("RestartPolicy", variant, span, krate)
}

fn shutdown(shutdown: Shutdown, span: Span, krate: &Krate) -> TokenStream {
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

/// The variant has the location of the user's word: an editor shows its documentation there.
fn variant_of(of: &str, variant: &str, span: Span, krate: &Krate) -> TokenStream {
    let path = krate.at(span);
    let span = at(span);
    let (of, variant) = (Ident::new(of, span), Ident::new(variant, span));
    quote_spanned!(span=> #path::#of::#variant)
}

pub(super) fn duration(milliseconds: u64, span: Span, krate: &Krate) -> TokenStream {
    let private = private(span, krate);
    let span = at(span);
    quote_spanned!(span=> #private::Duration::from_millis(#milliseconds))
}
