//! Counts the instructions that the supervisor executes, by callgrind: exact where times are not.
//!
//! ```text
//! counts             counts, and prints the counts
//! counts --check     counts, and fails if a count exceeds the one in `counts.txt` by more than 3 %
//! counts --write     counts, and writes `counts.txt`
//! ```
//!
//! `counts.sh` starts this program with the right toolchain. The program starts itself under valgrind
//! twice for each operation: once with N and once with 2 N repetitions. The difference of the two
//! counts is that of N operations and nothing else.
//!
//! The allocator is not that of the system. With glibc's, the cost of a release depends on what lies beside
//! the block: the same operation took up to a tenth more instructions in another layout of the heap.

mod kept;
#[path = "../lock.rs"]
mod lock;
mod valgrind;
mod work;

use std::process::ExitCode;

use valgrind::RUN;
use work::Operation;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match *words {
        [RUN, operation, times] => return run(operation, times),
        [] => valgrind::count_all().map(|counts| print!("{}", kept::text(&counts))),
        ["--write"] => valgrind::count_all().and_then(|counts| kept::write(&counts)),
        ["--check"] => valgrind::count_all().and_then(|counts| kept::check(&counts)),
        _ => Err("usage: counts [--check | --write]".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Carries an operation out the given number of times. Only instructions within one function count.
fn run(operation: &str, times: &str) -> ExitCode {
    let operation = Operation::ALL.into_iter().find(|known| known.name() == operation);
    let (Some(operation), Ok(times)) = (operation, times.parse()) else {
        eprintln!("expected the name of an operation and a number");
        return ExitCode::FAILURE;
    };
    operation.run(times);
    ExitCode::SUCCESS
}
