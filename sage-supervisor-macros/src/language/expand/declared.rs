//! The constant that describes a declared tree.
//!
//! The path of a named tree has the user's spans: if the path does not name such a tree, the
//! compiler reports it there.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use sage_supervisor_policy::{DeclaredBackoff, Setting, WrittenStart};

use super::values::{restart_policy, shutdown, strategy, variant_of};
use crate::language::args::Value;
use crate::language::backoff::Backoff;
use crate::language::declared;
use crate::language::krate::{Krate, generated_at};
use crate::language::model::{Child, NamedTree, Options, Start, Tree};

/// The default name of a supervisor, and its description.
pub(super) struct Title<'a> {
    name: String,
    description: &'a str,
    /// The unique name of the function, if the supervisor is a named tree.
    function: Option<TokenStream>,
}

impl<'a> Title<'a> {
    /// The title of a block that is an expression.
    pub(super) fn of_block(block: &Tree) -> Self {
        Self { name: block.called(), description: "", function: None }
    }

    /// The title of a nested block.
    pub(super) fn of_entry(child: &'a Child) -> Self {
        Self { name: child.entry_name(), description: &child.description, function: None }
    }

    /// The title of a named tree.
    pub(super) fn of_function(function: &'a NamedTree, stamp: TokenStream) -> Self {
        let (name, description) = (function.tree.called(), &function.description);
        Self { name, description, function: Some(stamp) }
    }
}

/// Returns the tree with all that is below it, described at one location.
pub(super) fn tree(tree: &Tree, title: &Title<'_>, span: Span, krate: &Krate) -> TokenStream {
    let nested = tree.children.iter().map(|child| match &child.start {
        Start::Nested(nested) => Some(self::tree(nested, &Title::of_entry(child), span, krate)),
        _ => None,
    });
    spelled(tree, title, span, krate, &nested.collect::<Vec<_>>())
}

/// Returns the tree, with the given expressions for its nested blocks.
pub(super) fn spelled(
    tree: &Tree,
    title: &Title<'_>,
    span: Span,
    krate: &Krate,
    nested: &[Option<TokenStream>],
) -> TokenStream {
    let expansion = krate.expansion_at(span);
    let Title { name, description, function } = title;
    let written = declared::supervisor(tree, name);
    let strategy =
        written.strategy.map(|word| strategy(Some(&Value::Known(word, span)), span, krate));
    let strategy = setting(strategy, span, krate);
    let max_restarts = written.max_restarts.map(|count| option(count.as_ref(), span));
    let max_restarts = setting(max_restarts, span, krate);
    let within = setting(written.within_ms, span, krate);
    let kill_grace = setting(written.kill_grace_ms, span, krate);
    let own_name = setting(written.own_name, span, krate);
    let function = option(function.as_ref(), span);
    let delays = delays(tree.backoff.as_ref(), tree.forgive_after.as_ref(), span, krate);
    let orders = orders(tree, span, krate);
    let more = declared::has_more(tree)
        .then(|| quote_spanned!(generated_at(span)=> .with_more_children()));
    let children = tree.children.iter().zip(nested);
    let children = children.map(|(entry, nested)| child(entry, nested.as_ref(), span, krate));
    // The list of children contains calls, which are not promoted to `'static` by themselves. The
    // `const` block makes a constant of the list.
    quote_spanned! {generated_at(span)=>
        #expansion::WrittenTree {
            name: #name,
            own_name: #own_name,
            function: #function,
            description: #description,
            strategy: #strategy,
            max_restarts: #max_restarts,
            within_ms: #within,
            kill_grace_ms: #kill_grace,
            children: const { &[#(#children),*] },
        }
        .declare() #delays #orders #more
    }
}

/// Returns the call for the orders, which most supervisors do without.
fn orders(tree: &Tree, span: Span, krate: &Krate) -> Option<TokenStream> {
    if tree.start.is_none() && tree.stop.is_none() {
        return None;
    }
    let (start, stop) = declared::orders(tree);
    let [start, stop] = [start, stop].map(|order| {
        let order = order.map(|order| variant_of("Order", order, span, krate));
        setting(order, span, krate)
    });
    Some(quote_spanned!(generated_at(span)=> .ordered(#start, #stop)))
}

/// Returns the calls for a backoff and for the time after which restarts are forgiven, which most
/// supervisors and children do without.
fn delays(
    backoff: Option<&Backoff>,
    forgive_after: Option<&Value<u64>>,
    span: Span,
    krate: &Krate,
) -> TokenStream {
    let expansion = krate.expansion_at(span);
    let generated = generated_at(span);
    let backoff = backoff.map(|backoff| {
        let backoff = declared::backoff(Some(backoff)).map(|backoff| {
            let DeclaredBackoff { initial_ms, max_ms, factor, jitter, reset_after_ms } = backoff;
            quote_spanned! {generated=>
                #expansion::DeclaredBackoff {
                    initial_ms: #initial_ms,
                    max_ms: #max_ms,
                    factor: #factor,
                    jitter: #jitter,
                    reset_after_ms: #reset_after_ms,
                }
            }
        });
        let backoff = setting(backoff, span, krate);
        quote_spanned!(generated=> .delayed(#backoff))
    });
    let forgive_after = forgive_after.map(|time| {
        let time = setting(declared::setting(Some(time)).copied(), span, krate);
        quote_spanned!(generated=> .forgiving(#time))
    });
    quote!(#backoff #forgive_after)
}

fn child(child: &Child, nested: Option<&TokenStream>, span: Span, krate: &Krate) -> TokenStream {
    let expansion = krate.expansion_at(span);
    let conditions = child.conditions();
    let name = child.entry_name();
    let written = declared::child(child, &name, declared::start(child));
    let description = written.description;
    let restart = written.restart.map(|word| restart_policy(word, span, krate));
    let restart = setting(restart, span, krate);
    let shutdown = written.shutdown.map(|time| shutdown(time, span, krate));
    let shutdown = setting(shutdown, span, krate);
    let significant = written.significant;
    let Options { backoff, forgive_after, .. } = &child.options;
    let delays = delays(backoff.as_ref(), forgive_after.as_ref(), span, krate);
    let pool = pool(child, span, krate);
    let limits = limits(child, span, krate);
    let start = match (&child.start, written.start) {
        (Start::Nested(_), _) => quote_spanned!(generated_at(span)=> Nested(#nested)),
        (Start::Named(call), _) => {
            let mut tree = constant(&call.path);
            let path = krate.path_at(span);
            if call.sets_kill_grace {
                tree = quote_spanned!(generated_at(span)=> #path::DeclaredTree::with_unknown_grace(#tree));
            }
            if call.adds_children {
                tree = quote_spanned!(generated_at(span)=> #path::DeclaredTree::with_more_children(#tree));
            }
            quote_spanned!(generated_at(span)=> Nested(#tree))
        }
        (_, WrittenStart::Value) => quote_spanned!(generated_at(span)=> Value),
        _ => quote_spanned!(generated_at(span)=> Closure),
    };
    let child = quote_spanned! {generated_at(span)=>
        #expansion::WrittenChild {
            name: #name,
            description: #description,
            restart: #restart,
            shutdown: #shutdown,
            significant: #significant,
            start: #expansion::WrittenStart::#start,
        }
        .declare() #delays #pool #limits
    };
    quote!(#(#conditions)* #child)
}

/// Returns the calls for the time to become ready and for a restart limit of the child itself, which most
/// entries do without.
fn limits(child: &Child, span: Span, krate: &Krate) -> TokenStream {
    let generated = generated_at(span);
    let ready_within = (declared::ready_within(child) != Setting::Unset).then(|| {
        let time = setting(declared::ready_within(child), span, krate);
        quote_spanned!(generated=> .ready_within(#time))
    });
    let limit = declared::own_limit(child).map(|(max_restarts, within)| {
        let max_restarts = setting(max_restarts, span, krate);
        let within = setting(within, span, krate);
        quote_spanned!(generated=> .limited(#max_restarts, #within))
    });
    quote!(#ready_within #limit)
}

/// Returns the call for the number of children, and for a child that may be left out, which most entries
/// do without.
fn pool(child: &Child, span: Span, krate: &Krate) -> Option<TokenStream> {
    let Options { instances, when, .. } = &child.options;
    if instances.is_none() && when.is_none() {
        return None;
    }
    let instances = setting(declared::instances(child), span, krate);
    let is_optional = when.is_some();
    Some(quote_spanned!(generated_at(span)=> .pooled(#instances, #is_optional)))
}

/// Returns `<path>::TREE`, always at the same location for the same path: the compiler shows the
/// same error at the same place only once.
///
/// The path is written as a type and has the same length as in the call, so that of a private tree
/// only the function is reported.
pub(super) fn constant(path: &TokenStream) -> TokenStream {
    let span = generated_at(
        path.clone().into_iter().last().map_or_else(Span::call_site, |last| last.span()),
    );
    quote_spanned!(span=> <#path>::TREE)
}

fn setting(setting: Setting<impl ToTokens>, span: Span, krate: &Krate) -> TokenStream {
    let expansion = krate.expansion_at(span);
    let variant = match setting {
        Setting::Unset => quote_spanned!(generated_at(span)=> Unset),
        Setting::Known(value) => quote_spanned!(generated_at(span)=> Known(#value)),
        Setting::Dynamic => quote_spanned!(generated_at(span)=> Dynamic),
    };
    quote_spanned!(generated_at(span)=> #expansion::Setting::#variant)
}

fn option(value: Option<&impl ToTokens>, span: Span) -> TokenStream {
    match value {
        Some(value) => quote_spanned!(generated_at(span)=> ::core::option::Option::Some(#value)),
        None => quote_spanned!(generated_at(span)=> ::core::option::Option::None),
    }
}
