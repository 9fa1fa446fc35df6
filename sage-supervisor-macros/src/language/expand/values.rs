//! Words, times and the calls that take them, each at the user's token.

use std::fmt::Debug;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use sage_supervisor_policy::time::milliseconds;
use sage_supervisor_policy::{RestartPolicy, Shutdown, Strategy};

use super::backoff::backoff;
use super::{Krate, at, limit, private};
use crate::language::args::Value;
use crate::language::diag::Place;
use crate::language::model::{Options, Tree};

pub(super) fn strategy(value: Option<&Value<Strategy>>, span: Span, krate: &Krate) -> TokenStream {
    let (strategy, span) = match value {
        Some(Value::Dynamic(strategy)) => return strategy.clone(),
        Some(Value::Known(strategy, at_literal)) => (*strategy, *at_literal),
        Some(Value::Wrong) | None => (Strategy::DEFAULT, span),
    };
    variant_of("Strategy", strategy, span, krate)
}

/// Only what was written: a supervisor keeps what it has from its parent otherwise.
pub(super) fn settings(tree: &Tree, krate: &Krate) -> TokenStream {
    let backoff = backoff(tree.backoff.as_ref(), krate);
    let keep_alive = set("keep_alive", tree.keep_alive.as_ref(), |flag, at_literal| {
        let span = at(at_literal);
        quote_spanned!(span=> #flag)
    });
    let time = |time, at| duration(time, at, krate);
    let kill_grace = set("kill_grace", tree.kill_grace.as_ref(), time);
    let unresponsive_timeout =
        set("unresponsive_timeout", tree.unresponsive_timeout.as_ref(), time);
    let auto_shutdown = set("auto_shutdown", tree.auto_shutdown.as_ref(), |word, at| {
        variant_of("AutoShutdown", word, at, krate)
    });
    let siblings = tree.temporary_siblings.as_ref().map(|(_, value)| value);
    let siblings = set("temporary_siblings", siblings, |word, at| {
        variant_of("TemporarySiblings", word, at, krate)
    });
    quote!(#backoff #auto_shutdown #keep_alive #siblings #kill_grace #unresponsive_timeout)
}

/// Only what was written: a value keeps its own options otherwise.
pub(crate) fn options(options: &Options, krate: &Krate) -> TokenStream {
    let restart =
        set("restart", options.restart.as_ref(), |word, at| restart_policy(word, at, krate));
    let shutdown = set("shutdown", options.shutdown.as_ref(), |time, at| shutdown(time, at, krate));
    let ready_within = options.ready_within.as_ref().map(|(_, value)| value);
    let ready_within = set("ready_within", ready_within, |time, at| duration(time, at, krate));
    let heartbeat = options.heartbeat.as_ref().map(|(_, value)| value);
    let heartbeat = set("heartbeat", heartbeat, |time, at| duration(time, at, krate));
    let restart_limit = restart_limit(options, krate);
    let backoff = backoff(options.backoff.as_ref(), krate);
    let significant = options
        .significant
        .as_ref()
        .map(|key| call("significant", &TokenStream::new(), key.span()));
    quote!(#restart #shutdown #ready_within #heartbeat #restart_limit #backoff #significant)
}

/// What is not written of it has its default.
fn restart_limit(options: &Options, krate: &Krate) -> Option<TokenStream> {
    let max_restarts = options.max_restarts.as_ref().and_then(|count| match count {
        Value::Known(count, at_literal) => Some((count.to_token_stream(), *at_literal)),
        Value::Dynamic(count) => Some((count.clone(), Place::from(count).first())),
        Value::Wrong => None,
    });
    let within = options.within.as_ref().and_then(|time| match time {
        Value::Known(time, at_literal) => Some((duration(*time, *at_literal, krate), *at_literal)),
        Value::Dynamic(time) => Some((time.clone(), Place::from(time).first())),
        Value::Wrong => None,
    });
    let (_, span) = max_restarts.as_ref().or(within.as_ref())?;
    let span = *span;
    let tokens = |(tokens, _)| tokens;
    let config = limit(max_restarts.map(tokens), within.map(tokens), at(span), krate);
    Some(call("restart_limit", &config, span))
}

/// A call of the method that takes the value, at the value.
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
    let method = Ident::new(method, at(span));
    let span = at(span);
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

/// The variant of the enum `of` with the name that its `Debug` writes. It has the location of the user's
/// word, where an editor shows its documentation.
fn variant_of(of: &str, variant: impl Debug, span: Span, krate: &Krate) -> TokenStream {
    let path = krate.at(span);
    let span = at(span);
    let (of, variant) = (Ident::new(of, span), Ident::new(&format!("{variant:?}"), span));
    quote_spanned!(span=> #path::#of::#variant)
}

pub(super) fn duration(milliseconds: u64, span: Span, krate: &Krate) -> TokenStream {
    let private = private(span, krate);
    let span = at(span);
    quote_spanned!(span=> #private::Duration::from_millis(#milliseconds))
}
