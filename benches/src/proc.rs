//! Figures of the kernel about this process.

use std::fs;
use std::time::Duration;

/// The resident set in bytes.
pub fn resident() -> u64 {
    const PAGE: u64 = 4096;
    let statm = fs::read_to_string("/proc/self/statm").expect("this is Linux");
    let pages = statm.split_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.expect("the kernel says so") * PAGE
}

/// The largest resident set so far, in bytes.
pub fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("this is Linux");
    number_after(&status, "VmHWM:") * 1024
}

fn number_after(text: &str, field: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).expect("the kernel says so")
}

/// The activity of threads.
#[derive(Debug, Clone, Copy, Default)]
pub struct Activity {
    pub cpu: Duration,
    pub wake_ups: u64,
}

/// The activity of all threads of this process except the calling one, since they began.
pub fn activity() -> Activity {
    let this = fs::read_link("/proc/thread-self").expect("this is Linux");
    let this = this.file_name().expect("it ends with the number of the thread").to_owned();
    let mut activity = Activity::default();
    for task in fs::read_dir("/proc/self/task").expect("this is Linux").flatten() {
        if task.file_name() == this {
            continue;
        }
        // The thread may have ended since the folder was read.
        let (Ok(time), Ok(status)) = (
            fs::read_to_string(task.path().join("schedstat")),
            fs::read_to_string(task.path().join("status")),
        ) else {
            continue;
        };
        let nanoseconds = time.split_whitespace().next().and_then(|time| time.parse().ok());
        activity.cpu += Duration::from_nanos(nanoseconds.unwrap_or(0));
        activity.wake_ups += number_after(&status, "voluntary_ctxt_switches:");
    }
    activity
}
