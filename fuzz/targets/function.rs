//! Feeds any text whose brackets match to the attribute `#[child(..)]`, as a function.
//!
//! The first group of the text is the argument of the attribute.

#![no_main]

#[path = "../../sage-supervisor-macros/src/language/tests/holds.rs"]
#[expect(dead_code, reason = "the other target uses the rest")]
mod holds;
#[path = "../../sage-supervisor-macros/src/language/mod.rs"]
mod language;

use libfuzzer_sys::fuzz_target;
use proc_macro2::{TokenStream, TokenTree};

fuzz_target!(|text: &str| {
    let Ok(tokens) = text.parse::<TokenStream>() else { return };
    let mut tokens = tokens.into_iter().peekable();
    let arguments = match tokens.next_if(|token| matches!(token, TokenTree::Group(_))) {
        Some(TokenTree::Group(group)) => group.stream(),
        _ => TokenStream::new(),
    };
    if let Err(what) = holds::for_a_function(&arguments, &tokens.collect()) {
        panic!("{what}");
    }
});
