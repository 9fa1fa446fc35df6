//! The constant that describes a declared tree.
//!
//! The path of a named tree has the user's spans: if the path does not name such a tree, the
//! compiler reports it there.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use super::values::{restart_policy, shutdown, strategy};
use crate::language::args::{Limit, Value};
use crate::language::closure::is_async_block;
use crate::language::krate::{Krate, generated_at};
use crate::language::model::{Child, NamedTree, Start, Tree};
use crate::language::tokens::is_word;

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
    let private = krate.private_at(span);
    let Title { name, description, function } = title;
    let strategy = written(tree.strategy.as_ref(), span, krate, |word| {
        strategy(Some(&Value::Known(word, span)), span, krate)
    });
    let max_restarts = written(tree.max_restarts.as_ref(), span, krate, |limit| match limit {
        Limit::Count(count) => {
            quote_spanned!(generated_at(span)=> ::core::option::Option::Some(#count))
        }
        Limit::Unlimited => quote_spanned!(generated_at(span)=> ::core::option::Option::None),
    });
    let within = written(tree.within.as_ref(), span, krate, |time| time.to_token_stream());
    // The method is called behind the settings and replaces the value of the key. Its argument is
    // an expression, which is unknown here.
    let kill_grace = if is_called(tree, "kill_grace") {
        quote_spanned!(generated_at(span)=> #private::Written::Unknown)
    } else {
        written(tree.kill_grace.as_ref(), span, krate, |time| time.to_token_stream())
    };
    let own_name = written(tree.name.as_ref(), span, krate, |name| name.to_token_stream());
    let function = match function {
        Some(function) => {
            quote_spanned!(generated_at(span)=> ::core::option::Option::Some(#function))
        }
        None => quote_spanned!(generated_at(span)=> ::core::option::Option::None),
    };
    let children = tree.children.iter().zip(nested);
    let children = children.map(|(entry, nested)| child(entry, nested.as_ref(), span, krate));
    // The list of children contains calls, which are not promoted to `'static` by themselves. The
    // `const` block makes a constant of the list.
    quote_spanned! {generated_at(span)=>
        #private::DeclaredSupervisor {
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
        .tree()
    }
}

fn child(child: &Child, nested: Option<&TokenStream>, span: Span, krate: &Krate) -> TokenStream {
    let private = krate.private_at(span);
    let conditions = child.conditions();
    let name = child.entry_name();
    let description = &child.description;
    let options = &child.options;
    let restart =
        written(options.restart.as_ref(), span, krate, |word| restart_policy(word, span, krate));
    let shutdown =
        written(options.shutdown.as_ref(), span, krate, |time| shutdown(time, span, krate));
    let significant = options.significant.is_some();
    let start = match &child.start {
        Start::Nested(_) => quote_spanned!(generated_at(span)=> Nested(#nested)),
        Start::Named(call) => {
            let tree = constant(&call.path);
            match call.sets_kill_grace {
                true => {
                    quote_spanned!(generated_at(span)=> Nested(#private::with_unknown_grace(#tree)))
                }
                false => quote_spanned!(generated_at(span)=> Nested(#tree)),
            }
        }
        Start::Value(value) if !is_async_block(value) => quote_spanned!(generated_at(span)=> Value),
        // An `async` block was meant as a closure, and was reported.
        Start::Closure(_) | Start::Value(_) | Start::Missing => {
            quote_spanned!(generated_at(span)=> Closure)
        }
    };
    let child = quote_spanned! {generated_at(span)=>
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

/// Returns whether the method is called behind the block.
fn is_called(tree: &Tree, method: &str) -> bool {
    tree.methods.clone().into_iter().any(|token| is_word(&token, method))
}

/// Returns the value as the constant states it: known, unknown, or not written. A value that was
/// reported counts as not written.
fn written<T: Clone>(
    value: Option<&Value<T>>,
    span: Span,
    krate: &Krate,
    known: impl Fn(T) -> TokenStream,
) -> TokenStream {
    let private = krate.private_at(span);
    match value {
        Some(Value::Known(value, _)) => {
            let value = known(value.clone());
            quote_spanned!(generated_at(span)=> #private::Written::Known(#value))
        }
        Some(Value::Dynamic(_)) => quote_spanned!(generated_at(span)=> #private::Written::Unknown),
        Some(Value::Wrong) | None => quote_spanned!(generated_at(span)=> #private::Written::No),
    }
}
