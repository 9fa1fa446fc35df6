//! `#[child]` on an `async fn`, which becomes a constructor of the same name.
//!
//! The macro reads the signature only. The body is passed on unchanged, so that an editor can
//! complete names in a body that does not parse.

mod blocking;
mod check;
mod context;
mod lent;
mod output;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};

use self::check::{check, is_callable};
use crate::language::analyze;
use crate::language::check::{options_are_valid, significant_is_not_permanent};
use crate::language::diag::{Diag, Place};
use crate::language::expand::{judged, options, pattern};
use crate::language::ide;
use crate::language::krate::{Krate, generated_at};
use crate::language::model::plain;
use crate::language::options::{On, read};
use crate::language::signature::{Argument, Parameter, Signature, Wanted};

/// The attributes that move to the constructor; all others stay on the `async fn`.
const OUTER: [&str; 9] =
    ["doc", "cfg", "deprecated", "must_use", "allow", "expect", "warn", "deny", "forbid"];

const WANTED: Wanted = Wanted {
    function: "`#[child]` goes on an `async fn`, or on an entry of `supervisor!`",
    body: "a child function needs a body",
    help: None,
};

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut diag = Diag::default();
    // The options are read before the signature, because `crate = ..` determines the path in all
    // generated code.
    let read = read(arguments.clone(), On::Function, &mut diag);
    options_are_valid(&read, &mut diag);
    significant_is_not_permanent(&read, &mut diag);
    analyze::function(&read, &mut diag);
    let krate = Krate::new(read.krate.clone().unwrap_or_else(|| quote!(::sage_supervisor)));
    let tokens = match Signature::parse(item.clone(), &WANTED, &mut diag) {
        Some(mut signature) => {
            check(&signature, &mut diag);
            context::put_first(&mut signature, &krate);
            let keys = ide::of_function(arguments, &krate);
            let judge = read.give_up_if.as_ref();
            constructor(&signature, &keys, judge, &options(&read, &krate), &krate)
        }
        None => item,
    };
    let mistakes = diag.into_tokens();
    // The mistakes come behind the constructor: an editor looks for the keys at a fixed place in
    // the expansion, see `ide`.
    quote!(#tokens #mistakes)
}

/// Returns the function that the user calls: it has the arguments without the context and returns
/// the `ChildSpec`.
fn constructor(
    signature: &Signature,
    keys: &TokenStream,
    judge: Option<&TokenStream>,
    options: &TokenStream,
    krate: &Krate,
) -> TokenStream {
    let Signature { visibility, fn_token, name, generics, where_clause, .. } = signature;
    let (outer, inner) = attributes(signature);
    let span = name.span();
    // `put_first` made the context the first argument, and the user does not pass it.
    let arguments = signature.arguments.get(1..).unwrap_or_default();
    let parameters = arguments.iter().map(|argument| {
        let (name, ty) = (&argument.name, lent::constructor_type(argument));
        quote!(#name: #ty)
    });
    let spec = spec(signature, arguments, &inner, judge, krate);
    let receiver = signature.receiver.as_ref().map(|receiver| quote!(#receiver,));
    let path = krate.path_at(span);
    // Lints look at the ends of the head and of the body. Both have the span of the user's code, so
    // that a function that nobody uses is reported as any other is. The brackets are that end, because a
    // name with that span would make the path one that the user has written.
    let result = {
        let end = quote_spanned!(span=> >);
        quote_spanned!(generated_at(span)=> #path::ChildSpec < #end)
    };
    let mut body = Group::new(Delimiter::Brace, quote!(#keys #spec #options));
    body.set_span(signature.body.span());
    quote! {
        #outer #visibility #fn_token #name #generics (#receiver #(#parameters),*) -> #result
        #where_clause
        #body
    }
}

/// Returns the attributes of the constructor, and those of the `async fn`.
fn attributes(signature: &Signature) -> (TokenStream, TokenStream) {
    let (mut outer, mut inner) = (TokenStream::new(), TokenStream::new());
    for (path, tokens) in &signature.attributes {
        let side = if OUTER.contains(&path.as_str()) { &mut outer } else { &mut inner };
        side.extend(tokens.clone());
    }
    (outer, inner)
}

/// Returns the user's function, followed by a `ChildSpec` that calls it at every start.
fn spec(
    signature: &Signature,
    arguments: &[Argument],
    inner: &TokenStream,
    judge: Option<&TokenStream>,
    krate: &Krate,
) -> TokenStream {
    let Signature { fn_token, name, generics, output, where_clause, body, .. } = signature;
    let text = plain(name);
    // With the span of a wrong return type, the compiler reports the type where it is written.
    let of_output = output::wrong_type(signature).unwrap_or(name.span());
    let constructor = |name: &str| {
        let (expansion, name) =
            (krate.expansion_at(of_output), Ident::new(name, generated_at(of_output)));
        quote_spanned!(generated_at(of_output)=> #expansion::#name)
    };
    let expansion = krate.expansion_at(name.span());
    let span = generated_at(name.span());
    let names = arguments.iter().map(|argument| &argument.name).collect::<Vec<_>>();
    if !is_callable(signature) {
        // The mistake was reported at the signature; the body would only repeat it.
        let context =
            signature.arguments.iter().take(1).map(|Argument { ty, .. }| quote!(|_: #ty| ()));
        let unused = quote!(#(#context,)* #(&#names,)*);
        return quote_spanned!(span=> let _ = (#unused); #expansion::missing(#text));
    }
    // A missing `async` was reported, and is added so that the rest is checked. The word is
    // generated, so that no lint complains about an `async fn` without an `.await`: a child
    // function has to be `async`.
    let word = signature.asynchronous().map_or(span, |word| generated_at(word.span()));
    let asynchronous = quote_spanned!(word=> async);
    let written = signature.arguments.iter().map(|argument| &argument.tokens);
    let function = quote! {
        #inner #asynchronous #fn_token #name #generics (#(#written),*) #output #where_clause #body
    };
    let turbofish = turbofish(signature);
    let ctx = context_name(signature, span);
    if names.is_empty() {
        let closure = constructor("closure");
        let call = quote_spanned!(span=> |#ctx| #name #turbofish (#ctx));
        let call = judged("judged", &call, judge, krate);
        return quote_spanned!(span=> #function #closure(#text, #call));
    }
    let value = |(index, name): (usize, &&Ident)| invented(&index.to_string(), name.span());
    let values = names.iter().enumerate().map(value).collect::<Vec<_>>();
    let handed = arguments.iter().zip(&values);
    let (lent, cloned) = handed.partition::<Vec<_>, _>(|(of, _)| lent::lent_type(of).is_some());
    let captures = kept(&cloned, krate);
    let clones = pattern(cloned.iter().map(|(_, value)| value.to_token_stream()));
    let call = quote_spanned!(span=> move |#ctx| #name #turbofish (#ctx, #(#values),*));
    let call = judged("judged_once", &call, judge, krate);
    // The block limits the function to the call, so that it does not hide an argument of the same
    // name.
    if lent.is_empty() {
        let make = quote_spanned!(span=> { #function |#clones| #call });
        let arguments = constructor("Arguments");
        let expansion = krate.expansion_at(of_output);
        // The method has the location at which a wrong output is reported.
        let spec = quote_spanned!(generated_at(of_output)=> {
            use #expansion::Unwhole as _;
            #arguments(#captures).spec(#text, #make)
        });
        return bounded(signature, &cloned, spec, krate);
    }
    let loans = lent_out(&lent, krate);
    let values = pattern(lent.iter().map(|(_, value)| value.to_token_stream()));
    let make = quote_spanned!(span=> { #function |#values, #clones| #call });
    let lending = constructor("closure_lending");
    let spec = quote_spanned!(span=> #lending(#text, #loans, #captures, #make));
    bounded(signature, &cloned, spec, krate)
}

/// Returns the arguments to be cloned as nested pairs: `(capture, (capture, ()))`.
fn kept(arguments: &[(&Argument, &Ident)], krate: &Krate) -> TokenStream {
    arguments.iter().rev().fold(quote!(()), |rest, (Argument { name, .. }, _)| {
        let expansion = krate.expansion_at(name.span());
        let span = generated_at(name.span());
        quote_spanned!(span=> ({
            use #expansion::{Uncloned as _, Unshared as _};
            #expansion::Keeping({ #name }).capture()
        }, #rest))
    })
}

/// Returns the arguments to be lent as nested pairs: `(lend(a), (lend(b), ()))`.
fn lent_out(arguments: &[(&Argument, &Ident)], krate: &Krate) -> TokenStream {
    arguments.iter().rev().fold(quote!(()), |rest, (Argument { name, .. }, _)| {
        let expansion = krate.expansion_at(name.span());
        let span = generated_at(name.span());
        quote_spanned!(span=> (#expansion::lend({ #name }), #rest))
    })
}

/// Puts the spec into a function of its own, whose bounds say that the generic arguments can be cloned into
/// a child. A generic function that lacks these bounds is then reported once, at the argument, and not at
/// its future as well.
fn bounded(
    signature: &Signature,
    cloned: &[(&Argument, &Ident)],
    spec: TokenStream,
    krate: &Krate,
) -> TokenStream {
    let parameters = signature.parameters();
    let is_generic = |argument: &Argument| {
        parameters.iter().any(|parameter| match parameter {
            Parameter::Value(name) => mentions(argument.ty.clone(), name),
            Parameter::Lifetime(..) => false,
        })
    };
    let bounds = cloned.iter().filter(|(argument, _)| is_generic(argument)).map(|(argument, _)| {
        let (ty, at) = (&argument.ty, argument.name.span());
        let path = krate.path_at(at);
        quote_spanned!(generated_at(at)=> #ty: #path::bounds::Capture,)
    });
    let bounds = bounds.collect::<TokenStream>();
    if bounds.is_empty() {
        return spec;
    }
    let Signature { fn_token, name, generics, where_clause, .. } = signature;
    let conditions = where_clause.clone().into_iter().skip(1).collect::<TokenStream>();
    let span = generated_at(name.span());
    let arguments = signature.arguments.get(1..).unwrap_or_default();
    let names = arguments.iter().map(|argument| &argument.name);
    let inner = arguments.iter().map(|argument| {
        let (name, ty) = (&argument.name, lent::constructor_type(argument));
        quote!(#name: #ty)
    });
    let (path, turbofish) = (krate.path_at(name.span()), turbofish(signature));
    let start = invented("start", name.span());
    quote_spanned! {span=> {
        #fn_token #start #generics (#(#inner),*) -> #path::ChildSpec
        where
            #bounds
            #conditions
        {
            #spec
        }
        #start #turbofish (#(#names),*)
    }}
}

fn mentions(tokens: TokenStream, name: &Ident) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == *name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        _ => false,
    })
}

/// Returns a name that the user has not taken. A constant of the same name would turn the binding
/// into a pattern that compares.
fn invented(name: &str, at_token: Span) -> Ident {
    Ident::new(&format!("__sage_supervisor_{name}"), generated_at(at_token))
}

/// Returns the binding of the context, with the location of the user's first argument: the compiler
/// reports a wrong type there.
fn context_name(signature: &Signature, generated: Span) -> Ident {
    let first = signature.arguments.first();
    invented("ctx", first.map_or(generated, |first| Place::from(&first.ty).first()))
}

/// Returns the generic arguments of the call of the user's function. A function with lifetime
/// parameters was reported and is not called.
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
