//! Words and times, and the calls that take them, each at the user's token.

use std::fmt::Debug;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use sage_supervisor_policy::time::milliseconds;
use sage_supervisor_policy::{RestartPolicy, Shutdown, Strategy};

use crate::language::args::Value;
use crate::language::diag::Place;
use crate::language::krate::{Krate, generated_at};

pub(super) fn strategy(value: Option<&Value<Strategy>>, span: Span, krate: &Krate) -> TokenStream {
    let (strategy, span) = match value {
        Some(Value::Dynamic(strategy)) => return strategy.clone(),
        Some(Value::Known(strategy, at_literal)) => (*strategy, *at_literal),
        Some(Value::Wrong) | None => (Strategy::DEFAULT, span),
    };
    variant_of("Strategy", strategy, span, krate)
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

pub(super) fn restart_policy(policy: RestartPolicy, span: Span, krate: &Krate) -> TokenStream {
    variant_of("RestartPolicy", policy, span, krate)
}

pub(super) fn shutdown(shutdown: Shutdown, span: Span, krate: &Krate) -> TokenStream {
    match shutdown {
        Shutdown::BrutalKill | Shutdown::Infinity => variant_of("Shutdown", shutdown, span, krate),
        Shutdown::Timeout(time) => {
            let variant = variant_of("Shutdown", format_args!("Timeout"), span, krate);
            let duration = duration(milliseconds(time), span, krate);
            quote!(#variant(#duration))
        }
    }
}

/// Returns the variant with the name that `Debug` writes, at the location of the user's word: an editor
/// shows the documentation of the variant there.
pub(super) fn variant_of(of: &str, variant: impl Debug, span: Span, krate: &Krate) -> TokenStream {
    let path = krate.path_at(span);
    let span = generated_at(span);
    let (of, variant) = (Ident::new(of, span), Ident::new(&format!("{variant:?}"), span));
    quote_spanned!(span=> #path::#of::#variant)
}

pub(super) fn duration(milliseconds: u64, span: Span, krate: &Krate) -> TokenStream {
    let expansion = krate.expansion_at(span);
    let span = generated_at(span);
    quote_spanned!(span=> #expansion::Duration::from_millis(#milliseconds))
}
