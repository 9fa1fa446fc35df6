//! From a block to the expression that builds its supervisor.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::checks::checks;
use super::closures::{closure, judged};
use super::declared;
use super::settings::{default_config, options, settings, written_limit};
use super::values::strategy;
use crate::language::args::{Limit, Value};
use crate::language::closure::is_async_block;
use crate::language::diag::Place;
use crate::language::krate::{Krate, generated_at};
use crate::language::model::{Call, Child, Start, Tree};

/// Adds the checks that are left to the compiler. They come behind the supervisor: an editor looks
/// for a token at the first place where it finds it, and the checks repeat names.
pub(super) fn checked(block: &Tree, supervisor: TokenStream, krate: &Krate) -> TokenStream {
    let checks = checks(block, krate);
    if checks.is_empty() {
        return supervisor;
    }
    let expansion = krate.expansion_at(block.place.first());
    let span = generated_at(block.place.first());
    quote_spanned!(span=> #expansion::checked(#supervisor, { #(#checks)* }))
}

/// Returns the supervisor as one expression without local variables: an editor would offer their
/// names inside the children.
pub(super) fn supervisor(tree: &Tree, krate: &Krate) -> TokenStream {
    // A strategy of the wrong type is reported at its own place, and not at the whole block.
    let place = match &tree.strategy {
        Some(Value::Dynamic(strategy)) => Place::from(strategy),
        _ => tree.place,
    };
    let span = generated_at(place.first());
    let path = krate.path_at(place.first());
    let strategy = strategy(tree.strategy.as_ref(), span, krate);
    let config = default_config(span, krate);
    let limit = match tree.max_restarts {
        Some(Value::Known(Limit::Unlimited, at_literal)) => {
            let span = generated_at(at_literal);
            Some(quote_spanned!(span=> .unlimited_restarts()))
        }
        _ => written_limit(tree, span, krate),
    };
    let name = match &tree.name {
        Some(Value::Known(name, at_literal)) => {
            let span = generated_at(*at_literal);
            quote_spanned!(span=> .name(#name))
        }
        Some(Value::Dynamic(name)) => {
            let span = generated_at(Place::from(name).first());
            quote_spanned!(span=> .name(#name))
        }
        Some(Value::Wrong) | None => TokenStream::new(),
    };
    let settings = settings(tree, krate);
    let methods = &tree.methods;
    // The children are elements of one array: an element may carry a `#[cfg(..)]`, the call of a
    // method may not.
    let children = tree.children.iter().map(|entry| child(entry, krate));
    quote_spanned! {span=>
        #path::Supervisor::new(#strategy, #config) #limit #name #settings
            .children([#(#children),*]) #methods
    }
}

fn child(child: &Child, krate: &Krate) -> TokenStream {
    let attributes = &child.attributes;
    let span = generated_at(child.name.span());
    let expansion = krate.expansion_at(child.name.span());
    let name = child.entry_name();
    let judge = child.options.give_up_if.as_ref();
    let spec = match &child.start {
        Start::Closure(start) => closure(&name, start, &child.options, span, krate),
        Start::Nested(nested) => {
            let supervisor = supervisor(nested, krate);
            let spec = quote_spanned!(span=> #expansion::child(#name, #supervisor));
            judged("judged_supervisor", &spec, judge, krate)
        }
        Start::Value(value) if is_async_block(value) => {
            quote_spanned!(span=> #expansion::missing(#name))
        }
        // `lend` on such a value was reported. The value probably takes more than a context, so it
        // is not used.
        Start::Value(value) | Start::Named(Call { value, .. }) if child.options.lend.is_some() => {
            quote_spanned!(span=> { let _ = #value; #expansion::missing(#name) })
        }
        // The value is not the call of a named tree, which was reported.
        Start::Value(value) if child.options.tree.is_some() => {
            quote_spanned!(span=> { let _ = #value; #expansion::missing(#name) })
        }
        Start::Value(value) => {
            let value = judged("judged_value", value, judge, krate);
            quote_spanned!(span=> #expansion::child(#name, #value))
        }
        // The call comes before the constant: an editor looks for a token at the first place where
        // it finds it.
        Start::Named(Call { path, value, .. }) => {
            let tree = declared::constant(path);
            let spec = quote_spanned!(span=> #expansion::tree(#name, #value, &#tree));
            judged("judged_supervisor", &spec, judge, krate)
        }
        Start::Missing => quote_spanned!(span=> #expansion::missing(#name)),
    };
    let options = options(&child.options, krate);
    let spec = match &child.options.version {
        None => quote!(#spec #options),
        // The start may take the values that the version is made from, so the version comes first.
        Some((key, version)) => {
            let at = generated_at(key.span());
            let version = quote_spanned!(at=> #expansion::version(&(#version)));
            quote!(#expansion::versioned(#version, #spec #options))
        }
    };
    let condition = match &child.options.when {
        Some(Value::Known(condition, _)) => quote_spanned!(span=> #condition),
        // A condition of another type is reported at its own place.
        Some(Value::Dynamic(condition)) => {
            let span = generated_at(Place::from(condition).first());
            quote_spanned!(span=> { let holds: ::core::primitive::bool = #condition; holds })
        }
        Some(Value::Wrong) | None => return quote!(#(#attributes)* #spec),
    };
    // An attribute may stand in front of a `match`, but not of an `if`.
    quote_spanned! {span=>
        #(#attributes)* match #condition { true => #spec, false => #expansion::left_out(#name) }
    }
}
