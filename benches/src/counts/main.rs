//! Instructions that the supervisor executes, counted by callgrind: exact where times are not.
//!
//! ```text
//! counts             counts, and prints
//! counts --check     counts, and fails if one grew by more than 3 % over `counts.txt`
//! counts --write     counts, and writes `counts.txt`
//! ```
//!
//! To be started by `counts.sh`, which sees to the toolchain. This program starts itself under
//! valgrind, twice for each operation, once with half as many as the other time; the difference is
//! that many operations and nothing else.

mod kept;
#[path = "../lock.rs"]
mod lock;
mod valgrind;
mod work;

use std::process::ExitCode;

use work::Operation;

/// The word before the arguments of one run under valgrind.
const RUN: &str = "run";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match *words {
        [RUN, operation, times] => return run(operation, times),
        [] => valgrind::count_all().map(|counts| print!("{}", kept::text(&counts))),
        ["--write"] => valgrind::count_all().and_then(|counts| kept::write(&counts)),
        ["--check"] => valgrind::count_all().and_then(|counts| kept::check(&counts)),
        _ => Err("counts [--check | --write]".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Carries an operation out so many times; what of it counts is within one function.
fn run(operation: &str, times: &str) -> ExitCode {
    let operation = Operation::ALL.into_iter().find(|known| known.name() == operation);
    let (Some(operation), Ok(times)) = (operation, times.parse()) else {
        eprintln!("unknown operation, or not a number");
        return ExitCode::FAILURE;
    };
    operation.run(times);
    ExitCode::SUCCESS
}
