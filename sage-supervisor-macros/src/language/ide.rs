//! Code for editors: every key is repeated as a name that is imported from a module of the runtime
//! crate. An editor completes the name there, and finds its documentation.
//!
//! To complete a word, an editor compares the expansion with another one that has a longer word at
//! the caret. Therefore these imports come first in the expansion, and every module is listed even
//! if it has no keys: no token in front of the caret may move.

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};

use crate::language::diag::Diag;
use crate::language::krate::{Krate, generated_at};
use crate::language::lower::nested;
use crate::language::split::{Attribute, Entry, Form, List, entries};

/// The keys, by the module of `expansion::ide` that documents them.
#[derive(Default)]
struct Keys {
    attributes: Vec<Ident>,
    settings: Vec<Ident>,
    options: Vec<Ident>,
    delays: Vec<Ident>,
}

/// Returns the imports for the keys of a block, of its children, and of the blocks in it.
pub(crate) fn of_block(tokens: TokenStream, krate: &Krate) -> TokenStream {
    let mut keys = Keys::default();
    keys.of_block(tokens);
    let Keys { attributes, settings, options, delays } = keys;
    let modules = [
        ("attributes", attributes),
        ("settings", settings),
        ("options", options),
        ("delays", delays),
    ];
    for_editors(modules, krate)
}

/// Returns the imports for the keys of the `#[child(..)]` of a function.
pub(crate) fn of_function(arguments: TokenStream, krate: &Krate) -> TokenStream {
    let mut keys = Keys::default();
    keys.of_options(arguments);
    for_editors([("function", keys.options), ("delays", keys.delays)], krate)
}

/// Splits a list. Its mistakes are reported by the expansion proper.
fn split(tokens: TokenStream, list: List) -> Vec<Entry> {
    entries(tokens, list, &mut Diag::default())
}

impl Keys {
    fn of_block(&mut self, tokens: TokenStream) {
        for Entry { attributes, key, form } in split(tokens, List::Block) {
            // An entry that has no attribute is a setting, or a child whose mark is missing.
            if attributes.is_empty() {
                self.of_delays(&key, &form);
                keep(key, &mut self.settings);
                continue;
            }
            for attribute in &attributes {
                self.of_attribute(attribute);
            }
            let Form::Assign(value) = form else { continue };
            if let Some((inner, _)) = nested(&value) {
                self.of_block(inner);
            }
        }
    }

    fn of_attribute(&mut self, attribute: &Attribute) {
        let Some(TokenTree::Group(inside)) = attribute.to_token_stream().into_iter().nth(1) else {
            return;
        };
        let mut inside = inside.stream().into_iter();
        let Some(TokenTree::Ident(word)) = inside.next() else { return };
        match inside.next() {
            Some(TokenTree::Group(arguments)) if word == "child" => {
                self.of_options(arguments.stream());
            }
            _ => {}
        }
        keep(word, &mut self.attributes);
    }

    fn of_options(&mut self, tokens: TokenStream) {
        for Entry { key, form, .. } in split(tokens, List::Options) {
            self.of_delays(&key, &form);
            keep(key, &mut self.options);
        }
    }

    fn of_delays(&mut self, key: &Ident, form: &Form) {
        let Form::List(arguments) = form else { return };
        if key == "backoff" {
            for Entry { key, .. } in split(arguments.stream(), List::Options) {
                keep(key, &mut self.delays);
            }
        }
    }
}

/// Adds the key, unless it is a keyword: that cannot be imported.
fn keep(key: Ident, keys: &mut Vec<Ident>) {
    if syn::parse2::<Ident>(key.to_token_stream()).is_ok() {
        keys.push(key);
    }
}

/// Returns the imports. The compiler skips them, and no lint complains about them. They consist of
/// as few tokens as possible, because each token is a call into the compiler.
fn for_editors<const N: usize>(modules: [(&str, Vec<Ident>); N], krate: &Krate) -> TokenStream {
    let span = generated_at(Span::call_site());
    let path = krate.path();
    let comma = TokenTree::from(Punct::new(',', Spacing::Alone));
    let modules = modules.into_iter().map(|(module, keys)| {
        let keys = keys.into_iter().flat_map(|key| [key.into(), comma.clone()]).collect();
        let keys = Group::new(Delimiter::Brace, keys);
        let module = Ident::new(module, span);
        quote_spanned!(span=> #module::#keys,)
    });
    quote_spanned! {span=>
        #[allow(unexpected_cfgs)]
        {
            #[cfg(rust_analyzer)]
            { use #path::expansion::ide::{#(#modules)*}; }
        }
    }
}
