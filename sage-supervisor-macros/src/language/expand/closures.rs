//! Closures, and the values that every start receives.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use crate::language::check::is_constant;
use crate::language::closure::{
    as_plain_closure, is_fallible, may_leave_error_open, value_in_ok, with_results,
};
use crate::language::diag::Place;
use crate::language::krate::{Krate, generated_at};
use crate::language::model::{Names, Options, listed};

/// Returns the spec of a child that is a closure.
///
/// With `clone(a, b)` and `lend(a, b)`, the names stand in an expression before they stand in a
/// pattern: an editor completes a token at the first place where it finds it in the expansion, and
/// a pattern would offer nothing.
pub(super) fn closure(
    name: &str,
    start: &TokenStream,
    options: &Options,
    span: Span,
    krate: &Krate,
) -> TokenStream {
    let with_results = with_results(start);
    let start = with_results.as_ref().unwrap_or(start);
    // A value in an `Ok(..)` is reported at its own place, by a constructor of its own.
    let value = value_in_ok(start).filter(|_| is_fallible(start));
    let (kind, of_kind) = value.map_or(("closure", span), |at| ("valued", generated_at(at)));
    let judge = options.give_up_if.as_ref().filter(|_| value.is_none());
    // Of a closure that may leave its error type open, the compiler decides whether it does.
    let may_be_open = value.is_none() && may_leave_error_open(start);
    let child = |suffix: &str, arguments: TokenStream| {
        if may_be_open {
            let at = generated_at(Place::from(start).first());
            return open(suffix, &arguments, name, at, krate);
        }
        let constructor = Ident::new(&format!("{kind}{suffix}"), of_kind);
        let expansion = krate.expansion_at(of_kind);
        quote_spanned!(span=> #expansion::#constructor(#name, #arguments))
    };
    // Both filters only matter after a mistake: a constant cannot be bound, and a name in both
    // lists is bound once.
    let bound = |names| listed(names).iter().filter(|name| !is_constant(name));
    let lent = bound(&options.lend).collect::<Vec<_>>();
    let cloned = bound(&options.clone).filter(|name| !lent.contains(name)).collect::<Vec<_>>();
    let captures = captures(&cloned, options, krate);
    let clones = pattern(cloned.iter().map(|name| clone(name, options)));
    if !lent.is_empty() {
        let loans = loans(&lent, options, krate);
        let values = pattern(lent.iter().map(ToTokens::to_token_stream));
        let bindings = lent.iter().copied().map(mutable);
        let start = judged("judged_once", start, judge, krate);
        let make = quote_spanned! {span=>
            move |#values, #clones| {
                #(#bindings)*
                #start
            }
        };
        return child("_lending", quote_spanned!(span=> #loans, #captures, #make));
    }
    if !cloned.is_empty() {
        let start = judged("judged_once", start, judge, krate);
        return child("_cloning", quote_spanned!(span=> #captures, move |#clones| #start));
    }
    // Only a closure without clones and loans is called again and again. The constructors above
    // make a new closure for every start, which may consume its captures.
    let moving = as_plain_closure(start);
    child("", judged("judged", moving.as_ref().unwrap_or(start), judge, krate))
}

/// Returns the spec of a closure that may leave its error type open. The call is located at the closure,
/// where the compiler reports what is wrong with it.
fn open(
    suffix: &str,
    arguments: &TokenStream,
    name: &str,
    span: Span,
    krate: &Krate,
) -> TokenStream {
    let expansion = krate.expansion_at(span);
    let (by, fixed) = match suffix {
        "_lending" => ("open_lending", "FixedLending"),
        "_cloning" => ("open_cloning", "FixedCloning"),
        _ => ("open", "Fixed"),
    };
    let (by, fixed) = (Ident::new(by, span), Ident::new(fixed, span));
    quote_spanned!(span=> {
        use #expansion::#fixed as _;
        #expansion::#by(#arguments).child(#name)
    })
}

/// Returns the start, whose errors the predicate of `give_up_if` has to judge.
pub(crate) fn judged(
    by: &str,
    start: &TokenStream,
    judge: Option<&TokenStream>,
    krate: &Krate,
) -> TokenStream {
    let Some(judge) = judge else { return start.clone() };
    // The compiler reports the predicate, and not the start.
    let at = Place::from(judge).first();
    let (expansion, by) = (krate.expansion_at(at), Ident::new(by, generated_at(at)));
    quote_spanned!(generated_at(at)=> #expansion::#by(#judge, #start))
}

/// Binds a lent value with `mut`. A child that only reads the value must not get a warning about
/// the `mut`.
fn mutable(name: &Ident) -> TokenStream {
    let span = generated_at(name.span());
    // With the user's span, the compiler warns about a lent value that is never used.
    let mutable = Ident::new("mut", name.span());
    quote_spanned!(span=> #[allow(unused_mut)] let #mutable #name = #name;)
}

/// Returns the cloned values as nested pairs: `(capture, (capture, ()))`.
fn captures(names: &[&Ident], options: &Options, krate: &Krate) -> TokenStream {
    names.iter().rev().fold(quote!(()), |rest, name| {
        let expansion = krate.expansion_at(name.span());
        let span = generated_at(name.span());
        // The `&` has the location of the name, so that the compiler underlines the name alone.
        let reference = quote_spanned!(name.span()=> &);
        let value = value(name, options.clone.as_ref());
        // The method has the location of the name, where the compiler reports what the value lacks.
        quote_spanned!(span=> ({
            use #expansion::{Uncloned as _, Unshared as _};
            #expansion::Capturing(#reference #value).capture()
        }, #rest))
    })
}

/// Returns the claims to the lent values as nested pairs: `(claim, (claim, ()))`.
///
/// A value is moved into the child, unless it is a `Loan`: then the move cannot be reached, and the loan
/// stays with the user.
fn loans(names: &[&Ident], options: &Options, krate: &Krate) -> TokenStream {
    names.iter().rev().fold(quote!(()), |rest, name| {
        let expansion = krate.expansion_at(name.span());
        let span = generated_at(name.span());
        let reference = quote_spanned!(name.span()=> &);
        let value = value(name, options.lend.as_ref());
        quote_spanned! {span=>
            ({
                use #expansion::Plain as _;
                #[allow(unreachable_code)]
                let claim = match #expansion::Offered(#reference #value).claim() {
                    ::core::result::Result::Ok(claim) => claim,
                    ::core::result::Result::Err(mover) => {
                        let mover = mover.go_on();
                        mover.lend(#value)
                    }
                };
                claim
            }, #rest)
        }
    })
}

/// Returns the variable, or the expression that was written (and reported) in its place.
fn value(name: &Ident, listed: Option<&(Ident, Names)>) -> TokenStream {
    let value = listed.and_then(|(_, names)| names.value(name));
    value.map_or_else(|| name.to_token_stream(), |value| quote!((#value)))
}

/// Returns the binding of a clone: `name` or `mut name`.
fn clone(name: &Ident, options: &Options) -> TokenStream {
    let mutable = options.clone.as_ref().and_then(|(_, names)| names.mutable(name));
    quote!(#mutable #name)
}

/// Returns the pattern of nested pairs: `(a, (b, ()))`.
pub(crate) fn pattern(names: impl DoubleEndedIterator<Item = TokenStream>) -> TokenStream {
    names.rev().fold(quote!(()), |rest, name| quote!((#name, #rest)))
}
