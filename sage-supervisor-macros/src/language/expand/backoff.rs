//! `backoff(..)` to the calls that set it.

use proc_macro2::{Literal, Span, TokenStream, TokenTree};
use quote::quote_spanned;

use super::values::{call, duration, set};
use crate::language::args::Value;
use crate::language::backoff::{Backoff, Delays, Exponential};
use crate::language::diag::Place;
use crate::language::krate::{Krate, generated_at};

/// Returns the call for a backoff. Only the given arguments are passed on, so that the defaults are
/// the runtime's.
pub(super) fn backoff(backoff: Option<&Backoff>, krate: &Krate) -> Option<TokenStream> {
    let Backoff { key, delays } = backoff?;
    match delays {
        Delays::Exponential(delays) => {
            Some(call("backoff", &exponential(delays, key.span(), krate), key.span()))
        }
        Delays::Dynamic(value) => Some(call("backoff", value, Place::from(value).first())),
        Delays::Wrong => None,
    }
}

fn exponential(delays: &Exponential, at_key: Span, krate: &Krate) -> TokenStream {
    let time = |time, at| duration(time, at, krate);
    let initial = match &delays.initial {
        Some(Value::Known(initial, at)) => duration(*initial, *at, krate),
        Some(Value::Dynamic(initial)) => initial.clone(),
        // The first delay was reported as wrong or missing. The constructor needs one, so it gets
        // any.
        Some(Value::Wrong) | None => duration(1_000, at_key, krate),
    };
    let max = set("max", delays.max.as_ref(), time);
    let factor = set("factor", delays.factor.as_ref(), number);
    let jitter = set("jitter", delays.jitter.as_ref(), number);
    let reset_after = set("reset_after", delays.reset_after.as_ref(), time);
    let (path, span) = (krate.path_at(at_key), generated_at(at_key));
    quote_spanned! {span=>
        #path::Backoff::exponential(#initial) #max #factor #jitter #reset_after
    }
}

fn number(number: f64, at_literal: Span) -> TokenStream {
    // This constructor panics if the number is not finite. The ranges of `factor` and `jitter` have
    // finite bounds, so such a number was rejected.
    let mut literal = Literal::f64_suffixed(number);
    literal.set_span(generated_at(at_literal));
    TokenTree::from(literal).into()
}
