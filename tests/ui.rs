//! The declarations that the macros accept, and their messages for mistakes.
//!
//! `TRYBUILD=overwrite cargo test -p sage-supervisor-tests --test ui` writes the messages anew.

#[path = "ui/index.rs"]
mod index;

use std::io::{self, Write};
use std::process::Command;

/// The toolchain whose messages `ui/types` has on record.
const PINNED: &str = "1.95.0";

#[test]
fn mistakes_are_answered() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    cases.compile_fail("ui/macro/*.rs");
    if is_pinned() {
        cases.compile_fail("ui/types/*.rs");
    } else {
        // The test harness captures the output of `println!`.
        let skipped = format!("skipped: `ui/types` is in the words of rustc {PINNED}\n");
        io::stdout().write_all(skipped.as_bytes()).expect("there is a standard output");
    }
}

fn is_pinned() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().expect("rustc tells its version");
    String::from_utf8_lossy(&version.stdout).split_whitespace().nth(1) == Some(PINNED)
}
