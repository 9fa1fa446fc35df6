//! Closures, and what is handed to them at every start.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use crate::language::check::is_constant;
use crate::language::closure::{as_plain_closure, is_fallible, value_in_ok, with_results};
use crate::language::krate::{Krate, generated_at};
use crate::language::model::{Names, Options, listed};

/// With `clone(a, b)` and `lend(a, b)`, the names stand in an expression before they stand in a
/// pattern, because an editor completes a token after the first place where it finds it.
pub(super) fn closure(
    name: &str,
    start: &TokenStream,
    options: &Options,
    span: Span,
    krate: &Krate,
) -> TokenStream {
    let with_results = with_results(start);
    let start = with_results.as_ref().unwrap_or(start);
    // A result type that is left open by the outcomes of the closure is closed by the constructor.
    let value = value_in_ok(start);
    let kind = match (is_fallible(start), value) {
        (true, None) => "fallible",
        (true, Some(_)) => "valued",
        (false, _) => "closure",
    };
    // What is wrong with a value is said where that stands.
    let of_kind = value.filter(|_| kind == "valued").map_or(span, generated_at);
    let constructor = |suffix: &str| Ident::new(&format!("{kind}{suffix}"), of_kind);
    let private = &krate.private_at(of_kind);
    // What was reported: a constant is not bound, and a name in both lists once.
    let bound = |names| listed(names).iter().filter(|name| !is_constant(name));
    let lent = bound(&options.lend).collect::<Vec<_>>();
    let cloned = bound(&options.clone).filter(|name| !lent.contains(name)).collect::<Vec<_>>();
    let captures = captures(&cloned, options, krate);
    let clones = pattern(cloned.iter().map(|name| clone(name, options)));
    if !lent.is_empty() {
        let constructor = constructor("_lending");
        let loans = loans(&lent, options, krate);
        let values = pattern(lent.iter().map(ToTokens::to_token_stream));
        let bindings = lent.iter().copied().map(mutable);
        return quote_spanned! {span=>
            #private::#constructor(#name, #loans, #captures, |#values, #clones| {
                #(#bindings)*
                #start
            })
        };
    }
    if !cloned.is_empty() {
        let constructor = constructor("_cloning");
        return quote_spanned!(span=> #private::#constructor(#name, #captures, |#clones| #start));
    }
    let constructor = constructor("");
    let moving = as_plain_closure(start);
    let start = moving.as_ref().unwrap_or(start);
    quote_spanned!(span=> #private::#constructor(#name, #start))
}

/// What is lent is there to be changed; whoever only looks at it is not to blame.
fn mutable(name: &Ident) -> TokenStream {
    let span = generated_at(name.span());
    // As if the user had written it, so that a value that nobody uses is told of.
    let mutable = Ident::new("mut", name.span());
    quote_spanned!(span=> #[allow(unused_mut)] let #mutable #name = #name;)
}

/// `(capture(&a), (capture(&b), ()))`
fn captures(names: &[&Ident], options: &Options, krate: &Krate) -> TokenStream {
    names.iter().rev().fold(quote!(()), |rest, name| {
        let private = krate.private_at(name.span());
        let span = generated_at(name.span());
        // One location for the whole argument, so that the name alone is underlined.
        let reference = quote_spanned!(name.span()=> &);
        let value = value(name, options.clone.as_ref());
        quote_spanned!(span=> (#private::capture(#reference #value), #rest))
    })
}

/// `(lend(a), (lend(b), ()))`
fn loans(names: &[&Ident], options: &Options, krate: &Krate) -> TokenStream {
    names.iter().rev().fold(quote!(()), |rest, name| {
        let private = krate.private_at(name.span());
        let span = generated_at(name.span());
        let value = value(name, options.lend.as_ref());
        quote_spanned!(span=> (#private::lend(#value), #rest))
    })
}

/// The variable, or what was written in place of it, which was reported.
fn value(name: &Ident, listed: Option<&(Ident, Names)>) -> TokenStream {
    let value = listed.and_then(|(_, names)| names.value(name));
    value.map_or_else(|| name.to_token_stream(), |value| quote!((#value)))
}

/// `name` or `mut name`
fn clone(name: &Ident, options: &Options) -> TokenStream {
    let mutable = options.clone.as_ref().and_then(|(_, names)| names.mutable(name));
    quote!(#mutable #name)
}

/// `(a, (b, ()))`
pub(crate) fn pattern(names: impl DoubleEndedIterator<Item = TokenStream>) -> TokenStream {
    names.rev().fold(quote!(()), |rest, name| quote!((#name, #rest)))
}
