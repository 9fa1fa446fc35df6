//! Settings and options to the calls that set them.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use super::backoff::backoff;
use super::values::{call, duration, restart_policy, set, shutdown, variant_of};
use crate::language::args::{Limit, Value};
use crate::language::diag::Place;
use crate::language::krate::{Krate, generated_at};
use crate::language::model::{Options, Tree};

/// Returns the restart limit of a supervisor that has none of its own.
pub(super) fn default_config(span: Span, krate: &Krate) -> TokenStream {
    let path = krate.path_at(span);
    quote_spanned!(span=> #path::expansion::default_config())
}

/// Returns the call that sets the restart limit, if a part of it is written. A limit that is not set
/// leaves out restarts that are delayed.
pub(super) fn written_limit(tree: &Tree, span: Span, krate: &Krate) -> Option<TokenStream> {
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
    if max_restarts.is_none() && within.is_none() {
        return None;
    }
    let config = limit(max_restarts, within, span, krate);
    Some(quote_spanned!(span=> .restart_limit(#config)))
}

/// Returns a restart limit. The part that is not given has its default.
fn limit(
    max_restarts: Option<TokenStream>,
    within: Option<TokenStream>,
    span: Span,
    krate: &Krate,
) -> TokenStream {
    let path = krate.path_at(span);
    let default = default_config(span, krate);
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

/// Returns the calls for the given settings only: a supervisor inherits the others from its parent.
pub(super) fn settings(tree: &Tree, krate: &Krate) -> TokenStream {
    let backoff = backoff(tree.backoff.as_ref(), krate);
    let forgive_after =
        set("forgive_after", tree.forgive_after.as_ref(), |time, at| duration(time, at, krate));
    let flag = |flag: bool, at_literal| {
        let span = generated_at(at_literal);
        quote_spanned!(span=> #flag)
    };
    let keep_alive = set("keep_alive", tree.keep_alive.as_ref(), flag);
    let child_spans = set("child_spans", tree.child_spans.as_ref(), flag);
    let tolerance = tree.tolerate_unclean_stop.as_ref().map(|(_, value)| value);
    let tolerance = set("tolerate_unclean_stop", tolerance, flag);
    let time = |time, at| duration(time, at, krate);
    let order = |order, at| variant_of("Order", order, at, krate);
    let start = set("start_order", tree.start.as_ref(), order);
    let stop = set("stop_order", tree.stop.as_ref(), order);
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
    quote! {
        #start #stop #forgive_after #backoff #auto_shutdown #keep_alive #siblings #kill_grace
        #unresponsive_timeout #child_spans #tolerance
    }
}

/// Returns the calls for the given options only: a value may carry options of its own.
pub(crate) fn options(options: &Options, krate: &Krate) -> TokenStream {
    let restart =
        set("restart", options.restart.as_ref(), |word, at| restart_policy(word, at, krate));
    let shutdown = set("shutdown", options.shutdown.as_ref(), |time, at| shutdown(time, at, krate));
    let ready_within = options.ready_within.as_ref().map(|(_, value)| value);
    let ready_within = set("ready_within", ready_within, |time, at| duration(time, at, krate));
    let heartbeat = options.heartbeat.as_ref().map(|(_, value)| value);
    let heartbeat = set("heartbeat", heartbeat, |time, at| duration(time, at, krate));
    let every = options.every.as_ref().map(|(_, value)| value);
    let every = set("every", every, |period, at| duration(period, at, krate));
    let restart_limit = restart_limit(options, krate);
    let forgive_after =
        set("forgive_after", options.forgive_after.as_ref(), |time, at| duration(time, at, krate));
    let backoff = backoff(options.backoff.as_ref(), krate);
    let give_up_if = options
        .give_up_if
        .as_ref()
        .map(|predicate| call("give_up_if", predicate, Place::from(predicate).first()));
    let instances = options.instances.as_ref().map(|(_, value)| value);
    let instances = set("instances", instances, |count, at| {
        let mut count = Literal::usize_unsuffixed(usize::try_from(count).unwrap_or(usize::MAX));
        count.set_span(at);
        count.to_token_stream()
    });
    let significant = options
        .significant
        .as_ref()
        .map(|key| call("significant", &TokenStream::new(), key.span()));
    quote! {
        #restart #shutdown #ready_within #heartbeat #every #restart_limit #forgive_after #backoff
        #give_up_if #instances #significant
    }
}

/// Returns the call that gives a child a restart limit of its own. The part that is not given has
/// its default.
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
    let config = limit(max_restarts.map(tokens), within.map(tokens), generated_at(span), krate);
    Some(call("restart_limit", &config, span))
}
