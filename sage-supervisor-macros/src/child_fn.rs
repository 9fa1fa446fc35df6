//! `#[child]` on an `async fn`: it becomes a constructor of the same name.
//!
//! The signature is read, the body is passed on as it is, so that an editor completes inside a body
//! that is broken.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};

use crate::check::{readiness_is_not_zero, shutdown_is_not_zero, significant_is_not_permanent};
use crate::diag::{Diag, Place, message};
use crate::expand::{Krate, at, options, pattern, private};
use crate::model::plain;
use crate::options::{On, read};
use crate::signature::{Argument, Parameter, Signature};
use crate::tokens::is_punct;

/// Attributes that belong to the constructor; all others stay on the `async fn`.
const OUTER: [&str; 9] =
    ["doc", "cfg", "deprecated", "must_use", "allow", "expect", "warn", "deny", "forbid"];

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut diag = Diag::default();
    let read = read(arguments, On::Function, &mut diag);
    shutdown_is_not_zero(&read, &mut diag);
    readiness_is_not_zero(&read, &mut diag);
    significant_is_not_permanent(&read, &mut diag);
    let krate = Krate::new(read.krate.clone().unwrap_or_else(|| quote!(::sage_supervisor)));
    let tokens = match Signature::parse(item.clone(), &mut diag) {
        Some(signature) => {
            check(&signature, &mut diag);
            constructor(&signature, &options(&read, &krate), &krate)
        }
        None => item,
    };
    let mistakes = diag.into_tokens();
    quote!(#mistakes #tokens)
}

fn check(signature: &Signature, diag: &mut Diag) {
    is_async(signature, diag);
    is_plain(signature, diag);
    takes_no_self(signature, diag);
    takes_a_context(signature, diag);
    owns_its_arguments(signature, diag);
    takes_all_arguments(signature, diag);
}

fn is_async(signature: &Signature, diag: &mut Diag) {
    if signature.asynchronous().is_none() {
        let text = message("a child must be an `async fn`");
        diag.error(&signature.fn_token, text.help("add `async` before `fn`"));
    }
}

fn is_plain(signature: &Signature, diag: &mut Diag) {
    for word in &signature.qualifiers {
        let text = word.to_string();
        if text != "async" && matches!(word, TokenTree::Ident(_)) {
            diag.error(word, message(format!("a child function cannot be `{text}`")));
        }
    }
}

fn takes_no_self(signature: &Signature, diag: &mut Diag) {
    if let Some(receiver) = &signature.receiver {
        let text = message("a child function cannot take `self`");
        let help = "pass the value as an argument after the `ChildContext`";
        diag.error(receiver, text.help(help));
    }
}

fn takes_a_context(signature: &Signature, diag: &mut Diag) {
    if signature.arguments.is_empty() && signature.receiver.is_none() {
        let text = message("a child takes the `ChildContext` first");
        let help = format!("`async fn {}(ctx: ChildContext)`", signature.name);
        diag.error(&signature.name, text.help(help));
    }
}

fn owns_its_arguments(signature: &Signature, diag: &mut Diag) {
    const HELP: &str = "take the value itself, or an `Arc` of it";
    for parameter in signature.parameters() {
        if let Parameter::Lifetime(name, place) = parameter {
            let text = format!("a child owns its arguments, `'{name}` cannot be used here");
            diag.error(place, message(text).help(HELP));
        }
    }
    for argument in signature.arguments.iter().skip(1) {
        if is_reference(argument) {
            let text = "a child owns its arguments, a reference cannot be used here";
            diag.error(&argument.ty, message(text).help(HELP));
        }
    }
}

fn takes_all_arguments(signature: &Signature, diag: &mut Diag) {
    for argument in &signature.arguments {
        if let Some(cfg) = &argument.cfg {
            let text = message("an argument of a child function cannot be conditional");
            let help = "write the function twice, under `#[cfg(..)]` and under `#[cfg(not(..))]`";
            diag.error(cfg, text.help(help));
        }
    }
}

/// A reference that is not `&'static`; a named lifetime is reported where it is declared.
fn is_reference(argument: &Argument) -> bool {
    match argument.ty.clone().into_iter().collect::<Vec<_>>().as_slice() {
        [and, tick, TokenTree::Ident(lifetime), ..]
            if is_punct(and, '&') && is_punct(tick, '\'') =>
        {
            lifetime == "_"
        }
        [and, ..] => is_punct(and, '&'),
        [] => false,
    }
}

/// Whether the function can be called with a context and clones of its arguments.
fn is_callable(signature: &Signature) -> bool {
    let borrows = signature.parameters().iter().any(|p| matches!(p, Parameter::Lifetime(..)))
        || signature.arguments.iter().skip(1).any(is_reference);
    let conditional = signature.arguments.iter().any(|argument| argument.cfg.is_some());
    signature.receiver.is_none() && !signature.arguments.is_empty() && !borrows && !conditional
}

fn constructor(signature: &Signature, options: &TokenStream, krate: &Krate) -> TokenStream {
    let Signature { visibility, fn_token, name, generics, where_clause, .. } = signature;
    let (outer, inner) = attributes(signature);
    let span = name.span();
    let arguments = signature.arguments.get(1..).unwrap_or_default();
    let parameters = arguments.iter().map(|Argument { name, ty, .. }| quote!(#name: #ty));
    let spec = spec(signature, arguments, &inner, krate);
    let receiver = signature.receiver.as_ref().map(|receiver| quote!(#receiver,));
    let path = krate.at(span);
    let result = {
        let span = at(span);
        quote_spanned!(span=> #path::ChildSpec)
    };
    quote! {
        #outer #visibility #fn_token #name #generics (#receiver #(#parameters),*) -> #result
        #where_clause
        {
            #spec #options
        }
    }
}

fn attributes(signature: &Signature) -> (TokenStream, TokenStream) {
    let (mut outer, mut inner) = (TokenStream::new(), TokenStream::new());
    for (path, tokens) in &signature.attributes {
        let side = if OUTER.contains(&path.as_str()) { &mut outer } else { &mut inner };
        side.extend(tokens.clone());
    }
    (outer, inner)
}

/// The function as it was written, and a spec that calls it at every start.
fn spec(
    signature: &Signature,
    arguments: &[Argument],
    inner: &TokenStream,
    krate: &Krate,
) -> TokenStream {
    let Signature { fn_token, name, generics, output, where_clause, body, .. } = signature;
    let text = plain(name);
    let private = private(name.span(), krate);
    let span = at(name.span());
    let names = arguments.iter().map(|argument| &argument.name).collect::<Vec<_>>();
    if !is_callable(signature) {
        // What is wrong was reported at the signature; the body would only repeat it.
        let context =
            signature.arguments.iter().take(1).map(|Argument { ty, .. }| quote!(|_: #ty| ()));
        let unused = quote!(#(#context,)* #(&#names,)*);
        return quote_spanned!(span=> let _ = (#unused); #private::missing(#text));
    }
    // Where it is missing, the rest is checked as if it were there.
    let asynchronous =
        signature.asynchronous().map_or_else(|| quote!(async), ToTokens::to_token_stream);
    let written = signature.arguments.iter().map(|argument| &argument.tokens);
    let function = quote! {
        #inner #asynchronous #fn_token #name #generics (#(#written),*) #output #where_clause #body
    };
    let turbofish = turbofish(signature);
    let captures = names.iter().rev().fold(quote!(()), |rest, name| {
        let private = self::private(name.span(), krate);
        let span = at(name.span());
        quote_spanned!(span=> (#private::keep({ #name }), #rest))
    });
    let ctx = context(signature, span);
    if names.is_empty() {
        let call = quote_spanned!(span=> |#ctx| #name #turbofish (#ctx));
        return quote_spanned!(span=> #function #private::closure(#text, #call));
    }
    let clone = |(index, name): (usize, &&Ident)| invented(&index.to_string(), name.span());
    let clones = names.iter().enumerate().map(clone).collect::<Vec<_>>();
    let pattern = pattern(clones.iter().map(ToTokens::to_token_stream));
    let call = quote_spanned!(span=> |#pattern| move |#ctx| #name #turbofish (#ctx, #(#clones),*));
    // In scope of the call only, the function hides no argument of the same name.
    quote_spanned!(span=> #private::closure_cloning(#text, #captures, { #function #call }))
}

/// A name that no constant has, which would make a pattern of it.
fn invented(name: &str, at_token: Span) -> Ident {
    Ident::new(&format!("__sage_supervisor_{name}"), at(at_token))
}

/// The context has the location of the argument it is for, which is where a wrong type is reported.
fn context(signature: &Signature, generated: Span) -> Ident {
    let first = signature.arguments.first();
    invented("ctx", first.map_or(generated, |first| Place::from(&first.ty).first()))
}

fn turbofish(signature: &Signature) -> TokenStream {
    let values = signature
        .parameters()
        .into_iter()
        .filter_map(|parameter| match parameter {
            Parameter::Value(name) => Some(name),
            Parameter::Lifetime(..) => None,
        })
        .collect::<Vec<_>>();
    if values.is_empty() { TokenStream::new() } else { quote!(::<#(#values),*>) }
}
