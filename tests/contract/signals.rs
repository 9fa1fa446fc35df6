//! The end of a process by signals (rules 27 and 33). Each test watches a real process of its own.

use std::io::{BufRead, BufReader, Lines, Read as _, Write as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Duration;

struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

/// A shell that ignores no signal, even if the test itself runs under `nohup` or in the background. A
/// shell cannot take back by itself what it was started to ignore.
fn shell_with_default_signals() -> Command {
    const DEFAULT: &str = "--default-signal=HUP,INT,TERM";
    let knows_it = Command::new("env").args([DEFAULT, "true"]).stderr(Stdio::null()).status();
    if !knows_it.is_ok_and(|status| status.success()) {
        return Command::new("sh"); // the tests need a terminal then
    }
    let mut shell = Command::new("env");
    shell.args([DEFAULT, "sh"]);
    shell
}

impl Process {
    /// Starts the program, and waits until its child is up.
    fn start(way: &str, mode: &str) -> Self {
        Self::started_by("", way, mode)
    }

    /// Starts the program in a shell that has run `before`.
    fn started_by(before: &str, way: &str, mode: &str) -> Self {
        let mut child = shell_with_default_signals()
            .args(["-c", &format!("{before} exec \"$0\" {way} {mode}")])
            .arg(env!("CARGO_BIN_EXE_signalled"))
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut process = Self { child, lines };
        assert_eq!(process.line(), "ready");
        process
    }

    fn line(&mut self) -> String {
        self.lines.next().expect("it has not ended").unwrap()
    }

    fn signal(&self, name: &str) {
        self.shell(&format!("kill -{name} $PID"));
    }

    fn shell(&self, command: &str) {
        let pid = self.child.id().to_string();
        let status = Command::new("sh").args(["-c", command]).env("PID", pid).status();
        assert!(status.unwrap().success());
    }

    /// The rest of the output, up to the end of the process.
    fn rest(&mut self) -> Vec<String> {
        self.lines.by_ref().map(Result::unwrap).collect()
    }

    fn end(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// The exit code, and the text on standard error.
    fn code(mut self) -> (Option<i32>, String) {
        let mut text = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        (self.child.wait().unwrap().code(), text)
    }
}

impl Drop for Process {
    /// A test that fails leaves no process behind.
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

#[test]
fn rule_27_the_first_signal_is_a_graceful_stop() {
    for (way, name) in [("run", "TERM"), ("run", "INT"), ("run", "HUP"), ("start", "TERM")] {
        let mut process = Process::start(way, "obey");
        process.signal(name);
        assert_eq!(process.line(), "asked");
        assert_eq!(process.line(), "ok");
        assert!(process.end().success());
    }
}

#[test]
fn rule_27_the_second_signal_aborts_everything() {
    let mut process = Process::start("run", "slow");
    process.signal("TERM");
    assert_eq!(process.line(), "asked");
    process.signal("INT");
    assert_eq!(process.line(), "error: aborted before everything had stopped (Ctrl-C)");
    assert!(process.end().success());
}

/// `SAGE_SIGNAL_RUNS` sets how many processes are signalled, 10 by default. A process manager signals
/// the process and its group, one after the other.
#[test]
fn rule_27_a_signal_that_arrives_twice_is_one() {
    let runs = std::env::var("SAGE_SIGNAL_RUNS").map_or(10, |runs| runs.parse().unwrap());
    for first in (0..runs).step_by(10) {
        let flushes = (first..runs.min(first + 10)).map(|run| {
            let process = Process::start("main", "flush");
            let again = ["TERM", "INT", "HUP"][run % 3];
            let gap = run % 10 * 5;
            process.shell(&format!("kill -TERM $PID; sleep 0.0{gap:02}; kill -{again} -$PID"));
            process
        });
        for mut process in flushes.collect::<Vec<_>>() {
            assert_eq!(process.rest(), ["asked", "flushed"]);
            assert_eq!(process.code(), (Some(0), String::new()));
        }
    }
}

#[test]
fn rule_27_the_report_names_the_signals() {
    let mut process = Process::start("report", "slow");
    process.signal("TERM");
    assert_eq!(process.line(), "asked");
    process.signal("HUP");
    let told = "Requested { by: Signal { number: 15 }, reason: None }, \
                aborted: Some(Signal { number: 1 })";
    assert_eq!(process.line(), told);
    assert!(process.end().success());
}

#[test]
fn rule_27_a_hangup_that_is_ignored_or_handled_already_ends_nothing() {
    for (before, mode) in [("trap '' HUP;", "obey"), ("", "own")] {
        let mut process = Process::started_by(before, "report", mode);
        process.signal("HUP");
        if mode == "own" {
            assert_eq!(process.line(), "its own");
        }
        process.signal("TERM");
        let told = "Requested { by: Signal { number: 15 }, reason: None }, aborted: None";
        assert_eq!(process.rest(), ["asked", told]);
        assert!(process.end().success());
    }
}

/// A process is in a group of its own, which a closed terminal does not signal.
#[test]
fn rule_27_a_hangup_leaves_no_process_behind() {
    let mut process = Process::start("main", "process");
    let number = process.line();
    process.signal("HUP");
    assert_eq!(process.line(), "asked");
    assert_eq!(process.child.wait().unwrap().code(), Some(0));
    process.shell(&format!("! kill -0 {number} 2>/dev/null"));
}

/// The function takes the place of the end under `nohup` as well. A panic ends one call alone.
#[test]
fn rule_27_a_function_takes_the_place_of_the_end_at_a_hangup() {
    for (before, way) in [("", "run"), ("trap '' HUP;", "start")] {
        let mut process = Process::started_by(before, way, "reloads");
        process.signal("HUP");
        assert_eq!(process.line(), "panics");
        for _ in 0..2 {
            process.signal("HUP");
            assert_eq!(process.line(), "asked");
            assert_eq!(process.line(), "ready");
        }
        process.signal("TERM");
        assert_eq!(process.rest(), ["asked", "ok"]);
        assert!(process.end().success());
    }
}

#[test]
fn rule_27_after_the_end_of_the_tree_a_signal_is_the_applications() {
    let mut process = Process::start("run", "after");
    process.signal("TERM");
    for line in ["asked", "ok", "waits"] {
        assert_eq!(process.line(), line);
    }
    process.signal("TERM");
    assert_eq!(process.line(), "heard");
    assert_eq!(process.end().code(), Some(7));
}

#[test]
fn rule_27_a_subscriber_that_panics_does_not_make_it_immune_to_signals() {
    let mut process = Process::start("run", "rude");
    process.signal("TERM");
    assert_eq!(process.line(), "asked");
    assert_eq!(process.line(), "ok");
    assert!(process.end().success());
}

/// The start does not return, so there is nothing yet that could be stopped.
#[test]
fn rule_27_a_log_that_blocks_the_start_does_not_make_it_immune_to_signals() {
    for way in ["run", "main"] {
        let process = Process::start(way, "stuck");
        process.shell("for name in TERM INT HUP; do kill -$name $PID; done");
        let status = process.end();
        let code = status.code().expect("the process ends by itself");
        assert!([129, 130, 143].contains(&code), "the last of three that arrive at once: {code}");
    }
}

/// The children are stopped. The end of the tree has an event as well, which holds up the engine.
#[test]
fn rule_27_a_log_into_a_pipe_that_nobody_reads_does_not_make_it_immune_to_signals() {
    let mut process = Process::start("main", "piped");
    process.signal("TERM");
    assert_eq!(process.line(), "asked");
    process.signal("INT");
    process.signal("TERM");
    // Nothing tells that the second signal has been heard, so the third may be merged with the first.
    let status = loop {
        if let Some(status) = process.child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(20));
        process.signal("HUP");
    };
    assert!(status.code().is_some_and(|code| code > 128), "{status}");
}

#[test]
fn rule_27_a_waker_that_blocks_does_not_make_it_immune_to_signals() {
    let mut process = Process::start("run", "waker");
    process.signal("TERM");
    assert_eq!(process.line(), "asked");
    process.signal("INT");
    assert_eq!(process.line(), "error: aborted before everything had stopped (Ctrl-C)");
    assert!(process.end().success());
}

/// The signal finds a tree whose start has not returned yet.
#[test]
fn rule_27_a_signal_during_the_start_stops_the_tree() {
    let mut process = Process::start("report", "late");
    process.signal("TERM");
    process.child.stdin.take().unwrap().write_all(b"\n").unwrap();
    let told = "Requested { by: Signal { number: 15 }, reason: None }, aborted: None";
    assert_eq!(process.rest().last().map(String::as_str), Some(told));
    assert!(process.end().success());
}

/// The child never yields, and its kill grace is an hour.
#[test]
fn rule_27_the_third_signal_exits_with_its_number() {
    for (name, number) in [("TERM", 15), ("INT", 2), ("HUP", 1)] {
        let mut process = Process::start("run", "clings");
        process.signal("TERM");
        // Two pending signals of the same kind are merged into one, so the second signal is of
        // another kind.
        process.signal("INT");
        assert_eq!(process.line(), "killed");
        process.signal(name);
        let status = process.end();
        assert_eq!((status.code(), status.signal()), (Some(128 + number), None));
    }
}

#[test]
fn rule_27_the_exit_code_tells_how_the_tree_ended() {
    let mut process = Process::start("main", "obey");
    process.signal("TERM");
    assert_eq!(process.line(), "asked");
    assert_eq!(process.code(), (Some(0), String::new()));

    // The thread of `fails` is blocked for good.
    let (code, report) = Process::start("main", "fails").code();
    assert_eq!(code, Some(1));
    assert!(report.contains("killed and not ended: root/child"), "{report}");

    let mut process = Process::start("main", "slow");
    process.signal("TERM");
    assert_eq!(process.line(), "asked");
    process.signal("INT");
    let (code, report) = process.code();
    assert_eq!(code, Some(130));
    assert!(report.contains("Ctrl-C"), "{report}");
}

#[test]
fn rule_27_a_thread_that_lingers_does_not_keep_the_process() {
    let mut process = Process::start("main", "reads");
    process.signal("TERM");
    assert_eq!(process.line(), "asked");
    // Standard input is still open.
    assert_eq!(process.child.wait().unwrap().code(), Some(0));
}

/// Nobody reads what the process writes at its end.
#[test]
#[cfg(target_os = "linux")]
fn rule_27_an_output_that_blocks_does_not_keep_the_process() {
    for (mode, code) in [("full-1", 0), ("full-2", 130)] {
        let mut process = Process::start("main", mode);
        process.signal("TERM");
        if mode == "full-2" {
            assert_eq!(process.line(), "asked");
            process.signal("INT");
        }
        assert_eq!(process.end().code(), Some(code), "{mode}");
    }
}

#[test]
fn rule_33_every_signal_is_one_event_before_what_it_leads_to() {
    let mut process = Process::start("run", "slow");
    process.signal("TERM");
    assert_eq!(process.line(), "asked");
    process.signal("INT");
    let told = [
        "error: aborted before everything had stopped (Ctrl-C)",
        "root Signalled { number: 15, effect: Stop }",
        "root/child Stopping { timeout: None }",
        "root Signalled { number: 2, effect: Abort }",
        "root/child Killed { reason: Supervisor }",
        "root/child Exited { exit: Killed, asked: true }",
        "root Exited { exit: Error(aborted before everything had stopped (Ctrl-C)), asked: false }",
        "INFO event=signal path=root number=15 effect=stop",
        "INFO event=signal path=root number=2 effect=abort",
    ];
    assert_eq!(process.rest(), told);
    assert!(process.end().success());
}

/// A subscriber of `tracing` that never returns delays neither the stop of the tree nor the other
/// subscribers.
#[test]
fn rule_33_a_subscriber_that_hangs_at_a_signal_holds_up_neither_the_stop_nor_others() {
    let mut process = Process::start("run", "hangs");
    process.signal("TERM");
    assert_eq!(process.line(), "asked");
    assert_eq!(process.line(), "ok");
    assert_eq!(process.line(), "root Signalled { number: 15, effect: Stop }");
    process.rest();
    assert!(process.end().success());
}
