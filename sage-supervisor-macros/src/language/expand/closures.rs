//! Closures, and what is handed to them at every start.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use super::{Krate, at, private};
use crate::language::check::is_constant;
use crate::language::closure::{is_fallible, moving};
use crate::language::model::{Options, listed};

/// With `clone(a, b)` and `lend(a, b)`, the names stand in an expression before they stand in a
/// pattern, because an editor completes a token after the first place where it finds it.
pub(super) fn closure(
    name: &str,
    start: &TokenStream,
    options: &Options,
    private: &TokenStream,
    span: Span,
    krate: &Krate,
) -> TokenStream {
    // A result type that is left open by the outcomes of the closure is closed by the constructor.
    let kind = if is_fallible(start) { "fallible" } else { "closure" };
    let constructor = |suffix: &str| Ident::new(&format!("{kind}{suffix}"), span);
    // What was reported: a constant is not bound, and a name in both lists once.
    let bound = |names| listed(names).iter().filter(|name| !is_constant(name));
    let lent = bound(&options.lend).collect::<Vec<_>>();
    let cloned = bound(&options.clone).filter(|name| !lent.contains(name)).collect::<Vec<_>>();
    let captures = captures(&cloned, krate);
    let clones = pattern(cloned.iter().map(ToTokens::to_token_stream));
    if !lent.is_empty() {
        let constructor = constructor("_lending");
        let loans = loans(&lent, krate);
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
    let moving = moving(start);
    let start = moving.as_ref().unwrap_or(start);
    quote_spanned!(span=> #private::#constructor(#name, #start))
}

/// What is lent is there to be changed; whoever only looks at it is not to blame.
fn mutable(name: &Ident) -> TokenStream {
    let span = at(name.span());
    // As if the user had written it, so that a value that nobody uses is told of.
    let mutable = Ident::new("mut", name.span());
    quote_spanned!(span=> #[allow(unused_mut)] let #mutable #name = #name;)
}

/// `(capture(&a), (capture(&b), ()))`
fn captures(names: &[&Ident], krate: &Krate) -> TokenStream {
    names.iter().rev().fold(quote!(()), |rest, name| {
        let private = private(name.span(), krate);
        let span = at(name.span());
        // One location for the whole argument, so that the name alone is underlined.
        let reference = quote_spanned!(name.span()=> &);
        quote_spanned!(span=> (#private::capture(#reference #name), #rest))
    })
}

/// `(lend(a), (lend(b), ()))`
fn loans(names: &[&Ident], krate: &Krate) -> TokenStream {
    names.iter().rev().fold(quote!(()), |rest, name| {
        let private = private(name.span(), krate);
        let span = at(name.span());
        quote_spanned!(span=> (#private::lend(#name), #rest))
    })
}

/// `(a, (b, ()))`
pub(crate) fn pattern(names: impl DoubleEndedIterator<Item = TokenStream>) -> TokenStream {
    names.rev().fold(quote!(()), |rest, name| quote!((#name, #rest)))
}
