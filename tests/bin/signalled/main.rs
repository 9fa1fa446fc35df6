//! A program that runs until a signal ends it, for the tests of signals, which are those of Unix.

#[cfg(unix)]
mod program;

fn main() {
    #[cfg(unix)]
    program::main();
}
