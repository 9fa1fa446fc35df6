//! The counts that are kept in `counts.txt`, and the comparison of new counts with them.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use crate::lock;
use crate::valgrind::Count;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/counts.txt");

const HEAD: &str = "\
# Instructions on a current-thread runtime, counted by callgrind. Written by `counts.sh --write`;
# `counts.sh --check` fails if a count has grown by more than 3 %. The changelog explains every count
# that was accepted although it had grown.
";

/// The growth of a count that is still accepted, in percent.
const ALLOWED: f64 = 3.0;

/// The packages that the counts depend on besides this project.
const BUILT_WITH: [&str; 4] = ["tokio", "tokio-util", "tracing", "mimalloc"];

/// The text of `counts.txt`.
pub fn text(counts: &[Count]) -> String {
    let mut text = HEAD.to_owned();
    for (what, which) in surroundings() {
        let _ = writeln!(text, "{what}: {which}");
    }
    for Count { what, instructions } in counts {
        let _ = writeln!(text, "{what}: {instructions}");
    }
    text
}

fn surroundings() -> Vec<(&'static str, String)> {
    let rustc = Command::new("rustc").arg("--version").output();
    let rustc = rustc.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let mut all = vec![("toolchain", rustc.unwrap_or_default())];
    let version = |package| lock::version(package).unwrap_or("unknown").to_owned();
    all.extend(BUILT_WITH.map(|package| (package, version(package))));
    all
}

pub fn write(counts: &[Count]) -> Result<(), String> {
    let text = text(counts);
    print!("{text}");
    fs::write(FILE, text).map_err(|error| format!("failed to write counts.txt: {error}"))
}

/// Compares new counts with the kept ones.
///
/// # Errors
///
/// Fails if a count has grown by more than [`ALLOWED`], or if the counts cannot be compared.
pub fn check(counts: &[Count]) -> Result<(), String> {
    let text =
        fs::read_to_string(FILE).map_err(|error| format!("failed to read counts.txt: {error}"))?;
    let kept = |what: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(": "));
        line.ok_or_else(|| format!("counts.txt has no `{what}`; write it again with --write"))
    };
    for (what, which) in surroundings() {
        let before = kept(what)?;
        if before != which {
            return Err(format!(
                "counts.txt was made with {what} {before}, this is {which}; write it again with \
                 --write, and look at the difference"
            ));
        }
    }
    let mut grown = 0;
    for Count { what, instructions } in counts {
        let before: u64 =
            kept(what)?.parse().map_err(|_| format!("`{what}` in counts.txt is not a number"))?;
        let change = (*instructions as f64 / before as f64 - 1.0) * 100.0;
        let mark = if change > ALLOWED { "  grown" } else { "" };
        println!("{what:<16} {before:>8} {instructions:>8} {change:>+7.2} %{mark}");
        grown += u32::from(change > ALLOWED);
    }
    if grown > 0 {
        Err(format!("{grown} counts have grown by more than {ALLOWED} %"))
    } else {
        Ok(())
    }
}
