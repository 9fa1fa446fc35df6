//! Model to a constant that describes it, and what the compiler checks with it.
//!
//! The path of a named tree has the user's spans: that it is none is said there.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use super::values::{restart_policy, shutdown, strategy};
use super::{Krate, at, private};
use crate::language::analyze::{Bound, of_tree};
use crate::language::args::{Limit, Value};
use crate::language::closure::is_async_block;
use crate::language::model::{Child, Start, Tree};
use crate::language::split::Attribute;
use crate::language::tokens::is_word;
use crate::language::words::Shutdown;

/// The tree, described at one location.
pub(super) fn tree(
    tree: &Tree,
    name: &str,
    description: &str,
    span: Span,
    krate: &Krate,
) -> TokenStream {
    let private = private(span, krate);
    let strategy = written(tree.strategy.as_ref(), span, krate, |word| {
        strategy(Some(&Value::Known(word, span)), span, krate)
    });
    let max_restarts = written(tree.max_restarts.as_ref(), span, krate, |limit| match limit {
        Limit::Count(count) => quote_spanned!(at(span)=> ::core::option::Option::Some(#count)),
        Limit::Unlimited => quote_spanned!(at(span)=> ::core::option::Option::None),
    });
    let within = written(tree.within.as_ref(), span, krate, |time| time.to_token_stream());
    let kill_grace = if is_called(tree, "kill_grace") {
        quote_spanned!(at(span)=> #private::Written::Unknown)
    } else {
        written(tree.kill_grace.as_ref(), span, krate, |time| time.to_token_stream())
    };
    let children = tree.children.iter().map(|entry| child(entry, span, krate));
    let made = match tree.name {
        Some(Value::Known(..)) => quote_spanned!(at(span)=> tree_of_that_name),
        Some(Value::Dynamic(_) | Value::Wrong) | None => quote_spanned!(at(span)=> tree),
    };
    quote_spanned! {at(span)=>
        #private::DeclaredSupervisor {
            name: #name,
            description: #description,
            strategy: #strategy,
            max_restarts: #max_restarts,
            within_ms: #within,
            kill_grace_ms: #kill_grace,
            children: const { &[#(#children),*] },
        }
        .#made()
    }
}

fn child(child: &Child, span: Span, krate: &Krate) -> TokenStream {
    let private = private(span, krate);
    let conditions = child.conditions();
    let name = child.title();
    let description = &child.description;
    let options = &child.options;
    let restart =
        written(options.restart.as_ref(), span, krate, |word| restart_policy(word, span, krate));
    let shutdown =
        written(options.shutdown.as_ref(), span, krate, |time| shutdown(time, span, krate));
    let significant = options.significant.is_some();
    let start = match &child.start {
        Start::Nested(nested) => {
            let nested = tree(nested, &child.title(), description, span, krate);
            quote_spanned!(at(span)=> Nested(#nested))
        }
        Start::Named(call) => {
            let tree = constant(&call.path);
            quote_spanned!(at(span)=> Nested(#tree))
        }
        Start::Value(value) if !is_async_block(value) => quote_spanned!(at(span)=> Value),
        // Meant as a closure, and reported.
        Start::Closure(_) | Start::Value(_) | Start::Missing => quote_spanned!(at(span)=> Closure),
    };
    let child = quote_spanned! {at(span)=>
        #private::DeclaredChild {
            name: #name,
            description: #description,
            restart: #restart,
            shutdown: #shutdown,
            significant: #significant,
            start: #private::DeclaredStart::#start,
        }
        .child()
    };
    quote!(#(#conditions)* #child)
}

/// `<path>::TREE`, wherever it is used at the same location: the compiler tells the same mistake at the
/// same place once. The path is that of a type, and as long as in the call, so that of a private one
/// only the function is told.
fn constant(path: &TokenStream) -> TokenStream {
    let span = at(path.clone().into_iter().last().map_or_else(Span::call_site, |last| last.span()));
    quote_spanned!(span=> <#path>::TREE)
}

fn is_called(tree: &Tree, method: &str) -> bool {
    tree.methods.clone().into_iter().any(|token| is_word(&token, method))
}

/// What was reported counts as if it were not written.
fn written<T: Copy>(
    value: Option<&Value<T>>,
    span: Span,
    krate: &Krate,
    known: impl Fn(T) -> TokenStream,
) -> TokenStream {
    let private = private(span, krate);
    match value {
        Some(Value::Known(value, _)) => {
            let value = known(*value);
            quote_spanned!(at(span)=> #private::Written::Known(#value))
        }
        Some(Value::Dynamic(_)) => quote_spanned!(at(span)=> #private::Written::Unknown),
        Some(Value::Wrong) | None => quote_spanned!(at(span)=> #private::Written::No),
    }
}

/// Of a block with named trees in it: that they are such, and that the times are kept which cannot
/// be added up without them.
pub(super) fn checks(tree: &Tree, krate: &Krate) -> Vec<TokenStream> {
    let mut checks = Vec::new();
    of_block(tree, &tree.title(), &[], krate, &mut checks);
    checks
}

fn of_block(
    block: &Tree,
    name: &str,
    conditions: &[&Attribute],
    krate: &Krate,
    checks: &mut Vec<TokenStream>,
) {
    if let (Some(Value::Known(budget, at_literal)), Bound::Elsewhere) =
        (&block.shutdown_budget, of_tree(block))
    {
        let span = *at_literal;
        let tree = tree(block, name, "", span, krate);
        let check = quote_spanned!(at(span)=> #tree.assert_fits_within_ms(#budget));
        checks.push(constant_item(conditions, &check, span));
    }
    for child in &block.children {
        let conditions = conditions.iter().copied().chain(child.conditions()).collect::<Vec<_>>();
        checks.extend(of_child(child, &conditions, krate));
        if let Start::Nested(nested) = &child.start {
            of_block(nested, &child.title(), &conditions, krate, checks);
        }
    }
}

fn of_child(child: &Child, conditions: &[&Attribute], krate: &Krate) -> Option<TokenStream> {
    let given = match child.options.shutdown {
        Some(Value::Known(Shutdown::Milliseconds(given), at)) if given > 0 => Some((given, at)),
        _ => None,
    };
    let span = given.map_or(child.name.span(), |(_, at)| at);
    let (tree, is_named) = match &child.start {
        Start::Named(call) => (constant(&call.path), true),
        Start::Nested(nested) if of_tree(nested) == Bound::Elsewhere => {
            (tree(nested, &child.title(), "", span, krate), false)
        }
        _ => return None,
    };
    let check = match given {
        Some((given, _)) => {
            let name = child.entry_name();
            // Named, so that all of the call is at the literal.
            let path = krate.at(span);
            quote_spanned!(at(span)=> #path::StaticTree::assert_has_time(&#tree, #name, #given))
        }
        None if is_named => {
            let private = private(span, krate);
            quote_spanned!(at(span)=> #private::named(&#tree))
        }
        None => return None,
    };
    Some(constant_item(conditions, &check, span))
}

fn constant_item(conditions: &[&Attribute], check: &TokenStream, span: Span) -> TokenStream {
    quote_spanned!(at(span)=> #(#conditions)* const _: () = #check;)
}
