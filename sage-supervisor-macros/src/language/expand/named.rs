//! A named tree: the function, and the constant that describes the tree.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use super::declared;
use super::declared::Title;
use super::supervisor::{checked, supervisor};
use crate::language::doc;
use crate::language::draw;
use crate::language::ide;
use crate::language::krate::{Krate, generated_at};
use crate::language::model::{NamedTree, plain};

/// Returns the items of a named tree. `is_right` says that nothing was reported.
pub(crate) fn named_tree(function: &NamedTree, is_right: bool, krate: &Krate) -> TokenStream {
    let item = item(function, is_right, krate);
    // A function with `self`, which was reported, may stand in an `impl`, where an enum cannot.
    let constant = function.signature.receiver.is_none().then(|| constant(function, krate));
    quote!(#item #constant)
}

/// Returns the function.
fn item(function: &NamedTree, is_right: bool, krate: &Krate) -> TokenStream {
    let NamedTree { signature, tree: block, .. } = function;
    let attributes = signature.attributes.iter().map(|(_, tokens)| doc::tidied(tokens));
    let is_documented = signature.attributes.iter().any(|(path, _)| path == "doc");
    let summary = (!is_documented).then(|| quote!(#[doc = " A supervision tree."]));
    let drawing = draw::documentation(block);
    let called = plain(&signature.name);
    let link = format!(" The analyses of this tree: [`{called}::TREE`].");
    let link = signature.receiver.is_none().then(|| quote!(#[doc = ""] #[doc = #link]));
    let visibility = &signature.visibility;
    let (fn_token, name) = (&signature.fn_token, &signature.name);
    let (generics, where_clause) = (&signature.generics, &signature.where_clause);
    let arguments = signature.arguments.iter().map(|argument| &argument.tokens);
    let output = match &function.output {
        Some(output) => output.clone(),
        None => {
            let (path, span) = (krate.path_at(name.span()), generated_at(name.span()));
            quote_spanned!(span=> -> #path::Supervisor)
        }
    };
    let supervisor = supervisor(block, krate);
    let supervisor = if is_right { checked(block, supervisor, krate) } else { supervisor };
    // `called` names the supervisor after the function, unless the block gives it a name. The
    // runtime also compares the unique name with that of the tree that was checked, when the
    // supervisor is started as a child.
    let (expansion, stamp) = (krate.expansion_at(name.span()), stamp(name));
    let supervisor =
        quote_spanned!(generated_at(name.span())=> #expansion::called(#stamp, #supervisor));
    // The mistake was reported, at the signature or in a statement; the body would only repeat it.
    let body = match (&signature.receiver, &function.statements) {
        (None, Some(statements)) => quote!(#statements #supervisor),
        _ => quote!(::core::unreachable!()),
    };
    let lints = (!is_right).then(|| quote!(#[allow(unused)]));
    let keys = ide::of_block(function.entries.clone(), krate);
    let mut body = Group::new(Delimiter::Brace, quote!(#keys #body));
    body.set_span(signature.body.span());
    let body = TokenTree::from(body);
    // An argument that the block only clones cannot be a reference, as the lint would have it. The
    // `allow` comes first, so that the user's lint attributes override it.
    quote! {
        #[allow(clippy::needless_pass_by_value)]
        #(#attributes)* #summary #drawing #link #lints
        #visibility #fn_token #name #generics (#(#arguments),*) #output #where_clause #body
    }
}

/// Returns the enum with the constant. An enum, unlike a module, sees the same paths as the code
/// around it, also inside of functions.
fn constant(function: &NamedTree, krate: &Krate) -> TokenStream {
    let NamedTree { signature, tree: block, .. } = function;
    let location = signature.name.span();
    let (span, path) = (generated_at(location), krate.path_at(location));
    // The enum may have the name of the function, because types and functions have different
    // namespaces.
    let mut name = signature.name.clone();
    name.set_span(span);
    let copied = ["cfg", "doc"];
    let attributes = signature.attributes.iter().filter(|(path, tokens)| {
        copied.contains(&path.as_str()) && (path == "cfg" || is_hidden(tokens))
    });
    let attributes = attributes.map(|(_, tokens)| tokens).collect::<Vec<_>>();
    let conditions = signature.attributes.iter().filter(|(path, _)| path == "cfg");
    let conditions = conditions.map(|(_, tokens)| tokens);
    let visibility = &signature.visibility;
    let called = plain(&signature.name);
    let title =
        format!("The declared tree of [`{called}`](fn@{called}): see [`TREE`](Self::TREE).");
    let about = format!("The tree that [`{called}`](fn@{called}) declares.");
    let about_it = Title::of_function(function, stamp(&signature.name));
    let tree = declared::tree(block, &about_it, location, krate);
    // The constant is always public. With the visibility of the function, the compiler would report
    // a private tree once more, for its constant.
    quote_spanned! {span=>
        #(#attributes)*
        #[doc = #title]
        #visibility enum #name {}

        #(#conditions)*
        impl #name {
            #[doc = #about]
            pub const TREE: #path::DeclaredTree<'static> = #tree;
        }
    }
}

/// Returns the unique name of the function, as a string literal.
fn stamp(name: &Ident) -> TokenStream {
    let (span, name) = (generated_at(name.span()), plain(name));
    quote_spanned!(span=> ::core::concat!(::core::module_path!(), "::", #name))
}

/// Returns whether the attribute is `#[doc(hidden)]`.
fn is_hidden(attribute: &TokenStream) -> bool {
    attribute.to_string().replace(' ', "") == "#[doc(hidden)]"
}
