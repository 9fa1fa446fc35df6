//! Feeds any text whose brackets match to the macro `supervisor!`, as the inside of a block.

#![no_main]

#[path = "../../sage-supervisor-macros/src/language/tests/holds.rs"]
#[expect(dead_code, reason = "the other target uses the rest")]
mod holds;
#[path = "../../sage-supervisor-macros/src/language/mod.rs"]
mod language;

use libfuzzer_sys::fuzz_target;
use proc_macro2::TokenStream;

fuzz_target!(|text: &str| {
    let Ok(tokens) = text.parse::<TokenStream>() else { return };
    if let Err(what) = holds::for_a_block(&tokens) {
        panic!("{what}");
    }
});
