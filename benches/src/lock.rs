//! The versions that this crate is built with, read from its lock file.

const LOCK: &str = include_str!("../Cargo.lock");

/// The version of a package, if this crate depends on it.
pub fn version(package: &str) -> Option<&'static str> {
    let mut lines = LOCK.lines().skip_while(|line| *line != format!("name = \"{package}\""));
    lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')
}
