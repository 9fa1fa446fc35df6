//! The end of the process.

use std::io::Write as _;
use std::thread;
use std::time::Duration;

use super::errands::Errands;
use crate::contain::contain;
use crate::report::{Report, Requester};

/// The time that the log, the report and the code that runs at an exit have, before the process ends without
/// them. All of them may write to a pipe that nobody reads.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Ends the process with the exit code for this signal, and runs nothing before that: neither a
/// destructor nor a handler that is registered for the exit.
pub(super) fn at_once(number: i32) -> ! {
    signal_hook::low_level::exit(after_signal(number))
}

/// Writes a report on a failure to standard error, and ends the process with the exit code of the report,
/// whatever blocks. `log` is a thread that is waited for.
pub(super) fn end_process(report: &Report, log: Option<&Errands>) -> ! {
    let code = code(report);
    let watchdog = thread::Builder::new().name("sage-supervisor-exit".to_owned());
    let watched = watchdog.spawn(move || {
        thread::sleep(LAST_WORDS);
        signal_hook::low_level::exit(code)
    });
    if watched.is_err() {
        signal_hook::low_level::exit(code);
    }
    if let Some(log) = log {
        log.block();
    }
    if code != 0 {
        // The text of an error is the user's code. The end of the process does not depend on whether
        // the text can be written.
        let _ = contain(|| {
            let text = format!("{report}\n");
            let _ = std::io::stderr().write_all(text.as_bytes());
        });
    }
    std::process::exit(code)
}

/// Ends the process of a tree that could not take a place in the list.
pub(crate) fn end_without_place(report: &Report) -> ! {
    end_process(report, None)
}

fn code(report: &Report) -> i32 {
    match (&report.aborted_by, report.result()) {
        (Some(Requester::Signal { number }), _) => after_signal(*number),
        (_, Err(_)) => 1,
        (_, Ok(())) => 0,
    }
}

/// Returns the code with which shells report a process that was ended by a signal.
fn after_signal(number: i32) -> i32 {
    128 + number
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;
    use crate::error::SageError;

    #[test]
    fn the_code_tells_how_the_tree_ended() {
        let signal = Requester::Signal { number: 15 };
        let failed = || SageError::other("down");
        let table = [
            (None, false, 0),
            (None, true, 1),
            (Some(Requester::Handle), false, 0),
            (Some(Requester::Handle), true, 1),
            (Some(signal.clone()), false, 143),
            (Some(signal), true, 143),
        ];
        for (aborted_by, fails, expected) in table {
            let mut report = Report::of_error("root".to_owned(), failed(), Instant::now());
            if !fails {
                report.set_result(Ok(()));
            }
            report.aborted_by = aborted_by;
            assert_eq!(code(&report), expected, "{:?} {fails}", report.aborted_by);
        }
    }
}
