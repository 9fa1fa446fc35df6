//! Runs operations under callgrind, and derives the cost of one operation of each kind.

use std::fs;
use std::process::{Command, Stdio};

use crate::work::{COLLECTED, EVENTS_OF_A_RESTART, Operation};

/// The cost of one operation, in instructions.
pub struct Count {
    pub what: &'static str,
    pub instructions: u64,
}

/// The word before the arguments of one run under valgrind.
pub const RUN: &str = "run";

/// The number of operations that are counted. With so many, the random seeds of hash maps do not show.
const TIMES: u32 = 4_000;

pub fn count_all() -> Result<Vec<Count>, String> {
    let mut counts = Vec::new();
    let mut restart = 0;
    for operation in Operation::ALL {
        let all = collected(operation, 2 * TIMES)?.saturating_sub(collected(operation, TIMES)?);
        let one = all / u64::from(TIMES);
        let count = match operation {
            Operation::Restart => {
                restart = one;
                Count { what: "restart", instructions: one }
            }
            Operation::RestartSeen => {
                let events = one.saturating_sub(restart);
                Count { what: "event", instructions: events / u64::from(EVENTS_OF_A_RESTART) }
            }
            _ => Count { what: operation.name(), instructions: one },
        };
        counts.push(count);
    }
    Ok(counts)
}

/// Counts the instructions within the function named [`COLLECTED`].
fn collected(operation: Operation, times: u32) -> Result<u64, String> {
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    let name = format!("sage-supervisor-counts-{}-{}", std::process::id(), operation.name());
    let file = std::env::temp_dir().join(name);
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", &format!("--toggle-collect=*{COLLECTED}*")])
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(this)
        .args([RUN, operation.name(), &times.to_string()])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("failed to start valgrind: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let profile = fs::read_to_string(&file).map_err(|error| error.to_string())?;
    let _ = fs::remove_file(&file);
    let total = profile.lines().rev().find_map(|line| line.strip_prefix("totals: "));
    match total.and_then(|total| total.trim().parse().ok()) {
        Some(0) | None => Err(format!("nothing was collected within `{COLLECTED}`")),
        Some(total) => Ok(total),
    }
}
