//! What the macros accept, and what they answer to mistakes.
//!
//! `TRYBUILD=overwrite cargo test -p sage-supervisor-tests --test ui` writes the answers anew.

#[path = "ui/index.rs"]
mod index;

use std::io::{self, Write};
use std::process::Command;

/// The toolchain whose wording `ui/types` has on record.
const PINNED: &str = "1.95.0";

#[test]
fn mistakes_are_answered() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    cases.compile_fail("ui/macro/*.rs");
    if is_pinned() {
        cases.compile_fail("ui/types/*.rs");
    } else {
        // Not `println!`, which the test harness keeps to itself.
        let skipped = format!("skipped: `ui/types` is in the words of rustc {PINNED}\n");
        io::stdout().write_all(skipped.as_bytes()).expect("there is a standard output");
    }
}

fn is_pinned() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().expect("rustc tells its version");
    String::from_utf8_lossy(&version.stdout).split_whitespace().nth(1) == Some(PINNED)
}
